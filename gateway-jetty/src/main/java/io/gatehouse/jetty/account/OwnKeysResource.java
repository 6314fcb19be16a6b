package io.gatehouse.jetty.account;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.access.Scopes;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.KeyTerms;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.jetty.api.Answer;
import io.gatehouse.jetty.api.Call;
import io.gatehouse.jetty.api.Cursor;
import io.gatehouse.jetty.api.FieldType;
import io.gatehouse.jetty.api.FieldTypes;
import io.gatehouse.jetty.api.Fields;
import io.gatehouse.jetty.api.KeyFields;
import io.gatehouse.jetty.api.KeyRows;
import io.gatehouse.jetty.api.Page;
import io.gatehouse.jetty.api.ProblemException;
import io.gatehouse.jetty.api.Router;
import io.gatehouse.jetty.problem.Problem;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyAdmin;
import io.gatehouse.limit.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The keys of whoever asks with one of them. Nothing that is made here may more than the key that asked for it: it has no
 * other scopes, no later end, no wider networks, and does not escape limits or quotas that the key has of its own. Why a key
 * was suspended is for administrators and not told.
 */
final class OwnKeysResource {

  /** So many keys a user may have before no more are made here; administrators can make more: {@value}. */
  static final int MOST_KEYS = 1_000;

  private static final String PATH = AccountServlet.PATH + "/keys";
  private static final String ONE = PATH + "/{id}";

  private final Stores stores;
  private final KeyAdmin keys;
  private final InstantSource clock;
  private final FieldType<Instant> expiry;

  OwnKeysResource(Stores stores, InstantSource clock) {
    this.stores = stores;
    this.keys = stores.keys();
    this.clock = clock;
    this.expiry = FieldTypes.future(clock);
  }

  void addTo(Router router) {
    router.add("GET", PATH, this::list);
    router.add("POST", PATH, this::add);
    router.add("GET", ONE, this::show);
    router.add("DELETE", ONE, this::delete);
    router.add("POST", ONE + "/rotate", this::rotate);
  }

  private Answer list(Call call) {
    Optional<Cursor> after = call.query().get("after", Cursor.TYPE);
    int size = Page.size(call);
    call.check();
    return KeyRows.page(
        call, PATH, size, after, keys.keysOf(call.holder().key().user()), keys, OwnKeysResource::json);
  }

  private Answer show(Call call) {
    call.check();
    ApiKey key = requireOwn(call);
    return Answer.ok(withUse(key, keys)).guardedBy(json(key));
  }

  private Answer add(Call call) {
    ApiKey asking = asking(call);
    requirePermission(asking);
    Fields body = call.bodyIfAny("name", "scopes", "networks", "expires_at");
    String name = body.get("name", FieldTypes.KEY_NAME).orElse("");
    Set<String> scopes = body.get("scopes", KeyFields.SCOPES).orElse(asking.scopes());
    List<Cidr> networks = body.get("networks", KeyFields.NETWORKS).orElse(asking.networks());
    Optional<Instant> end = body.clearable("expires_at", expiry, asking.expiresAt());
    if (!Scopes.within(scopes, asking.scopes())) {
      call.faults().add("scopes", "more than this key may (expected: within its own scopes, and not none)");
    }
    if (!within(networks, asking.networks())) {
      call.faults().add("networks", "wider than those of this key (expected: within its own networks, and not none)");
    }
    if (!endsBy(end, asking.expiresAt())) {
      call.faults().add("expires_at", "after the end of this key (expected: " + asking.expiresAt().get() + " or earlier)");
    }
    call.check();
    requireUnlimited(asking);
    requireRoom(asking.user());
    try {
      return made(call, stores.issuer().issue(asking.user(), new KeyTerms(name, scopes, networks, end)));
    } catch (IllegalArgumentException e) {
      // Since it was checked, the user was deleted or the end of the key has come.
      call.faults().add("", e.getMessage());
      throw call.faults().problem();
    }
  }

  private Answer delete(Call call) {
    ApiKey key = requireMine(call, asking(call));
    call.check();
    call.expect(json(key));
    if (!keys.deleteKey(key.id())) {
      throw KeyFields.missing();
    }
    call.touch("keys/" + key.id(), Optional.of(KeyRows.json(key)), Optional.empty());
    return Answer.noContent();
  }

  private Answer rotate(Call call) {
    ApiKey asking = asking(call);
    ApiKey key = requireMine(call, asking);
    Duration grace = KeyFields.grace(call);
    call.check();
    call.expect(json(key));
    if (!key.id().equals(asking.id())) {
      requireNoMore(key, asking);
      requireUnlimited(asking);
    }
    requireRoom(key.user());
    IssuedKey fresh;
    try {
      fresh = stores.issuer().rotate(key.id(), grace).orElseThrow(KeyFields::missing);
    } catch (IllegalArgumentException e) {
      throw KeyFields.notUsable();
    }
    call.touch(
        "keys/" + key.id(), Optional.of(KeyRows.json(key)), keys.key(key.id()).map(KeyRows::json));
    return made(call, fresh);
  }

  private static Answer made(Call call, IssuedKey key) {
    call.touch("keys/" + key.key().id(), Optional.empty(), Optional.of(KeyRows.json(key.key())));
    return KeyRows.told(PATH, key);
  }

  /** The key that asks, as it is now: before a change is made, its rights may have become less. */
  private ApiKey asking(Call call) {
    return keys.key(call.holder().key().id())
        .filter(key -> key.usableAt(clock.instant()))
        .orElseThrow(AccountServlet::gone);
  }

  /** The key that the path names, if it is of the user who asks; whoever else has it. */
  private ApiKey requireOwn(Call call) {
    return keys.key(call.id())
        .filter(key -> key.user().equals(call.holder().key().user()))
        .orElseThrow(KeyFields::missing);
  }

  /** The same, if the key that asks may change it: itself always. */
  private ApiKey requireMine(Call call, ApiKey asking) {
    if (!call.id().equals(asking.id())) {
      requirePermission(asking);
    }
    return requireOwn(call);
  }

  private static void requirePermission(ApiKey asking) {
    if (!asking.scopes().contains(AccountOperations.KEYS)) {
      throw AccountServlet.scopeMissing(
          "This key may change no key but itself. It takes the permission " + AccountOperations.KEYS + ".");
    }
  }

  /** Whoever rotates a key learns its successor, and has its rights then. */
  private static void requireNoMore(ApiKey key, ApiKey asking) {
    if (!(Scopes.within(key.scopes(), asking.scopes())
        && within(key.networks(), asking.networks())
        && endsBy(key.expiresAt(), asking.expiresAt()))) {
      throw AccountServlet.scopeMissing("That key may more than this one: scopes, networks or a later end.");
    }
  }

  /** Another key has other counts. */
  private void requireUnlimited(ApiKey asking) {
    if (stores.limits().limitsOf(Level.KEY, asking.lineage()).isPresent()
        || !stores.quotas().keyQuotasOf(asking.lineage()).isEmpty()) {
      throw new ProblemException(
          Problem.of(
              403,
              "key-limited",
              "Key limited",
              "This key has limits or quotas of its own, which another key would not share."));
    }
  }

  private void requireRoom(String user) {
    if (keys.keysOf(user).size() >= MOST_KEYS) {
      throw new ProblemException(
          Problem.of(
              409,
              "keys-full",
              "Keys full",
              "This user has " + MOST_KEYS + " keys, expired ones included; delete some of them."));
    }
  }

  private static boolean within(List<Cidr> some, List<Cidr> others) {
    return others.isEmpty()
        || !some.isEmpty() && some.stream().allMatch(each -> others.stream().anyMatch(other -> within(each, other)));
  }

  private static boolean within(Cidr network, Cidr other) {
    boolean sameFamily = network.network().getAddress().length == other.network().getAddress().length;
    return sameFamily && network.prefix() >= other.prefix() && other.contains(network.network());
  }

  private static boolean endsBy(Optional<Instant> end, Optional<Instant> latest) {
    return latest.isEmpty() || end.isPresent() && !end.get().isAfter(latest.get());
  }

  private static ObjectNode json(ApiKey key) {
    return KeyRows.json(key).putNull("suspension");
  }

  /** What is told of a key, and when it was used last. */
  static ObjectNode withUse(ApiKey key, KeyAdmin keys) {
    return KeyRows.withUse(json(key), keys.lastUses(List.of(key.id())).get(key.id()));
  }
}
