package io.gatehouse.jetty.admin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Finds what answers a method of a path. Paths are compared as they were received, segment by segment;
 * {@code {id}} in a pattern stands for one segment, unless another pattern spells that out. Filled before the first request, then immutable.
 */
final class Router {

  /** Answers a call, or throws a {@link ProblemException}. */
  @FunctionalInterface
  interface Handler {
    Answer handle(Call call);
  }

  /**
   * What was found.
   *
   * @param id the segment in place of {@code {id}}; empty when the pattern has none
   * @param parameters the query parameters that it takes
   * @param changes whether it may change something
   */
  record Match(Handler handler, String id, List<String> parameters, boolean changes) {}

  private record Route(
      String method, List<String> pattern, Handler handler, List<String> parameters, boolean changes) {}

  private static final String ID = "{id}";

  private final List<Route> routes = new ArrayList<>();

  /**
   * Adds a route.
   *
   * @param pattern such as {@code /api/v1/users/{id}}
   * @param parameters the query parameters that it takes
   */
  void add(String method, String pattern, Handler handler, String... parameters) {
    routes.add(new Route(method, segments(pattern), handler, List.of(parameters), !method.equals("GET")));
  }

  /** Adds a route that changes nothing, although its method takes a document. */
  void ask(String method, String pattern, Handler handler) {
    routes.add(new Route(method, segments(pattern), handler, List.of(), false));
  }

  /** What answers; HEAD is answered as GET is. */
  Match find(String method, String path) {
    String sought = method.equals("HEAD") ? "GET" : method;
    List<String> segments = segments(path);
    TreeSet<String> allowed = new TreeSet<>();
    boolean spelledOut = routes.stream().anyMatch(route -> route.pattern().equals(segments));
    for (Route route : routes) {
      Optional<String> id = match(route.pattern(), segments);
      if (id.isPresent() && (!spelledOut || id.get().isEmpty())) {
        if (route.method().equals(sought)) {
          return new Match(route.handler(), id.get(), route.parameters(), route.changes());
        }
        allowed.add(route.method());
      }
    }
    if (allowed.isEmpty()) {
      throw ProblemException.notFound("There is nothing at this path.");
    }
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    throw ProblemException.methodNotAllowed(String.join(", ", allowed));
  }

  private static Optional<String> match(List<String> pattern, List<String> segments) {
    if (pattern.size() != segments.size()) {
      return Optional.empty();
    }
    String id = "";
    for (int i = 0; i < pattern.size(); i++) {
      if (pattern.get(i).equals(ID) && !segments.get(i).isEmpty()) {
        id = segments.get(i);
      } else if (!pattern.get(i).equals(segments.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(id);
  }

  private static List<String> segments(String path) {
    return Arrays.asList(path.split("/", -1));
  }
}
