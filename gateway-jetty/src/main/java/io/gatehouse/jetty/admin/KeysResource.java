package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyAdmin;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/** API keys: make, list, change, rotate, delete. A secret is told once, in the answer that made it. */
final class KeysResource {

  private static final String PATH = AdminServlet.ROOT + "keys";
  private static final String ONE = PATH + "/{id}";
  private static final int MOST_SCOPES = 100;

  private static final Duration USUAL_GRACE = Duration.ofHours(24);
  private static final FieldType<Duration> GRACE = FieldTypes.duration(Duration.ZERO, Duration.ofDays(366));
  private static final FieldType<Set<String>> SCOPES =
      FieldTypes.list(FieldTypes.SCOPE, MOST_SCOPES).map(Set::copyOf);

  private final KeyAdmin keys;
  private final KeyIssuer issuer;
  private final KnownUsers users;
  private final FieldType<Instant> expiry;

  KeysResource(KeyAdmin keys, KeyIssuer issuer, KnownUsers users, InstantSource clock) {
    this.keys = keys;
    this.issuer = issuer;
    this.users = users;
    this.expiry = FieldTypes.future(clock);
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list);
    router.add("POST", PATH, this::add);
    router.add("GET", ONE, this::show);
    router.add("PATCH", ONE, this::change);
    router.add("DELETE", ONE, this::delete);
    router.add("POST", ONE + "/rotate", this::rotate);
  }

  private Answer list(Call call) {
    Optional<String> user = call.query().require("user", FieldTypes.ID_TEXT);
    call.check();
    ObjectNode body = Json.object();
    ArrayNode rows = body.putArray("keys");
    keys.keysOf(users.require(user.get(), call.caller()).id()).forEach(key -> rows.add(json(key)));
    return Answer.ok(body);
  }

  private Answer add(Call call) {
    Fields body = call.body("user", "name", "scopes", "expires_at");
    Optional<String> user = body.require("user", FieldTypes.ID_TEXT);
    String name = body.get("name", FieldTypes.KEY_NAME).orElse("");
    Set<String> scopes = body.get("scopes", SCOPES).orElse(Set.of());
    Optional<Instant> expiresAt = body.clearable("expires_at", expiry, Optional.empty());
    if (user.isPresent() && !users.has(user.get(), call.caller())) {
      call.faults().add("user", "\"" + user.get() + "\" (expected: the id of a user)");
    }
    call.check();
    try {
      return told(issuer.issue(user.get(), name, scopes, expiresAt));
    } catch (IllegalArgumentException e) {
      // Since it was checked, the user was deleted by another node or the end of the key has come.
      call.faults().add("", e.getMessage());
      throw call.faults().problem();
    }
  }

  private Answer show(Call call) {
    call.check();
    ObjectNode body = json(require(call.id()));
    return Answer.ok(body).tagged(body);
  }

  private Answer change(Call call) {
    ApiKey key = require(call.id());
    Fields body = call.body("name", "enabled", "scopes", "expires_at");
    String name = body.get("name", FieldTypes.KEY_NAME).orElse(key.name());
    boolean enabled = body.get("enabled", FieldTypes.BOOLEAN).orElse(key.enabled());
    Set<String> scopes = body.get("scopes", SCOPES).orElse(key.scopes());
    Optional<Instant> expiresAt = body.clearable("expires_at", expiry, key.expiresAt());
    call.check();
    call.expect(json(key));
    ApiKey changed =
        new ApiKey(
            key.id(),
            key.user(),
            name,
            key.start(),
            scopes,
            enabled,
            key.createdAt(),
            expiresAt,
            key.replaces(),
            key.lineage());
    if (!keys.updateKey(changed)) {
      throw missing();
    }
    return Answer.ok(json(changed)).tagged(json(changed));
  }

  private Answer delete(Call call) {
    ApiKey key = require(call.id());
    call.check();
    call.expect(json(key));
    if (!keys.deleteKey(key.id())) {
      throw missing();
    }
    return Answer.noContent();
  }

  private Answer rotate(Call call) {
    ApiKey key = require(call.id());
    Duration grace = call.bodyIfAny("grace").get("grace", GRACE).orElse(USUAL_GRACE);
    call.check();
    call.expect(json(key));
    try {
      return told(issuer.rotate(key.id(), grace).orElseThrow(KeysResource::missing));
    } catch (IllegalArgumentException e) {
      throw new ProblemException(
          Problem.of(
              409, "key-not-usable", "Key not usable", "The key is disabled or expired; make a new one."));
    }
  }

  private ApiKey require(String id) {
    return keys.key(id).orElseThrow(KeysResource::missing);
  }

  static ProblemException missing() {
    return ProblemException.notFound("There is no key with this id.");
  }

  /** The one answer that holds the secret. */
  private static Answer told(IssuedKey issued) {
    ObjectNode kept = json(issued.key());
    ObjectNode body = Json.object().put("key", issued.secret());
    body.setAll(kept);
    return Answer.created(PATH + "/" + issued.key().id(), body).tagged(kept);
  }

  private static ObjectNode json(ApiKey key) {
    ObjectNode json =
        Json.object()
            .put("id", key.id())
            .put("user", key.user())
            .put("name", key.name())
            .put("start", key.start());
    ArrayNode scopes = json.putArray("scopes");
    key.scopes().stream().sorted().forEach(scopes::add);
    return json.put("enabled", key.enabled())
        .put("created_at", key.createdAt().toString())
        .put("expires_at", key.expiresAt().map(Instant::toString).orElse(null))
        .put("replaces", key.replaces().orElse(null));
  }
}
