package io.gatehouse.jetty.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.access.Cidr;
import io.gatehouse.admin.Role;
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
import io.gatehouse.jetty.api.KeyFields;
import io.gatehouse.jetty.api.KeyRows;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.ImportedKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.key.KeyImage;
import io.gatehouse.quota.QuotaPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** API keys: make, list, change, rotate, delete. A secret is told once, in the answer that made it. */
final class KeysResource {

  private static final String PATH = AdminServlet.ROOT + "keys";
  private static final String ONE = PATH + "/{id}";

  /** Whoever adds a hash learns whether somebody has a key of that hash or start. */
  private static final Set<Role> IMPORTERS = Set.of(Role.OWNER, Role.OPERATOR);

  private final KeyAdmin keys;
  private final KeyIssuer issuer;
  private final LeakReports leaks;
  private final QuotaPolicy quotas;
  private final KnownUsers users;
  private final FieldType<Instant> expiry;

  KeysResource(
      KeyAdmin keys,
      KeyIssuer issuer,
      LeakReports leaks,
      QuotaPolicy quotas,
      KnownUsers users,
      InstantSource clock) {
    this.keys = keys;
    this.issuer = issuer;
    this.leaks = leaks;
    this.quotas = quotas;
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
    List<ApiKey> all =
        keys.keysOf(users.require(user.get(), call.caller()).id()).stream()
            .filter(key -> enabled.map(wanted -> wanted == key.enabled()).orElse(true))
            .filter(key -> before.map(key::expiredAt).orElse(true))
            .toList();
    return KeyRows.page(call, PATH, size, after, all, keys, KeyRows::json);
  }

  private Answer add(Call call) {
    Fields body = call.body("user", "name", "scopes", "networks", "expires_at", "hash", "start");
    Optional<String> user = body.require("user", FieldTypes.ID_TEXT);
    String name = body.get("name", FieldTypes.KEY_NAME).orElse("");
    Set<String> scopes = body.get("scopes", KeyFields.SCOPES).orElse(Set.of());
    List<Cidr> networks = body.get("networks", KeyFields.NETWORKS).orElse(List.of());
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
          : KeyRows.told(PATH, issuer.issue(user.get(), terms));
    } catch (IllegalArgumentException e) {
      // The hash is there already or lacks its start; or since it was checked, the user was deleted by another node or the
      // end of the key has come.
      call.faults().add("", e.getMessage());
      throw call.faults().problem();
    }
  }

  private Answer imported(ImportedKey imported) {
    keys.importKeys(List.of(imported));
    ObjectNode kept = KeyRows.json(imported.key());
    return Answer.created(PATH + "/" + imported.key().id(), KeyRows.withUse(kept.deepCopy(), null)).tagged(kept);
  }

  private Answer show(Call call) {
    call.check();
    return shown(require(call.id()));
  }

  private Answer shown(ApiKey key) {
    ObjectNode body = KeyRows.withUse(KeyRows.json(key), keys.lastUses(List.of(key.id())).get(key.id()));
    return Answer.ok(KeyQuotasResource.put(body, quotas.keyQuotasOf(key.lineage()))).guardedBy(KeyRows.json(key));
  }

  /** The same answer whether there is such a key or not. */
  private Answer report(Call call) {
    Optional<String> text = call.body("key").require("key", FieldTypes.SECRET_KEY);
    call.check();
    leaks.report(text.get()).ifPresent(suspended -> call.touch(
        "keys/" + suspended.after().id(),
        Optional.of(KeyRows.json(suspended.before())),
        Optional.of(KeyRows.json(suspended.after()))));
    return Answer.accepted(Json.object().put("reported", true));
  }

  private Answer change(Call call) {
    ApiKey key = require(call.id());
    Fields body = call.body("name", "enabled", "scopes", "networks", "expires_at");
    String name = body.get("name", FieldTypes.KEY_NAME).orElse(key.name());
    boolean enabled = body.get("enabled", FieldTypes.BOOLEAN).orElse(key.enabled());
    Set<String> scopes = body.get("scopes", KeyFields.SCOPES).orElse(key.scopes());
    List<Cidr> networks = body.get("networks", KeyFields.NETWORKS).orElse(key.networks());
    Optional<Instant> expiresAt = body.clearable("expires_at", expiry, key.expiresAt());
    call.check();
    call.expect(KeyRows.json(key));
    ApiKey changed = key.withName(name)
        .withScopes(scopes)
        .withNetworks(networks)
        .withEnabled(enabled)
        .withExpiresAt(expiresAt);
    if (!keys.updateKey(changed)) {
      throw KeyFields.missing();
    }
    return shown(changed);
  }

  private Answer delete(Call call) {
    ApiKey key = require(call.id());
    call.check();
    call.expect(KeyRows.json(key));
    if (!keys.deleteKey(key.id())) {
      throw KeyFields.missing();
    }
    return Answer.noContent();
  }

  private Answer rotate(Call call) {
    ApiKey key = require(call.id());
    Duration grace = KeyFields.grace(call);
    call.check();
    call.expect(KeyRows.json(key));
    try {
      return KeyRows.told(PATH, issuer.rotate(key.id(), grace).orElseThrow(KeyFields::missing));
    } catch (IllegalArgumentException e) {
      throw KeyFields.notUsable();
    }
  }

  private ApiKey require(String id) {
    return keys.key(id).orElseThrow(KeyFields::missing);
  }
}
