package io.gatehouse.core.settings;

import io.gatehouse.upstream.Upstream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Puts together what is said of images, and finds what in it does not go together. */
final class ImageBinder {
  /** What nobody says who does not mean to have a key. */
  private static final List<Setting<?>> NEED_A_KEY =
      List.of(Catalog.IMAGES_SALT, Catalog.IMAGES_SECRET, Catalog.IMAGES_SOURCES, Catalog.IMAGES_PRESETS);

  private final Values values;
  private final RoutingBinder routing;
  private final Checks checks;
  private final List<Origin> begins;

  /** @param begins where the tenants begin that have policies of their own */
  ImageBinder(Values values, RoutingBinder routing, Checks checks, List<Origin> begins) {
    this.begins = begins;
    this.values = values;
    this.routing = routing;
    this.checks = checks;
  }

  /**
   * What is said, if there is a key to sign with.
   *
   * @param routes all that there are
   */
  Optional<ImageSettings> images(List<RouteSettings> routes) {
    Optional<List<Secret>> key = values.get(Catalog.IMAGES_KEY);
    Optional<List<Secret>> salt = values.get(Catalog.IMAGES_SALT);
    requireKey();
    if (key.isPresent()) {
      requireSalt(key.get(), salt);
    }
    String pool = routing.pool(Catalog.IMAGES_POOL, Catalog.IMAGES_POOL.path());
    if (key.isEmpty() || salt.isEmpty()) {
      return Optional.empty();
    }
    String path = values.get(Catalog.IMAGES_PATH);
    requireRoute(routes, pool, path);
    return Optional.of(new ImageSettings(
        pairs(key.get(), salt.get()),
        values.get(Catalog.IMAGES_SIGNATURE_SIZE),
        values.get(Catalog.IMAGES_SECRET),
        pool,
        path,
        values.get(Catalog.IMAGES_ENDLESS_URLS),
        new ImageSettings.Negotiation(
            values.get(Catalog.IMAGES_NORMALIZE),
            values.get(Catalog.IMAGES_AUTO_FORMATS),
            values.get(Catalog.IMAGES_CLIENT_HINTS)),
        policy(),
        tenants(),
        new ImageSettings.Queue(
            values.get(Catalog.IMAGES_MAX_CONCURRENT),
            values.get(Catalog.IMAGES_MAX_WAITING),
            values.get(Catalog.IMAGES_MAX_WAITING_PER_TENANT),
            values.get(Catalog.IMAGES_MAX_WAIT))));
  }

  /** Each key with the salt of its place; those without one are a fault already. */
  private static List<ImageSettings.Pair> pairs(List<Secret> keys, List<Secret> salts) {
    return IntStream.range(0, Math.min(keys.size(), salts.size()))
        .mapToObj(i -> new ImageSettings.Pair(keys.get(i), salts.get(i))).toList();
  }

  private ImageSettings.Policy policy() {
    return new ImageSettings.Policy(
        values.get(Catalog.IMAGES_SOURCES),
        values.get(Catalog.IMAGES_ENCRYPTED_SOURCES),
        values.get(Catalog.IMAGES_PRESETS),
        values.get(Catalog.IMAGES_ONLY_PRESETS),
        values.get(Catalog.IMAGES_MAX_WIDTH),
        values.get(Catalog.IMAGES_MAX_HEIGHT),
        values.get(Catalog.IMAGES_MAX_MEGAPIXELS),
        values.get(Catalog.IMAGES_MAX_DPR),
        values.get(Catalog.IMAGES_MAX_BLUR),
        values.get(Catalog.IMAGES_MAX_SHARPEN),
        values.get(Catalog.IMAGES_FORMATS),
        values.get(Catalog.IMAGES_GRANT),
        values.get(Catalog.IMAGES_REFUSE),
        values.get(Catalog.IMAGES_IMPOSE));
  }

  private List<ImageSettings.Tenant> tenants() {
    List<ImageSettings.Tenant> tenants = new ArrayList<>();
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < begins.size(); i++) {
      if (checks.require(Catalog.IMAGE_TENANT_NAME, i, begins)) {
        tenants.add(new ImageSettings.Tenant(
            checks.requireUnique(Catalog.IMAGE_TENANT_NAME, Catalog.IMAGE_TENANT_NAME.at(i), seen),
            values.get(Catalog.IMAGE_TENANT_SOURCES, Catalog.IMAGE_TENANT_SOURCES.at(i)),
            values.get(Catalog.IMAGE_TENANT_PRESETS, Catalog.IMAGE_TENANT_PRESETS.at(i)),
            values.get(Catalog.IMAGE_TENANT_FORMATS, Catalog.IMAGE_TENANT_FORMATS.at(i)),
            values.get(Catalog.IMAGE_TENANT_MAX_MEGAPIXELS, Catalog.IMAGE_TENANT_MAX_MEGAPIXELS.at(i))));
      }
    }
    return tenants;
  }

  private void requireKey() {
    String key = Catalog.IMAGES_KEY.path();
    if (values.isMentioned(key) || values.isEmptied(key)) {
      return;
    }
    NEED_A_KEY.stream().filter(other -> values.isSet(other.path())).findFirst().ifPresent(other -> checks.fault(
        key, values.origin(other.path()), "missing (expected: " + Catalog.IMAGES_KEY.type().expected() + ")",
        "without it nothing is done about images"));
  }

  private void requireSalt(List<Secret> keys, Optional<List<Secret>> salt) {
    String path = Catalog.IMAGES_SALT.path();
    int salts = salt.map(List::size).orElse(keys.size());
    if (salts != keys.size()) {
      checks.fault(path, values.origin(path), salts + " of them (expected: as many as images.key has, " + keys.size() + ")",
          "the first key goes with the first salt, and so on");
    }
    if (salt.isEmpty() && values.isSound(path)) {
      checks.fault(
          path, values.origin(Catalog.IMAGES_KEY.path()),
          "missing (expected: " + Catalog.IMAGES_SALT.type().expected() + ")", "");
    }
  }

  /** Signed URLs have to get to the backends that they are for. */
  private void requireRoute(List<RouteSettings> routes, String pool, String path) {
    boolean led = routes.isEmpty()
        ? pool.equals(Upstream.DEFAULT_POOL)
        : routes.stream().anyMatch(route -> route.pool().equals(pool) && covers(route.path(), path));
    if (!led && values.isSound(Catalog.IMAGES_PATH.path()) && values.isSound(Catalog.IMAGES_POOL.path())) {
      String at = Catalog.IMAGES_POOL.path();
      checks.fault(
          at, values.origin(values.isSet(at) ? at : Catalog.IMAGES_KEY.path()),
          pool + " (expected: a pool that a route leads " + path + " to)",
          "add to routes: name: images, path: " + path + ", pool: " + pool);
    }
  }

  private static boolean covers(String route, String path) {
    return route.equals("/") || path.equals(route) || path.startsWith(route + "/");
  }
}
