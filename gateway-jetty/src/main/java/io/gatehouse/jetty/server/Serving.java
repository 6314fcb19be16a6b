package io.gatehouse.jetty.server;

import io.gatehouse.Gateway;
import io.gatehouse.Inbound;
import io.gatehouse.core.cache.CacheRules;
import io.gatehouse.core.cache.Normaliser;
import io.gatehouse.core.settings.AuthSettings;
import io.gatehouse.core.settings.ImageSettings;
import io.gatehouse.core.settings.ProxySettings.DebugFields;
import io.gatehouse.core.settings.RouteSettings.Timeouts;
import io.gatehouse.core.settings.RouteSettings;
import io.gatehouse.core.settings.Secret;
import io.gatehouse.core.settings.ServerSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.core.setup.Pools;
import io.gatehouse.core.setup.Snapshot;
import io.gatehouse.core.tls.Trust;
import io.gatehouse.jetty.filter.GatewayFilter;
import io.gatehouse.jetty.filter.TrustedProxies;
import io.gatehouse.jetty.log.LoggedTarget;
import io.gatehouse.jetty.log.RequestLogFeed;
import io.gatehouse.jetty.proxy.Caching;
import io.gatehouse.jetty.proxy.FieldRules;
import io.gatehouse.jetty.proxy.Lane;
import io.gatehouse.jetty.proxy.Lanes;
import io.gatehouse.jetty.proxy.ProxySettings;
import io.gatehouse.jetty.proxy.Rewriting;
import io.gatehouse.jetty.proxy.UpstreamServlet;
import io.gatehouse.upstream.Upstream;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How requests are served by one snapshot of the settings: who decides, which way they are forwarded, what is logged. A
 * request is given to one of these, and keeps it to its end. Immutable.
 */
final class Serving {

  private final TrustedProxies proxies;
  private final Gateway decides;
  private final GatewayFilter gateway;
  private final Lanes lanes;

  /** Null when requests are not logged in the database. */
  private final @Nullable RequestLogFeed feed;

  private Serving(Snapshot snapshot, Gatehouse gatehouse, @Nullable RequestLogFeed feed) {
    this.proxies = new TrustedProxies(snapshot.settings().server().trustedProxies());
    this.decides = snapshot.gateway();
    this.gateway = new GatewayFilter(snapshot.gateway(), proxies);
    this.lanes = lanes(snapshot, gatehouse);
    this.feed = feed;
  }

  static Serving of(Snapshot snapshot, Gatehouse gatehouse) {
    return new Serving(snapshot, gatehouse, feed(snapshot.settings(), gatehouse).orElse(null));
  }

  /** Admits a request or refuses it, and leaves with it what it is forwarded and logged by. */
  void serve(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    request.setAttribute(UpstreamServlet.LANES, lanes);
    if (feed != null) {
      request.setAttribute(RequestLogFeed.ATTRIBUTE, feed);
    }
    gateway.doFilter(request, response, chain);
  }

  /** Whether the gateway may wait for a store with this request. */
  boolean mayWait(Inbound request) {
    return decides.mayWait(request);
  }

  /** Who is believed when they say for whom they ask. */
  TrustedProxies proxies() {
    return proxies;
  }

  /** Which way each request goes to its backends. */
  Lanes lanes() {
    return lanes;
  }

  private static Lanes lanes(Snapshot snapshot, Gatehouse gatehouse) {
    Settings settings = snapshot.settings();
    if (settings.routes().isEmpty()) {
      String pool = Upstream.DEFAULT_POOL;
      Rewriting rewriting =
          new Rewriting("", "", FieldRules.NONE, FieldRules.NONE, images(settings, pool).isPresent());
      return Lanes.of(lane(snapshot, pool, usualTimeouts(settings), rewriting, Optional.empty(), gatehouse));
    }
    Map<String, RouteSettings> byName =
        settings.routes().stream().collect(Collectors.toMap(RouteSettings::name, Function.identity()));
    return Lanes.of(
        snapshot.routes(),
        route -> {
          RouteSettings its = byName.get(route.name());
          Rewriting rewriting =
              new Rewriting(
                  its.stripPrefix(),
                  its.addPrefix(),
                  rules(its.request()),
                  rules(its.response()),
                  its.variantEtags().orElse(images(settings, its.pool()).isPresent()));
          Optional<Caching> caching = Optional.of(its.cache())
              .filter(RouteSettings.Cache::enabled)
              .map(cache -> new Caching(its.name(), rules(cache), gatehouse.answers()));
          return lane(snapshot, its.pool(), its.timeouts(), rewriting, caching, gatehouse);
        });
  }

  /** What is said of images, if it is imgproxy who answers. */
  private static Optional<ImageSettings> images(Settings settings, String pool) {
    return settings.images().filter(its -> its.pool().equals(pool));
  }

  private static Timeouts usualTimeouts(Settings settings) {
    return new Timeouts(
        settings.proxy().connectTimeout(),
        settings.proxy().responseTimeout(),
        settings.proxy().idleTimeout(),
        settings.proxy().totalTimeout());
  }

  private static FieldRules rules(RouteSettings.FieldChanges changes) {
    return new FieldRules(changes.set(), Set.copyOf(changes.remove()));
  }

  private static CacheRules rules(RouteSettings.Cache cache) {
    return new CacheRules(
        CacheRules.Partition.valueOf(cache.partition().name()),
        cache.defaultTtl(),
        cache.staleWhileRevalidate(),
        cache.staleIfError(),
        cache.maxEntryBytes(),
        cache.clientControl(),
        cache.chargeHits(),
        Normaliser.ENCODINGS);
  }

  private static Lane lane(
      Snapshot snapshot,
      String pool,
      Timeouts timeouts,
      Rewriting rewriting,
      Optional<Caching> caching,
      Gatehouse gatehouse) {
    Pools.Entry entry = snapshot.pool(pool);
    Settings settings = snapshot.settings();
    ProxySettings.Builder proxy = proxySettings(settings, timeouts, gatehouse.backendTrust());
    Optional<ImageSettings> images = images(settings, pool);
    if (images.isEmpty()) {
      return new Lane(
          entry.balancer(), entry.retryBudget(), proxy.build(), rewriting, Optional.empty(), caching);
    }
    proxy.speaker(ProxySettings.Speaker.IMGPROXY).imgproxyDebug(ProxySettings.ImgproxyDebug.CONSUMED);
    return new Lane(
        entry.balancer(),
        entry.retryBudget(),
        proxy.build(),
        forImgproxy(rewriting, images.get().secret()),
        Optional.of(gatehouse.imageQueue()),
        caching);
  }

  /** imgproxy gets no credential of a client, and the one that it wants. */
  private static Rewriting forImgproxy(Rewriting rewriting, Optional<Secret> secret) {
    Map<String, String> set = new LinkedHashMap<>(rewriting.request().set());
    secret.ifPresent(bearer -> set.put("Authorization", "Bearer " + bearer.reveal()));
    Set<String> removed = new HashSet<>(rewriting.request().removed());
    removed.addAll(List.of("authorization", "cookie"));
    return new Rewriting(
        rewriting.stripPrefix(),
        rewriting.addPrefix(),
        new FieldRules(set, removed),
        rewriting.response(),
        rewriting.variantEtags());
  }

  private static ProxySettings.Builder proxySettings(Settings settings, Timeouts timeouts, Trust trust) {
    ServerSettings server = settings.server();
    return ProxySettings.builder()
        .connectTimeout(timeouts.connect())
        .responseTimeout(timeouts.response())
        .idleTimeout(timeouts.idle())
        .totalTimeout(timeouts.total())
        .hedgeAfter(settings.proxy().hedgeAfter())
        .mostConnections(settings.proxy().maxConnections())
        .mostAttempts(settings.proxy().maxAttempts())
        .mostRequestBytes(server.maxRequestBodyBytes())
        .leastBodyRate(server.minBodyRate())
        .imgproxyDebug(
            settings.proxy().imgproxyDebugFields() == DebugFields.CONSUME
                ? ProxySettings.ImgproxyDebug.CONSUMED
                : ProxySettings.ImgproxyDebug.PASSED)
        .strippedParameters(settings.auth().queryParameter().map(Set::of).orElse(Set.of()))
        .trust(trust);
  }

  private static Optional<RequestLogFeed> feed(Settings settings, Gatehouse gatehouse) {
    LoggedTarget targets = loggedTarget(settings, settings.requestLog().query());
    return gatehouse
        .requestLogging()
        .writer()
        .map(writer -> new RequestLogFeed(writer, targets, InstantSource.system()));
  }

  static LoggedTarget loggedTarget(Settings settings, boolean query) {
    AuthSettings auth = settings.auth();
    return new LoggedTarget(
        query, auth.queryParameter().orElse(""), auth.keyPrefix() + "_" + auth.environment() + "_");
  }
}
