package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One request, as a handler sees it. For one thread.
 *
 * @param request what it says besides all below
 * @param actor who asks; may use the operation, and know of what the path names
 * @param id what stands in the path for {@code {id}}; empty when the path has none
 * @param query the parameters of the query, each a text
 * @param document the body; empty when there is none
 * @param faults what is wrong with all of it
 * @param touched what a handler says of what it has changed, where that cannot be read at a path
 */
public record Call(
    Envelope request,
    Actor actor,
    String id,
    Fields query,
    Optional<JsonNode> document,
    Faults faults,
    List<Touched> touched) {

  public Call(
      Envelope request,
      Actor actor,
      String id,
      Fields query,
      Optional<JsonNode> document,
      Faults faults) {
    this(request, actor, id, query, document, faults, new ArrayList<>());
  }

  /** Who administers; for operations of administrators. */
  public Caller caller() {
    return (Caller) actor;
  }

  /** Whose key it is; for operations of API keys. */
  public KeyHolder holder() {
    return (KeyHolder) actor;
  }

  /** The fields of the body, which has to be there. */
  public Fields body(String... names) {
    if (document.isEmpty()) {
      faults.add("", "no body (expected: an object)");
    }
    return bodyIfAny(names);
  }

  /** The fields of the body; none when there is no body. */
  public Fields bodyIfAny(String... names) {
    return Fields.of("", document.orElseGet(Json::object), faults, List.of(names));
  }

  /** Ends the call when something is wrong with the input. */
  public void check() {
    faults.check();
  }

  /** Ends the call when the client expects another state than the representation shows. */
  public void expect(ObjectNode current) {
    EntityTag.check(request, Optional.of(EntityTag.of(current)), true);
  }

  /** Says what was changed; for what no path of its own shows. */
  public void touch(String object, Optional<ObjectNode> before, Optional<ObjectNode> after) {
    touched.add(new Touched(object, before, after));
  }
}
