package io.gatehouse.core.route;

import io.gatehouse.Inbound;
import io.gatehouse.limit.Endpoint;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A table of routes. The first that covers a request holds; so special ones stand before general ones.
 *
 * <p>Paths are compared with the raw path, byte for byte. Yet servers read a path in more ways than one: they undo
 * percent-encoding, take repeated slashes as one, and cut off what stands behind a semicolon. A request must neither get
 * past a route by such a spelling, nor into one. So where the path is read in that way too, and would lead to another
 * route than the raw one does, there is no route. A spelling that stays within its route passes as it is: {@code
 * /img/a%2Fb//c} is for {@code /img} in both readings.
 *
 * <p>Immutable. Looking costs a comparison per route, and allocates nothing for a host that is not asked for.
 */
public final class Routes {

  private static final Optional<Route> NONE = Optional.empty();

  private final List<Route> routes;
  private final List<Row> rows;
  private final boolean byHost;

  /**
   * A route, and how it is found and told without making anything.
   *
   * @param loose compares paths as most servers read them
   */
  private record Row(Route route, Endpoint loose, Optional<Route> told) {}

  /**
   * A table.
   *
   * @throws IllegalArgumentException when two routes have the same name
   */
  public Routes(List<Route> routes) {
    this.routes = List.copyOf(routes);
    this.byHost = routes.stream().anyMatch(route -> route.host().isPresent());
    Set<String> names = new HashSet<>();
    this.rows = this.routes.stream().map(route -> {
      if (!names.add(route.name())) {
        throw new IllegalArgumentException("routes: " + route.name() + " twice (expected: every name once)");
      }
      String path = route.path().isEmpty() ? "/" : route.path();
      return new Row(route, new Endpoint(route.name(), path, Set.of()), Optional.of(route));
    }).toList();
  }

  /** The routes, in the order in which they are looked at. */
  public List<Route> all() {
    return routes;
  }

  /** The route that a request takes; empty when none covers it, or its path can be read as that of another one. */
  public Optional<Route> routeOf(Inbound request) {
    String target = request.target();
    String method = request.method();
    Optional<String> host = byHost ? request.header("Host") : Optional.empty();
    boolean plain = isPlain(target);
    for (Row row : rows) {
      Route route = row.route();
      if (!route.coversMethod(method) || !route.coversHost(host)) {
        continue;
      }
      if (route.coversPath(target)) {
        return row.told();
      }
      if (!plain && row.loose().covers(method, target)) {
        return NONE;
      }
    }
    return NONE;
  }

  /** Whether a path can be read in one way only. */
  private static boolean isPlain(String target) {
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c == '?') {
        return true;
      }
      if (c == '%' || c == ';' || c == '/' && i > 0 && target.charAt(i - 1) == '/') {
        return false;
      }
    }
    return true;
  }
}
