package io.gatehouse.jetty.proxy;

import io.gatehouse.Inbound;
import io.gatehouse.core.route.Route;
import io.gatehouse.core.route.Routes;
import io.gatehouse.jetty.websocket.Tunnels;
import jakarta.servlet.http.HttpServletRequest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lanes that are ready to be taken: each with its client. Immutable. */
final class Ways {

  private final Routes routes;
  private final Map<String, Forwarding> byRoute = new HashMap<>();

  /** Null where there are routes. */
  private final @Nullable Forwarding only;

  /** @param clients started */
  Ways(Lanes lanes, Clients clients, Tunnels tunnels, Hedges hedges, Imgproxy imgproxy, Fills fills) {
    routes = lanes.routes();
    lanes.byRoute().forEach((route, lane) -> byRoute.put(route, new Forwarding(
        clients.want(lane.settings()), lane.balancer(), lane.budget(), lane.settings(), tunnels, hedges,
        imgproxy, lane.rewriting(), lane.queue().orElse(null),
        lane.caching().map(caching -> new CacheLane(caching, fills)).orElse(null), clients)));
    only = byRoute.get(Lanes.ONLY);
  }

  /**
   * The way of a request: that of the route that was stated, if it is there, or else of the one that covers it; null when
   * none does. States the route for those who look on.
   */
  @Nullable Forwarding of(HttpServletRequest request, Inbound inbound) {
    if (only != null) {
      return only;
    }
    if (request.getAttribute(UpstreamServlet.ROUTE) instanceof String stated && byRoute.containsKey(stated)) {
      return byRoute.get(stated);
    }
    String name = routes.routeOf(inbound).map(Route::name).orElse(Lanes.ONLY);
    request.setAttribute(UpstreamServlet.ROUTE, name);
    return byRoute.get(name);
  }
}
