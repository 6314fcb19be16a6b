package io.gatehouse.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Entitlement;
import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.event.Change;
import io.gatehouse.key.KeyDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EntitlementCacheTest {

  private static final KeyDigest DIGEST = KnownKeys.PEPPER.digest("one");
  private static final Change ALICE = new Change(Change.Topic.USER, "alice");

  private final SettableClock clock = new SettableClock();
  private final KnownKeys store = new KnownKeys();
  private final EntitlementCache cache =
      new EntitlementCache(
          store.search(),
          new EntitlementCache.Bounds(100, Duration.ofSeconds(60), Duration.ofSeconds(5), Duration.ofHours(1)),
          clock.nanoTime());

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void a_key_is_looked_up_once_and_then_known() {
    store.put("one", KnownKeys.key("k1", "alice"));

    assertThat(cache.find(DIGEST, "one")).isPresent();
    assertThat(cache.find(DIGEST, "one")).isPresent();

    assertThat(store.asked).hasValue(1);
    assertThat(cache.hits()).isEqualTo(1);
    assertThat(cache.misses()).isEqualTo(1);
    assertThat(cache.size()).isEqualTo(1);
  }

  @Test
  void that_a_key_is_unknown_is_remembered_for_a_short_while() {
    assertThat(cache.find(DIGEST, "one")).isEmpty();
    assertThat(cache.find(DIGEST, "one")).isEmpty();
    assertThat(store.asked).hasValue(1);

    store.put("one", KnownKeys.key("k1", "alice"));
    clock.advance(Duration.ofSeconds(6));

    assertThat(cache.find(DIGEST, "one")).isPresent();
  }

  @Test
  void after_its_time_to_live_an_entry_is_looked_up_in_the_background() {
    store.put("one", KnownKeys.key("k1", "alice"));
    cache.find(DIGEST, "one");
    store.put("one", KnownKeys.key("k1", "alice").withEnabled(false));
    clock.advance(Duration.ofSeconds(61));

    assertThat(enabled()).as("the request that finds it old does not wait").isTrue();
    await().atMost(Duration.ofSeconds(5)).until(() -> !enabled());
    assertThat(store.asked).hasValue(2);
  }

  @Test
  void while_the_store_is_away_known_keys_work_for_the_stated_time_and_unknown_ones_cannot_be_judged() {
    store.put("one", KnownKeys.key("k1", "alice"));
    cache.find(DIGEST, "one");
    store.away = true;

    clock.advance(Duration.ofMinutes(59));
    assertThat(cache.find(DIGEST, "one")).isPresent();
    assertThatThrownBy(() -> cache.find(KnownKeys.PEPPER.digest("two"), "two")).isInstanceOf(StoreException.class);

    clock.advance(Duration.ofMinutes(2));
    assertThatThrownBy(() -> cache.find(DIGEST, "one")).isInstanceOf(StoreException.class);
  }

  @Test
  void an_outage_asks_the_store_about_once_a_second_for_a_key() {
    store.put("one", KnownKeys.key("k1", "alice"));
    cache.find(DIGEST, "one");
    store.away = true;
    clock.advance(Duration.ofSeconds(61));

    for (int i = 0; i < 1000; i++) {
      cache.find(DIGEST, "one");
    }

    await().atMost(Duration.ofSeconds(5)).until(() -> store.asked.get() == 2);
  }

  @Test
  void a_change_drops_the_users_entries_and_those_of_unknown_keys_only() {
    store.put("one", KnownKeys.key("k1", "alice"));
    store.put("two", KnownKeys.key("k2", "bob"));
    KeyDigest two = KnownKeys.PEPPER.digest("two");
    KeyDigest three = KnownKeys.PEPPER.digest("three");
    cache.find(DIGEST, "one");
    cache.find(two, "two");
    cache.find(three, "three");

    cache.changed(ALICE);
    cache.changed(new Change(Change.Topic.BACKENDS, ""));
    store.asked.set(0);
    cache.find(two, "two");
    assertThat(store.asked).hasValue(0);
    cache.find(DIGEST, "one");
    cache.find(three, "three");
    assertThat(store.asked).hasValue(2);

    cache.changed(new Change(Change.Topic.USER, ""));
    cache.find(two, "two");
    assertThat(store.asked).hasValue(3);
  }

  @Test
  void a_look_up_that_a_change_overtakes_is_made_again() {
    store.put("one", KnownKeys.key("k1", "alice"));
    store.afterReading =
        () -> {
          // The row was read as enabled; now it is changed and the change arrives before the entry is kept.
          store.afterReading = () -> {};
          store.put("one", KnownKeys.key("k1", "alice").withEnabled(false));
          cache.changed(ALICE);
        };

    assertThat(enabled()).isFalse();
    assertThat(enabled()).isFalse();
  }

  @Test
  void a_look_up_in_the_background_that_a_change_overtakes_keeps_nothing_old() {
    store.put("one", KnownKeys.key("k1", "alice"));
    cache.find(DIGEST, "one");
    clock.advance(Duration.ofSeconds(61));
    store.afterReading =
        () -> {
          store.afterReading = () -> {};
          store.put("one", KnownKeys.key("k1", "alice").withEnabled(false));
          cache.changed(ALICE);
        };

    cache.find(DIGEST, "one");

    await().atMost(Duration.ofSeconds(5)).until(() -> store.asked.get() >= 2);
    await().atMost(Duration.ofSeconds(5)).until(() -> !enabled());
  }

  @Test
  void keys_that_are_looked_up_ahead_are_there_when_they_come() {
    store.put("one", KnownKeys.key("k1", "alice"));
    store.put("two", KnownKeys.key("k2", "bob"));

    cache.warm(() -> List.of(DIGEST, KnownKeys.PEPPER.digest("two")), Duration.ofSeconds(10));

    await().untilAsserted(() -> assertThat(cache.size()).isEqualTo(2));
    assertThat(cache.find(DIGEST, "one")).isPresent();
    assertThat(store.asked).hasValue(2);
    assertThat(cache.misses()).isZero();
    assertThat(cache.hits()).isOne();
  }

  @Test
  void looking_up_ahead_ends_with_its_time_or_at_the_first_trouble() {
    store.put("one", KnownKeys.key("k1", "alice"));
    List<String> asked = new CopyOnWriteArrayList<>();
    cache.warm(
        () -> {
          clock.advance(Duration.ofSeconds(11));
          asked.add("too late");
          return List.of(DIGEST);
        },
        Duration.ofSeconds(10));
    cache.warm(
        () -> {
          asked.add("away");
          throw new StoreException("away", null);
        },
        Duration.ofSeconds(10));
    cache.warm(
        () -> {
          asked.add("end");
          return List.of();
        },
        Duration.ofSeconds(10));

    await().untilAsserted(() -> assertThat(asked).containsExactly("too late", "away", "end"));
    assertThat(store.asked).hasValue(0);
    assertThat(cache.size()).isZero();
  }

  @Test
  void a_change_of_a_tenant_drops_its_users_and_nobody_else() {
    EntitlementCache tenants =
        new EntitlementCache(
            store.search(key -> KnownKeys.dossierOf(
                key, Optional.of("tenant of " + key.user()).filter(tenant -> !key.user().equals("carol")))),
            new EntitlementCache.Bounds(100, Duration.ofSeconds(60), Duration.ofSeconds(5), Duration.ofHours(1)),
            clock.nanoTime());
    for (String user : List.of("alice", "bob", "carol")) {
      store.put(user, KnownKeys.key("key of " + user, user));
      tenants.find(KnownKeys.PEPPER.digest(user), user);
    }

    tenants.changed(new Change(Change.Topic.TENANT, "tenant of bob"));
    for (String user : List.of("alice", "bob", "carol")) {
      tenants.find(KnownKeys.PEPPER.digest(user), user);
    }
    assertThat(store.asked).hasValue(4);

    tenants.changed(new Change(Change.Topic.TENANT, ""));
    tenants.find(KnownKeys.PEPPER.digest("carol"), "carol");
    assertThat(store.asked).hasValue(5);
    tenants.close();
  }

  @Test
  void other_rules_need_no_look_up_and_each_request_gets_what_its_own_say() {
    store.put("one", KnownKeys.key("k1", "alice"));
    EntitlementRules before = new EntitlementRules(dossier -> KnownKeys.entitlementOf(dossier));
    EntitlementRules after = new EntitlementRules(
        dossier -> new Entitlement(
            new Subject("alice", "k1"), List.of(), List.of(), List.of(), Set.of("GET")));
    Entitlement first = cache.find(DIGEST, "one").orElseThrow().caller(before).entitlement();
    store.away = true;

    KnownKey known = cache.find(DIGEST, "one").orElseThrow();

    assertThat(known.caller(before).entitlement()).as("compiled once").isSameAs(first);
    assertThat(known.caller(after).entitlement().scopes()).containsExactly("GET");
    assertThat(known.caller(before).entitlement().scopes()).isEmpty();
  }

  @Test
  void a_smaller_cache_forgets_what_is_too_much_for_it_and_goes_on() {
    for (int i = 0; i < 50; i++) {
      store.put("key " + i, KnownKeys.key("k" + i, "alice"));
      cache.find(KnownKeys.PEPPER.digest("key " + i), "key " + i);
    }

    cache.become(
        new EntitlementCache.Bounds(10, Duration.ofSeconds(60), Duration.ofSeconds(5), Duration.ofHours(1)));

    assertThat(cache.size()).isEqualTo(10);
    assertThat(cache.hits() + cache.misses()).isEqualTo(50);
  }

  @Test
  void a_key_in_use_stays_when_others_make_room() {
    store.put("one", KnownKeys.key("k1", "alice"));
    cache.find(DIGEST, "one");
    for (int i = 0; i < 2_000; i++) {
      clock.advance(Duration.ofMillis(20));
      cache.find(KnownKeys.PEPPER.digest("unknown " + i), "unknown " + i);
      cache.find(DIGEST, "one");
    }

    assertThat(store.asked).hasValue(2_001);
    assertThat(cache.size()).isEqualTo(100);
  }

  @Test
  void what_is_remembered_keeps_the_times_that_it_was_given() {
    store.put("one", KnownKeys.key("k1", "alice"));
    cache.find(DIGEST, "one");
    cache.become(
        new EntitlementCache.Bounds(100, Duration.ofSeconds(60), Duration.ofSeconds(5), Duration.ofMinutes(1)));
    store.away = true;

    clock.advance(Duration.ofMinutes(59));
    assertThat(cache.find(DIGEST, "one")).isPresent();
    clock.advance(Duration.ofMinutes(1));
    assertThatThrownBy(() -> cache.find(DIGEST, "one")).isInstanceOf(StoreException.class);
  }

  private boolean enabled() {
    Optional<KnownKey> known = cache.find(DIGEST, "one");
    return known.orElseThrow().key().enabled();
  }
}
