package io.gatehouse.jetty.admin;

import io.gatehouse.admin.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One thing that administration does, as it is routed, guarded and documented. Immutable.
 *
 * @param id its name in the OpenAPI document and the audit log: {@code addUser}
 * @param path below {@link AdminServlet#ROOT}: {@code users/{id}}
 * @param summary what it does, in a few words
 * @param roles who may ask for it; nobody until it is said
 * @param parameters of its query
 * @param shownBy the path that shows what it changes; its own unless it is said
 * @param body the schema of the document that it takes; empty: none
 * @param answers the schemas of its good answers by their status; an empty name for one without a body
 * @param problems the types of problems that it has besides those that follow from all else
 */
record Operation(
    String id,
    String method,
    String path,
    String summary,
    Effect effect,
    Set<Role> roles,
    List<Parameter> parameters,
    String shownBy,
    Optional<String> body,
    Map<Integer, String> answers,
    List<String> problems) {

  /** What stands in a path for one segment. */
  static final String ID = "{id}";

  /** What an operation may change. */
  enum Effect {
    /** Nothing; GET, and HEAD with it. */
    READS,
    /** Nothing; GET, answered by a servlet of its own with events for as long as somebody looks. */
    TELLS,
    /** Nothing that is kept, although it takes a document. */
    ASKS,
    /** What is kept: in one transaction, with its entry in the audit log. */
    CHANGES
  }

  /**
   * A parameter of the query.
   *
   * @param schema what it may be
   * @param required whether it has to be there
   */
  record Parameter(String name, Schema schema, String description, boolean required) {

    static Parameter optional(String name, Schema schema, String description) {
      return new Parameter(name, schema, description, false);
    }

    static Parameter required(String name, Schema schema, String description) {
      return new Parameter(name, schema, description, true);
    }
  }

  Operation {
    roles = Set.copyOf(roles);
    parameters = List.copyOf(parameters);
    answers = Map.copyOf(answers);
    problems = List.copyOf(problems);
  }

  /** Something that can be read. */
  static Operation read(String id, String path, String summary) {
    return of(id, "GET", path, summary, Effect.READS);
  }

  /** Something that is told as it happens. */
  static Operation tell(String id, String path, String summary) {
    return of(id, "GET", path, summary, Effect.TELLS);
  }

  /** A question that comes with a document. */
  static Operation ask(String id, String path, String summary) {
    return of(id, "POST", path, summary, Effect.ASKS);
  }

  /** Something that changes what is kept. */
  static Operation change(String id, String method, String path, String summary) {
    return of(id, method, path, summary, Effect.CHANGES);
  }

  private static Operation of(String id, String method, String path, String summary, Effect effect) {
    return new Operation(
        id, method, path, summary, effect, Set.of(), List.of(), path, Optional.empty(), Map.of(), List.of());
  }

  Operation by(Set<Role> allowed) {
    return new Operation(
        id, method, path, summary, effect, allowed, parameters, shownBy, body, answers, problems);
  }

  Operation query(Parameter... all) {
    return new Operation(
        id, method, path, summary, effect, roles, List.of(all), shownBy, body, answers, problems);
  }

  Operation shownBy(String other) {
    return new Operation(id, method, path, summary, effect, roles, parameters, other, body, answers, problems);
  }

  Operation takes(String schema) {
    return new Operation(
        id, method, path, summary, effect, roles, parameters, shownBy, Optional.of(schema), answers, problems);
  }

  Operation answers(int status, String schema) {
    Map<Integer, String> more = new LinkedHashMap<>(answers);
    more.put(status, schema);
    return new Operation(id, method, path, summary, effect, roles, parameters, shownBy, body, more, problems);
  }

  Operation mayFail(String... types) {
    List<String> more = new ArrayList<>(problems);
    more.addAll(List.of(types));
    return new Operation(id, method, path, summary, effect, roles, parameters, shownBy, body, answers, more);
  }

  /** Whether its path names something. */
  boolean hasId() {
    return path.contains(ID);
  }

  /** The names of the parameters of its query. */
  List<String> parameterNames() {
    return parameters.stream().map(Parameter::name).toList();
  }
}
