package io.gatehouse.jetty.api;

import io.gatehouse.admin.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One thing that can be asked of the API, as it is routed, guarded and documented. Immutable.
 *
 * @param id its name in the OpenAPI document and the audit log: {@code addUser}
 * @param path below {@link #ROOT}: {@code users/{id}}
 * @param summary what it does, in a few words
 * @param roles which administrators may ask for it; nobody until it is said
 * @param permission for whoever sends an API key, what keys with scopes need for it unless a scope covers the path; empty:
 *     it is for administrators
 * @param parameters of its query
 * @param shownBy the path that shows what it changes; its own unless it is said
 * @param body the schema of the document that it takes; empty: none
 * @param answers the schemas of its good answers by their status; an empty name for one without a body
 * @param problems the types of problems that it has besides those that follow from all else
 */
public record Operation(
    String id,
    String method,
    String path,
    String summary,
    Effect effect,
    Set<Role> roles,
    Optional<String> permission,
    List<Parameter> parameters,
    String shownBy,
    Optional<String> body,
    Map<Integer, String> answers,
    List<String> problems) {

  /** What all paths begin with: {@value}. */
  public static final String ROOT = "/api/v1/";

  /** What stands in a path for one segment. */
  public static final String ID = "{id}";

  /** What an operation may change. */
  public enum Effect {
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
  public record Parameter(String name, Schema schema, String description, boolean required) {

    public static Parameter optional(String name, Schema schema, String description) {
      return new Parameter(name, schema, description, false);
    }

    public static Parameter required(String name, Schema schema, String description) {
      return new Parameter(name, schema, description, true);
    }
  }

  public Operation {
    roles = Set.copyOf(roles);
    parameters = List.copyOf(parameters);
    answers = Map.copyOf(answers);
    problems = List.copyOf(problems);
  }

  /** Something that can be read. */
  public static Operation read(String id, String path, String summary) {
    return of(id, "GET", path, summary, Effect.READS);
  }

  /** Something that is told as it happens. */
  public static Operation tell(String id, String path, String summary) {
    return of(id, "GET", path, summary, Effect.TELLS);
  }

  /** A question that comes with a document. */
  public static Operation ask(String id, String path, String summary) {
    return of(id, "POST", path, summary, Effect.ASKS);
  }

  /** Something that changes what is kept. */
  public static Operation change(String id, String method, String path, String summary) {
    return of(id, method, path, summary, Effect.CHANGES);
  }

  private static Operation of(String id, String method, String path, String summary, Effect effect) {
    return new Operation(
        id, method, path, summary, effect, Set.of(), Optional.empty(), List.of(), path, Optional.empty(), Map.of(), List.of());
  }

  public Operation by(Set<Role> allowed) {
    return new Operation(
        id, method, path, summary, effect, allowed, permission, parameters, shownBy, body, answers, problems);
  }

  /** For whoever sends an API key. */
  public Operation byKeys(String needed) {
    return new Operation(
        id, method, path, summary, effect, roles, Optional.of(needed), parameters, shownBy, body, answers, problems);
  }

  public Operation query(Parameter... all) {
    return new Operation(
        id, method, path, summary, effect, roles, permission, List.of(all), shownBy, body, answers, problems);
  }

  public Operation shownBy(String other) {
    return new Operation(id, method, path, summary, effect, roles, permission, parameters, other, body, answers, problems);
  }

  public Operation takes(String schema) {
    return new Operation(
        id, method, path, summary, effect, roles, permission, parameters, shownBy, Optional.of(schema), answers, problems);
  }

  public Operation answers(int status, String schema) {
    Map<Integer, String> more = new LinkedHashMap<>(answers);
    more.put(status, schema);
    return new Operation(id, method, path, summary, effect, roles, permission, parameters, shownBy, body, more, problems);
  }

  public Operation mayFail(String... types) {
    List<String> more = new ArrayList<>(problems);
    more.addAll(List.of(types));
    return new Operation(id, method, path, summary, effect, roles, permission, parameters, shownBy, body, answers, more);
  }

  /** Whether its path names something. */
  public boolean hasId() {
    return path.contains(ID);
  }

  /** The names of the parameters of its query. */
  public List<String> parameterNames() {
    return parameters.stream().map(Parameter::name).toList();
  }
}
