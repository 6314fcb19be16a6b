package io.gatehouse.jetty.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyUses;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How keys are told. When a key was used is no change that a later one could overwrite, and so in no entity tag. */
public final class KeyRows {

  private KeyRows() {}

  /** What is kept of a key, but for its use. */
  public static ObjectNode json(ApiKey key) {
    ObjectNode json =
        Json.object()
            .put("id", key.id())
            .put("user", key.user())
            .put("name", key.name())
            .put("start", key.start());
    ArrayNode scopes = json.putArray("scopes");
    key.scopes().stream().sorted().forEach(scopes::add);
    ArrayNode networks = json.putArray("networks");
    key.networks().forEach(network -> networks.add(network.toString()));
    return json.put("enabled", key.enabled())
        .put("suspension", key.suspension().orElse(null))
        .put("created_at", key.createdAt().toString())
        .put("expires_at", key.expiresAt().map(Instant::toString).orElse(null))
        .put("replaces", key.replaces().orElse(null))
        .put("replaced_by", key.replacedBy().orElse(null));
  }

  /**
   * Adds when a key was used last.
   *
   * @param lastUse null: never
   */
  public static ObjectNode withUse(ObjectNode key, @Nullable Instant lastUse) {
    return key.put("last_used_at", lastUse == null ? null : lastUse.toString());
  }

  /** The one answer that holds the secret. */
  public static Answer told(String path, IssuedKey issued) {
    ObjectNode kept = json(issued.key());
    ObjectNode body = Json.object().put("key", issued.secret());
    body.setAll(kept);
    withUse(body, null);
    return Answer.created(path + "/" + issued.key().id(), body).tagged(kept);
  }

  /**
   * A page of keys, oldest first.
   *
   * @param path of the list, with {@link Operation#ROOT}
   * @param all the keys to choose from, oldest first
   * @param json what is told of one, without its use
   */
  public static Answer page(
      Call call,
      String path,
      int size,
      Optional<Cursor> after,
      List<ApiKey> all,
      KeyUses uses,
      Function<ApiKey, ObjectNode> json) {
    List<ApiKey> found =
        all.stream()
            .filter(key -> after.map(cursor -> cursor.isBefore(key.createdAt(), key.id())).orElse(true))
            .limit(size + 1L)
            .toList();
    Map<String, Instant> lastUses = uses.lastUses(found.stream().map(ApiKey::id).toList());
    return Page.answer(
        call,
        path,
        Json.object(),
        "keys",
        size,
        found,
        key -> withUse(json.apply(key), lastUses.get(key.id())),
        last -> new Cursor(last.createdAt(), last.id()).toString(),
        Map.of());
  }
}
