package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Supplier;

/**
 * Whose limits, quotas or use a command is about, once that is found.
 *
 * @param kind what its paths begin with: {@code users}
 * @param name for messages: {@code user acme}
 * @param missing for when it is not there
 */
record Owner(String kind, String id, String name, Supplier<CommandFailure> missing) {

  static Owner user(Api api, String nameOrId) {
    ObjectNode user = api.user(nameOrId);
    return new Owner(
        "users", user.path("id").asText(), "user " + user.path("name").asText(), () -> Api.noUser(nameOrId));
  }

  static Owner key(String id) {
    return new Owner("keys", id, "key " + id, () -> KeysCommand.missing(id));
  }

  static Owner tenant(String name) {
    return new Owner(
        "tenants", name, "tenant " + name,
        () -> CommandFailure.missing("no tenant can have the name " + name, ""));
  }

  /** A request about something of its own: {@code limits}. */
  Ask ask(String method, String what) {
    return Ask.of(method, kind + "/{id}/" + what, id);
  }
}
