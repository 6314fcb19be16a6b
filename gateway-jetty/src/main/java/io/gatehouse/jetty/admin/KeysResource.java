package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.access.Cidr;
import io.gatehouse.admin.Role;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.KeyIssuer;
import io.gatehouse.core.key.KeyTerms;
import io.gatehouse.core.key.LeakReports;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Cursor;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.Json;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyImage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** API keys: make, list, change, rotate, delete. A secret is told once, in the answer that made it. */
final class KeysResource {

  private static final String PATH = AdminServlet.ROOT + "keys";
  private static final String ONE = PATH + "/{id}";
  private static final int MOST_SCOPES = 100;

  /** Every one of them is compared with the address of every request. */
  private static final int MOST_NETWORKS = 100;

  /** Whoever adds a hash learns whether somebody has a key of that hash or start. */
  private static final Set<Role> IMPORTERS = Set.of(Role.OWNER, Role.OPERATOR);

  private static final Duration USUAL_GRACE = Duration.ofHours(24);
  private static final FieldType<Duration> GRACE = FieldTypes.duration(Duration.ZERO, Duration.ofDays(366));
  private static final FieldType<Set<String>> SCOPES =
      FieldTypes.list(FieldTypes.SCOPE, MOST_SCOPES).map(Set::copyOf);
  private static final FieldType<List<Cidr>> NETWORKS = FieldTypes.list(FieldTypes.NETWORK, MOST_NETWORKS);

  private final KeyAdmin keys;
  private final KeyIssuer issuer;
  private final LeakReports leaks;
  private final KnownUsers users;
  private final FieldType<Instant> expiry;

  KeysResource(KeyAdmin keys, KeyIssuer issuer, LeakReports leaks, KnownUsers users, InstantSource clock) {
    this.keys = keys;
    this.issuer = issuer;
    this.leaks = leaks;
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
    router.add("POST", PATH + "/report", this::report);
  }

  private Answer list(Call call) {
    Optional<String> user = call.query().require("user", FieldTypes.ID_TEXT);
    Optional<Boolean> enabled = call.query().get("enabled", FieldTypes.TRUE_OR_FALSE);
    Optional<Instant> before = call.query().get("expires_before", FieldTypes.MOMENT);
    Optional<Cursor> after = call.query().get("after", Cursor.TYPE);
    int size = Page.size(call);
    call.check();
    List<ApiKey> found =
        keys.keysOf(users.require(user.get(), call.caller()).id()).stream()
            .filter(key -> enabled.map(wanted -> wanted == key.enabled()).orElse(true))
            .filter(key -> before.map(key::expiredAt).orElse(true))
            .filter(key -> after.map(cursor -> cursor.isBefore(key.createdAt(), key.id())).orElse(true))
            .limit(size + 1L)
            .toList();
    Map<String, Instant> uses = keys.lastUses(found.stream().map(ApiKey::id).toList());
    return Page.answer(
        call,
        PATH,
        Json.object(),
        "keys",
        size,
        found,
        key -> withUse(json(key), uses.get(key.id())),
        last -> new Cursor(last.createdAt(), last.id()).toString(),
        Map.of());
  }

  private Answer add(Call call) {
    Fields body = call.body("user", "name", "scopes", "networks", "expires_at", "hash", "start");
    Optional<String> user = body.require("user", FieldTypes.ID_TEXT);
    String name = body.get("name", FieldTypes.KEY_NAME).orElse("");
    Set<String> scopes = body.get("scopes", SCOPES).orElse(Set.of());
    List<Cidr> networks = body.get("networks", NETWORKS).orElse(List.of());
    Optional<Instant> expiresAt = body.clearable("expires_at", expiry, Optional.empty());
    Optional<KeyImage> hash = body.get("hash", FieldTypes.HASH);
    Optional<String> start = body.get("start", FieldTypes.START);
    if ((hash.isPresent() || start.isPresent()) && !IMPORTERS.contains(call.caller().role())) {
      throw ProblemException.forbidden(IMPORTERS);
    }
    if (start.isPresent() && hash.isEmpty()) {
      call.faults().add("start", "of no use without a hash (expected: both, or neither)");
    }
    if (user.isPresent() && !users.has(user.get(), call.caller())) {
      call.faults().add("user", "\"" + user.get() + "\" (expected: the id of a user)");
    }
    call.check();
    KeyTerms terms = new KeyTerms(name, scopes, networks, expiresAt);
    try {
      return hash.isPresent()
          ? imported(issuer.imported(user.get(), start.orElse(""), terms, hash.get()))
          : told(issuer.issue(user.get(), terms));
    } catch (IllegalArgumentException e) {
      // The hash is there already or lacks its start; or since it was checked, the user was deleted by another node or the
      // end of the key has come.
      call.faults().add("", e.getMessage());
      throw call.faults().problem();
    }
  }

  private Answer imported(ImportedKey imported) {
    keys.importKeys(List.of(imported));
    ObjectNode kept = json(imported.key());
    return Answer.created(PATH + "/" + imported.key().id(), withUse(kept.deepCopy(), null)).tagged(kept);
  }

  private Answer show(Call call) {
    call.check();
    return shown(require(call.id()));
  }

  private Answer shown(ApiKey key) {
    // A use is no change that a later one could overwrite, and so not in the tag.
    return Answer.ok(withUse(json(key), keys.lastUses(List.of(key.id())).get(key.id()))).guardedBy(json(key));
  }

  /** The same answer whether there is such a key or not. */
  private Answer report(Call call) {
    Optional<String> text = call.body("key").require("key", FieldTypes.SECRET_KEY);
    call.check();
    leaks.report(text.get()).ifPresent(suspended -> call.touch(
        "keys/" + suspended.after().id(),
        Optional.of(json(suspended.before())),
        Optional.of(json(suspended.after()))));
    return Answer.accepted(Json.object().put("reported", true));
  }

  private Answer change(Call call) {
    ApiKey key = require(call.id());
    Fields body = call.body("name", "enabled", "scopes", "networks", "expires_at");
    String name = body.get("name", FieldTypes.KEY_NAME).orElse(key.name());
    boolean enabled = body.get("enabled", FieldTypes.BOOLEAN).orElse(key.enabled());
    Set<String> scopes = body.get("scopes", SCOPES).orElse(key.scopes());
    List<Cidr> networks = body.get("networks", NETWORKS).orElse(key.networks());
    Optional<Instant> expiresAt = body.clearable("expires_at", expiry, key.expiresAt());
    call.check();
    call.expect(json(key));
    ApiKey changed = key.withName(name)
        .withScopes(scopes)
        .withNetworks(networks)
        .withEnabled(enabled)
        .withExpiresAt(expiresAt);
    if (!keys.updateKey(changed)) {
      throw missing();
    }
    return shown(changed);
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
    withUse(body, null);
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
    ArrayNode networks = json.putArray("networks");
    key.networks().forEach(network -> networks.add(network.toString()));
    return json.put("enabled", key.enabled())
        .put("suspension", key.suspension().orElse(null))
        .put("created_at", key.createdAt().toString())
        .put("expires_at", key.expiresAt().map(Instant::toString).orElse(null))
        .put("replaces", key.replaces().orElse(null))
        .put("replaced_by", key.replacedBy().orElse(null));
  }

  private static ObjectNode withUse(ObjectNode key, @Nullable Instant lastUse) {
    return key.put("last_used_at", lastUse == null ? null : lastUse.toString());
  }
}
