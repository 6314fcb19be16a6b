package io.gatehouse.core.route;

import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * States which route a request takes, and as which endpoint it is charged if its route says so; refuses what no route
 * covers. To be asked before the limits, so that nothing is charged for what goes nowhere, and after the gates that find
 * out who calls, so that strangers do not learn what there is.
 */
public final class RouteGate implements Gate {

  private static final Optional<Refusal> NOWHERE =
      Optional.of(Refusal.of(Refusal.Reason.NO_ROUTE, "There is no route for this host, path and method."));

  private final Routes routes;

  public RouteGate(Routes routes) {
    this.routes = Objects.requireNonNull(routes, "routes");
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    return state(passage).isEmpty() ? NOWHERE : Optional.empty();
  }

  @Override
  public Finding preview(Passage passage) {
    return state(passage)
        .<Finding>map(route -> new Finding.Passes(route.name(), "goes to pool " + route.pool(), List.of()))
        .orElseGet(() -> new Finding.Refuses(NOWHERE.orElseThrow(), List.of()));
  }

  @Override
  public String name() {
    return "route";
  }

  private Optional<Route> state(Passage passage) {
    Optional<Route> taken = routes.routeOf(passage.inbound());
    if (taken.isPresent()) {
      Route route = taken.get();
      passage.take(route.name());
      if (route.limits().isPresent()) {
        passage.cover(route.limits().get());
      }
    }
    return taken;
  }
}
