package io.gatehouse.jetty.api;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Finds what answers a method of a path, among the operations of one table. Paths are compared as they were received,
 * segment by segment; {@code {id}} in a pattern stands for one segment, unless another pattern spells that out. Filled
 * before the first request, then immutable.
 */
public final class Router {

  /** Answers a call, or throws a {@link ProblemException}. */
  @FunctionalInterface
  public interface Handler {
    Answer handle(Call call);
  }

  /**
   * What was found.
   *
   * @param id the segment in place of {@code {id}}; empty when the pattern has none
   */
  public record Match(Operation operation, Handler handler, String id) {

    /** The path below the root: {@code users/01M8/limits}. */
    public String path() {
      return operation.path().replace(Operation.ID, id);
    }
  }

  private record Route(Operation operation, List<String> pattern) {}

  private final List<Route> table;
  private final Map<Operation, Handler> handlers = new HashMap<>();

  /**
   * A router for these operations; each needs a handler before the first request, but for those that a servlet of its
   * own answers.
   */
  public Router(List<Operation> table) {
    this.table =
        table.stream()
            .filter(operation -> operation.effect() != Operation.Effect.TELLS)
            .map(operation -> new Route(operation, segments(Operation.ROOT + operation.path())))
            .toList();
  }

  /**
   * Says what answers an operation.
   *
   * @param path such as {@code /api/v1/users/{id}}
   * @throws IllegalArgumentException when the table has no such operation, or it has a handler
   */
  public void add(String method, String path, Handler handler) {
    Operation operation =
        table.stream()
            .map(Route::operation)
            .filter(each -> each.method().equals(method) && (Operation.ROOT + each.path()).equals(path))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(
                method + " " + path + " (expected: an operation of the table)"));
    if (handlers.putIfAbsent(operation, handler) != null) {
      throw new IllegalArgumentException(method + " " + path + " again (expected: one handler)");
    }
  }

  /** @throws IllegalStateException when an operation has no handler */
  public void requireWhole() {
    for (Route route : table) {
      if (!handlers.containsKey(route.operation())) {
        throw new IllegalStateException("nothing answers " + route.operation().id());
      }
    }
  }

  /** What answers; HEAD is answered as GET is. */
  public Match find(String method, String path) {
    String sought = method.equals("HEAD") ? "GET" : method;
    List<String> segments = segments(path);
    TreeSet<String> allowed = new TreeSet<>();
    boolean spelledOut = table.stream().anyMatch(route -> route.pattern().equals(segments));
    for (Route route : table) {
      Optional<String> id = match(route.pattern(), segments);
      if (id.isPresent() && (!spelledOut || id.get().isEmpty())) {
        if (route.operation().method().equals(sought)) {
          return new Match(route.operation(), handlers.get(route.operation()), id.get());
        }
        allowed.add(route.operation().method());
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
      if (pattern.get(i).equals(Operation.ID) && !segments.get(i).isEmpty()) {
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
