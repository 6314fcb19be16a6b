package io.gatehouse.jetty.server;

import io.gatehouse.core.settings.AuthSettings;
import io.gatehouse.core.settings.ProxySettings.DebugFields;
import io.gatehouse.core.settings.ServerSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.core.setup.Snapshot;
import io.gatehouse.jetty.filter.GatewayFilter;
import io.gatehouse.jetty.filter.TrustedProxies;
import io.gatehouse.jetty.log.LoggedTarget;
import io.gatehouse.jetty.log.RequestLogFeed;
import io.gatehouse.jetty.proxy.ForwardingRules;
import io.gatehouse.jetty.proxy.ProxySettings;
import io.gatehouse.jetty.proxy.UpstreamServlet;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How requests are served by one snapshot of the settings: who decides, how is forwarded, what is logged. A request is
 * given to one of these, and keeps it to its end. Immutable.
 */
final class Serving {

  private final TrustedProxies proxies;
  private final GatewayFilter gateway;
  private final ForwardingRules rules;

  /** Null when requests are not logged in the database. */
  private final @Nullable RequestLogFeed feed;

  private Serving(
      TrustedProxies proxies, GatewayFilter gateway, ForwardingRules rules, @Nullable RequestLogFeed feed) {
    this.proxies = proxies;
    this.gateway = gateway;
    this.rules = rules;
    this.feed = feed;
  }

  static Serving of(Snapshot snapshot, Gatehouse gatehouse) {
    Settings settings = snapshot.settings();
    TrustedProxies proxies = new TrustedProxies(settings.server().trustedProxies());
    return new Serving(
        proxies,
        new GatewayFilter(snapshot.gateway(), proxies),
        new ForwardingRules(snapshot.balancer(), proxySettings(settings, gatehouse)),
        feed(settings, gatehouse).orElse(null));
  }

  /** Admits a request or refuses it, and leaves with it what it is forwarded and logged by. */
  void serve(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    request.setAttribute(UpstreamServlet.RULES, rules);
    if (feed != null) {
      request.setAttribute(RequestLogFeed.ATTRIBUTE, feed);
    }
    gateway.doFilter(request, response, chain);
  }

  /** Who is believed when they say for whom they ask. */
  TrustedProxies proxies() {
    return proxies;
  }

  ProxySettings proxySettings() {
    return rules.settings();
  }

  private static ProxySettings proxySettings(Settings settings, Gatehouse gatehouse) {
    ServerSettings server = settings.server();
    return ProxySettings.builder()
        .connectTimeout(settings.proxy().connectTimeout())
        .responseTimeout(settings.proxy().responseTimeout())
        .idleTimeout(settings.proxy().idleTimeout())
        .totalTimeout(settings.proxy().totalTimeout())
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
        .trust(gatehouse.backendTrust())
        .build();
  }

  private static Optional<RequestLogFeed> feed(Settings settings, Gatehouse gatehouse) {
    AuthSettings auth = settings.auth();
    LoggedTarget targets =
        new LoggedTarget(
            settings.requestLog().query(),
            auth.queryParameter().orElse(""),
            auth.keyPrefix() + "_" + auth.environment() + "_");
    return gatehouse
        .requestLogging()
        .writer()
        .map(writer -> new RequestLogFeed(writer, targets, InstantSource.system()));
  }
}
