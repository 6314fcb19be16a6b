package io.gatehouse.core.settings;

import io.gatehouse.upstream.Upstream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Puts together pools and routes, and finds what in them does not go together. */
final class RoutingBinder {

  /** What says which requests a route covers. */
  private static final List<Setting<?>> COVERAGE =
      List.of(Catalog.ROUTE_HOST, Catalog.ROUTE_PATH, Catalog.ROUTE_METHODS);

  private final Values values;
  private final Map<String, List<Origin>> elements;
  private final Checks checks;

  /**
   * @param elements where the elements of each list begin
   */
  RoutingBinder(Values values, Map<String, List<Origin>> elements, Checks checks) {
    this.values = values;
    this.elements = elements;
    this.checks = checks;
  }

  /** The name of a pool that is there. */
  String pool(Setting<String> setting, String path) {
    String pool = values.get(setting, path);
    Set<String> names = poolNames();
    if (!names.contains(pool)) {
      checks.fault(path, values.origin(path), pool + " (expected: one of " + String.join(", ", names) + ")",
          Nearest.of(pool, names).map(near -> "did you mean " + near + "?").orElse("name it in pools"));
    }
    return pool;
  }

  private Set<String> poolNames() {
    Set<String> names = new LinkedHashSet<>(Set.of(Upstream.DEFAULT_POOL));
    for (int i = 0; i < elements.get(Catalog.POOLS).size(); i++) {
      if (values.isSet(Catalog.POOL_NAME.at(i))) {
        names.add(values.get(Catalog.POOL_NAME, Catalog.POOL_NAME.at(i)));
      }
    }
    return names;
  }

  /**
   * The pools, that of the whole file first.
   *
   * @param usual what the whole file says of picking
   * @param check what the whole file says of probing
   */
  List<PoolSettings> pools(BalancerSettings usual, HealthCheckSettings check) {
    List<PoolSettings> pools = new ArrayList<>();
    pools.add(new PoolSettings(Upstream.DEFAULT_POOL, usual, check));
    Map<String, String> seen = new HashMap<>();
    List<Origin> begins = elements.get(Catalog.POOLS);
    for (int i = 0; i < begins.size(); i++) {
      if (checks.require(Catalog.POOL_NAME, i, begins)) {
        String path = Catalog.POOL_NAME.at(i);
        String name = checks.requireUnique(Catalog.POOL_NAME, path, seen);
        if (name.equals(Upstream.DEFAULT_POOL)) {
          checks.fault(path, values.origin(path), name + " (expected: another name)",
              "balancer, health_check and outlier_detection speak of it");
        }
        pools.add(new PoolSettings(name, balancer(i, usual), healthCheck(i, check)));
      }
    }
    return pools;
  }

  private BalancerSettings balancer(int pool, BalancerSettings usual) {
    BalancerSettings.Outliers outliers = usual.outliers();
    return new BalancerSettings(
        values.get(Catalog.POOL_ALGORITHM, Catalog.POOL_ALGORITHM.at(pool)).orElse(usual.algorithm()),
        values.get(Catalog.POOL_HASH_KEY, Catalog.POOL_HASH_KEY.at(pool)).orElse(usual.hashKey()),
        usual.slowStart(),
        usual.panicThreshold(),
        new BalancerSettings.Outliers(
            values.get(Catalog.POOL_ANSWERS, Catalog.POOL_ANSWERS.at(pool)).orElse(outliers.answers()),
            outliers.consecutiveFailures(),
            outliers.baseEjection(),
            outliers.maxEjection(),
            outliers.maxEjectedShare()),
        usual.breaker());
  }

  private HealthCheckSettings healthCheck(int pool, HealthCheckSettings usual) {
    Optional<String> picture = values.get(Catalog.POOL_RENDER_PATH, Catalog.POOL_RENDER_PATH.at(pool));
    return new HealthCheckSettings(
        values.get(Catalog.POOL_HEALTH_PATH, Catalog.POOL_HEALTH_PATH.at(pool)).orElse(usual.path()),
        picture.isPresent() ? picture.filter(path -> !path.equals("none")) : usual.renderPath(),
        usual.timeout(),
        usual.fastInterval(),
        usual.unhealthyAfter(),
        usual.healthyAfter());
  }

  /** The routes, in the order written. */
  List<RouteSettings> routes() {
    List<RouteSettings> routes = new ArrayList<>();
    List<RouteSettings> sound = new ArrayList<>();
    Map<String, String> seen = new HashMap<>();
    List<Origin> begins = elements.get(Catalog.ROUTES);
    for (int i = 0; i < begins.size(); i++) {
      if (checks.require(Catalog.ROUTE_NAME, i, begins)) {
        String name = checks.requireUnique(Catalog.ROUTE_NAME, Catalog.ROUTE_NAME.at(i), seen);
        String path = withoutSlash(values.get(Catalog.ROUTE_PATH, Catalog.ROUTE_PATH.at(i)));
        RouteSettings route = new RouteSettings(
            name,
            values.get(Catalog.ROUTE_HOST, Catalog.ROUTE_HOST.at(i)).map(host -> host.toLowerCase(Locale.ROOT)),
            path.isEmpty() ? "/" : path,
            Set.copyOf(values.get(Catalog.ROUTE_METHODS, Catalog.ROUTE_METHODS.at(i))),
            pool(Catalog.ROUTE_POOL, Catalog.ROUTE_POOL.at(i)),
            limitsOf(i),
            timeouts(i),
            changes(Catalog.ROUTE_REQUEST_SET, Catalog.ROUTE_REQUEST_REMOVE, i),
            changes(Catalog.ROUTE_RESPONSE_SET, Catalog.ROUTE_RESPONSE_REMOVE, i),
            strippedFrom(path, i),
            values.get(Catalog.ROUTE_ADD_PREFIX, Catalog.ROUTE_ADD_PREFIX.at(i)).orElse(""),
            of(Catalog.ROUTE_VARIANT_ETAGS, i),
            cache(i));
        int index = i;
        if (COVERAGE.stream().allMatch(setting -> values.isSound(setting.at(index)))) {
          requireReachable(route, sound, begins.get(i), Catalog.ROUTE_NAME.at(i));
          sound.add(route);
        }
        routes.add(route);
      }
    }
    return routes;
  }

  private static String withoutSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private Optional<String> limitsOf(int route) {
    String path = Catalog.ROUTE_LIMITS.at(route);
    Optional<String> limits = values.get(Catalog.ROUTE_LIMITS, path);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < elements.get(Catalog.ENDPOINTS).size(); i++) {
      if (values.isSet(Catalog.ENDPOINT_NAME.at(i))) {
        names.add(values.get(Catalog.ENDPOINT_NAME, Catalog.ENDPOINT_NAME.at(i)));
      }
    }
    limits.filter(name -> !names.contains(name)).ifPresent(name -> checks.fault(path, values.origin(path),
        name + " (expected: the name of one of rate_limits.endpoints)",
        Nearest.of(name, names).map(near -> "did you mean " + near + "?").orElse("")));
    return limits;
  }

  private RouteSettings.Timeouts timeouts(int route) {
    return new RouteSettings.Timeouts(
        values.get(Catalog.ROUTE_CONNECT_TIMEOUT, Catalog.ROUTE_CONNECT_TIMEOUT.at(route))
            .orElse(values.get(Catalog.PROXY_CONNECT_TIMEOUT)),
        values.get(Catalog.ROUTE_RESPONSE_TIMEOUT, Catalog.ROUTE_RESPONSE_TIMEOUT.at(route))
            .orElse(values.get(Catalog.PROXY_RESPONSE_TIMEOUT)),
        values.get(Catalog.ROUTE_IDLE_TIMEOUT, Catalog.ROUTE_IDLE_TIMEOUT.at(route))
            .orElse(values.get(Catalog.PROXY_IDLE_TIMEOUT)),
        values.get(Catalog.ROUTE_TOTAL_TIMEOUT, Catalog.ROUTE_TOTAL_TIMEOUT.at(route))
            .orElse(values.get(Catalog.PROXY_TOTAL_TIMEOUT)));
  }

  private RouteSettings.Cache cache(int route) {
    return new RouteSettings.Cache(
        of(Catalog.ROUTE_CACHE_ENABLED, route),
        of(Catalog.ROUTE_CACHE_PARTITION, route),
        of(Catalog.ROUTE_CACHE_DEFAULT_TTL, route),
        of(Catalog.ROUTE_CACHE_WHILE_REVALIDATE, route),
        of(Catalog.ROUTE_CACHE_IF_ERROR, route),
        of(Catalog.ROUTE_CACHE_MAX_ENTRY, route),
        of(Catalog.ROUTE_CACHE_CLIENT_CONTROL, route),
        of(Catalog.ROUTE_CACHE_CHARGE_HITS, route));
  }

  private <T> T of(Setting<T> setting, int index) {
    return values.get(setting, setting.at(index));
  }

  private RouteSettings.FieldChanges changes(
      Setting<Map<String, String>> set, Setting<List<String>> remove, int route) {
    Map<String, String> fields = values.get(set, set.at(route));
    List<String> names = values.get(remove, remove.at(route));
    Set<String> seen = new HashSet<>();
    for (String name : fields.keySet()) {
      if (!seen.add(FieldNames.plain(name))) {
        checks.fault(set.at(route), values.origin(set.at(route)), name + " twice (expected: every field once)", "");
      }
    }
    for (String name : names) {
      if (!seen.add(FieldNames.plain(name))) {
        checks.fault(remove.at(route), values.origin(remove.at(route)), name + " twice, or set as well",
            "a field that is set replaces what was there");
      }
    }
    return new RouteSettings.FieldChanges(fields, names);
  }

  private String strippedFrom(String path, int route) {
    String at = Catalog.ROUTE_STRIP_PREFIX.at(route);
    String prefix = values.get(Catalog.ROUTE_STRIP_PREFIX, at).orElse("");
    boolean begins = path.equals(prefix) || path.startsWith(prefix + "/");
    if (!prefix.isEmpty() && !begins && values.isSound(Catalog.ROUTE_PATH.at(route))) {
      checks.fault(at, values.origin(at), prefix + " (expected: path, or its first segments)",
          "path is " + (path.isEmpty() ? "/" : path));
    }
    return prefix;
  }

  /** A route behind one that covers all that it covers is a mistake in any case. */
  private void requireReachable(RouteSettings route, List<RouteSettings> before, Origin origin, String path) {
    before.stream().filter(earlier -> hides(earlier, route)).findFirst().ifPresent(earlier -> checks.fault(
        path, origin, route.name() + " is never taken",
        earlier.name() + " covers all of it, and stands before it"));
  }

  private static boolean hides(RouteSettings earlier, RouteSettings later) {
    boolean host = earlier.host().isEmpty() || earlier.host().equals(later.host())
        || later.host().isPresent() && earlier.host().get().startsWith("*.")
            && later.host().get().endsWith(earlier.host().get().substring(1));
    boolean path = earlier.path().equals("/") || later.path().equals(earlier.path())
        || later.path().startsWith(earlier.path() + "/");
    boolean methods = earlier.methods().isEmpty()
        || !later.methods().isEmpty() && earlier.methods().containsAll(later.methods());
    return host && path && methods;
  }
}
