package io.gatehouse.jetty.proxy;

import io.gatehouse.core.route.Route;
import io.gatehouse.core.route.Routes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which lane a request takes: the one that there is, or that of its route. A request without a route takes none. For one
 * servlet. Never changes: to change the ways of requests, give the servlet another one ({@link UpstreamServlet#LANES}).
 */
public final class Lanes {

  /** The name of the only lane, which no route has. */
  static final String ONLY = "";

  private final Routes routes;
  private final Map<String, Lane> byRoute;

  /** What the servlet has made of it; null before. Written by the servlet, under its lock. */
  private volatile @Nullable Ways ways;

  private Lanes(Routes routes, Map<String, Lane> byRoute) {
    this.routes = routes;
    this.byRoute = byRoute;
  }

  /** One lane for all requests. */
  public static Lanes of(Lane only) {
    return new Lanes(new Routes(List.of()), Map.of(ONLY, only));
  }

  /**
   * A lane for each route.
   *
   * @param lane asked once for every route
   */
  public static Lanes of(Routes routes, Function<Route, Lane> lane) {
    Map<String, Lane> byRoute = new LinkedHashMap<>();
    routes.all().forEach(route -> byRoute.put(route.name(), lane.apply(route)));
    return new Lanes(routes, byRoute);
  }

  Routes routes() {
    return routes;
  }

  /** By the name of the route; by {@link #ONLY} where there are none. */
  Map<String, Lane> byRoute() {
    return byRoute;
  }

  /** How all that take them are sent. */
  List<ProxySettings> settings() {
    return byRoute.values().stream().map(Lane::settings).toList();
  }

  @Nullable Ways ways() {
    return ways;
  }

  void ready(Ways made) {
    ways = made;
  }
}
