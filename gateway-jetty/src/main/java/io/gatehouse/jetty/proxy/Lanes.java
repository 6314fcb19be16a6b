package io.gatehouse.jetty.proxy;

import io.gatehouse.core.route.Route;
import io.gatehouse.core.route.Routes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Which lane a request takes: the one that there is, or that of its route. A request without a route takes none.
 * Immutable: whoever changes it gives a servlet another one.
 */
public final class Lanes {

  /** The name of the only lane, which no route has. */
  static final String ONLY = "";

  private final Routes routes;
  private final Map<String, Lane> byRoute;

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
}
