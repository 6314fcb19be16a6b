package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.API_KEYS;
import static io.gatehouse.core.sql.schema.Tables.IP_WHITELIST;
import static io.gatehouse.core.sql.schema.Tables.QUOTAS;
import static io.gatehouse.core.sql.schema.Tables.LIMITED_OWNERS;
import static io.gatehouse.core.sql.schema.Tables.OWN_LIMITS;
import static io.gatehouse.core.sql.schema.Tables.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.StoreException;
import io.gatehouse.access.Cidr;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.User;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import io.gatehouse.upstream.Upstream;
import io.gatehouse.upstream.Upstream.State;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.jooq.Table;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What the stores do, the same in both databases. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class SqlStoresTest {

  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00.123Z");
  private static final LocalDate TODAY = LocalDate.of(2026, 11, 24);

  private final TestDatabases databases;
  private SqlDatabase database;
  private SqlUserStore users;
  private SqlKeyStore keys;

  SqlStoresTest(SqlDatabase.Dialect dialect) {
    databases = TestDatabases.of(dialect);
  }

  @BeforeAll
  void open() {
    database = databases.openMigrated();
    users = new SqlUserStore(database);
    keys = new SqlKeyStore(database);
  }

  @AfterAll
  void close() {
    databases.close();
  }

  @BeforeEach
  void empty() {
    users.users("", 1000).forEach(user -> users.deleteUser(user.id()));
    SqlBackendStore backends = new SqlBackendStore(database);
    backends.backends().forEach(each -> backends.deleteBackend(each.uri()));
  }

  @Test
  void a_user_is_read_as_it_was_added() {
    User ann = new User("u1", "Ann Müller", true, NOON);

    users.addUser(ann);

    assertThat(users.user("u1")).contains(ann);
    assertThat(users.userNamed("ANN MÜLLER")).contains(ann);
    assertThat(users.userNamed("Ann")).isEmpty();
    assertThat(users.user("u2")).isEmpty();
  }

  @Test
  void names_are_taken_without_regard_to_case() {
    users.addUser(new User("u1", "Straße ΟΔΟΣ", true, NOON));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> users.addUser(new User("u2", "STRASSE οδος", true, NOON)))
        .withMessageContaining("name: STRASSE οδος");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> users.addUser(new User("u1", "Bob", true, NOON)))
        .withMessageContaining("id: u1");
    assertThat(users.users("", 10)).hasSize(1);
  }

  @Test
  void users_are_paged_in_the_order_of_their_ids_byte_by_byte() {
    for (String id : List.of("b", "A", "a", "B", "_", "-")) {
      users.addUser(new User(id, "name " + (int) id.charAt(0), true, NOON));
    }

    List<String> ids = new ArrayList<>();
    String after = "";
    for (List<User> page = users.users(after, 4); !page.isEmpty(); page = users.users(after, 4)) {
      page.forEach(user -> ids.add(user.id()));
      after = ids.get(ids.size() - 1);
    }

    assertThat(ids).containsExactly("-", "A", "B", "_", "a", "b");
    assertThatIllegalArgumentException().isThrownBy(() -> users.users("", 0));
  }

  @Test
  void a_user_may_keep_its_name_in_other_letters_but_not_take_anothers() {
    users.addUser(new User("u1", "ann", true, NOON));
    users.addUser(new User("u2", "bob", true, NOON));

    assertThat(users.updateUser(new User("u1", "ANN", false, NOON.plusSeconds(1)))).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> users.updateUser(new User("u1", "Bob", true, NOON)));

    assertThat(users.user("u1")).contains(new User("u1", "ANN", false, NOON));
    assertThat(users.updateUser(new User("u3", "new", true, NOON))).isFalse();
  }

  @Test
  void limits_of_a_key_stay_for_its_successors_and_go_with_the_last_of_them() {
    users.addUser(new User("u1", "ann", true, NOON));
    ApiKey first = key("k1", "u1");
    keys.addKey(first, digest(1));
    ApiKey second = new ApiKey("k2", "u1", "", "gk_", Set.of(), true, NOON, Optional.empty(), Optional.of("k1"));
    keys.rotateKey(first, second, digest(2));
    ApiKey third =
        new ApiKey("k3", "u1", "", "gk_", Set.of(), true, NOON, Optional.empty(), Optional.of("k2"), second.lineage());
    keys.rotateKey(second, third, digest(3));
    keys.addKey(key("k4", "u1"), digest(4));
    SqlLimitPolicy limits = new SqlLimitPolicy(database);
    limits.replaceLimits(Level.KEY, "k1", Optional.of(List.of()));
    limits.replaceLimits(Level.KEY, "k4", Optional.of(List.of()));

    keys.deleteKey("k1");
    keys.deleteKey("k2");
    assertThat(keys.key("k3").orElseThrow().lineage()).isEqualTo("k1");
    assertThat(limits.limitsOf(Level.KEY, "k1")).contains(List.of());

    keys.deleteKey("k3");
    assertThat(limits.limitsOf(Level.KEY, "k1")).isEmpty();
    assertThat(limits.limitsOf(Level.KEY, "k4")).contains(List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limits.replaceLimits(Level.KEY, "k1", Optional.of(List.of())))
        .withMessage("key: k1 (expected: the lineage of a key)");
  }

  @Test
  void a_deleted_user_takes_everything_along_but_what_it_used() {
    users.addUser(new User("u1", "ann", true, NOON));
    keys.addKey(key("k1", "u1"), digest(1));
    new SqlWhitelistStore(database).replaceNetworks("u1", List.of(Cidr.parse("10.0.0.0/8")));
    new SqlLimitPolicy(database)
        .replaceLimits(Level.USER, "u1", Optional.of(List.of(Limit.of(5, Duration.ofSeconds(1)))));
    new SqlLimitPolicy(database)
        .replaceLimits(Level.KEY, "k1", Optional.of(List.of(Limit.of(4, Duration.ofSeconds(1)))));
    new SqlQuotaPolicy(database)
        .replaceQuotas("u1", Optional.of(List.of(new Quota(Meter.REQUESTS, Window.DAY, 5))));
    QuotaKey used = new QuotaKey("u1", Meter.REQUESTS, Window.DAY, TODAY);
    new SqlUsageLog(database).record(List.of(new UsageRecord("gone", used, 7, 0)));

    assertThat(users.deleteUser("u1")).isTrue();
    assertThat(users.deleteUser("u1")).isFalse();

    for (Table<?> table : List.of(USERS, API_KEYS, IP_WHITELIST, LIMITED_OWNERS, OWN_LIMITS, QUOTAS)) {
      assertThat(database.<Integer>read("count", db -> db.fetchCount(table))).as(table.getName()).isZero();
    }
    assertThat(new SqlUsageLog(database).totals(List.of(used), "")).containsEntry(used, 7L);
  }

  @Test
  void a_key_is_found_by_its_digest_and_version_only() {
    users.addUser(new User("u1", "ann", true, NOON));
    ApiKey key = new ApiKey("k1", "u1", "", "gk_live_k1", Set.of("GET /a b", "*", "POST"), true, NOON,
        Optional.of(NOON.plusMillis(1)), Optional.of("k0"));

    keys.addKey(key, digest(1));

    assertThat(keys.find(digest(1))).contains(key);
    assertThat(keys.key("k1")).contains(key);
    assertThat(keys.find(digest(2))).isEmpty();
    assertThat(keys.find(new KeyDigest(2, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE))).isEmpty();
  }

  @Test
  void a_found_key_is_off_when_its_user_is_off() {
    users.addUser(new User("u1", "ann", false, NOON));
    keys.addKey(key("k1", "u1"), digest(1));

    assertThat(keys.find(digest(1))).contains(key("k1", "u1").withEnabled(false));
    assertThat(keys.key("k1")).contains(key("k1", "u1"));
    assertThat(keys.keysOf("u1")).containsExactly(key("k1", "u1"));

    users.updateUser(new User("u1", "ann", true, NOON));
    keys.updateKey(key("k1", "u1").withEnabled(false));
    assertThat(keys.find(digest(1)).orElseThrow().enabled()).isFalse();
  }

  @Test
  void a_key_needs_a_user_and_an_id_and_a_digest_of_its_own() {
    users.addUser(new User("u1", "ann", true, NOON));
    keys.addKey(key("k1", "u1"), digest(1));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys.addKey(key("k2", "nobody"), digest(2)))
        .withMessageContaining("user: nobody");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys.addKey(key("k1", "u1"), digest(2)))
        .withMessageContaining("id: k1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys.addKey(key("k2", "u1"), digest(1)))
        .withMessageContaining("digest: (not shown)")
        .satisfies(e -> assertThat(e.toString()).doesNotContain(digest(1).hex()));
    assertThat(keys.keysOf("u1")).hasSize(1);
  }

  @Test
  void scopes_that_could_be_read_back_as_others_are_refused() {
    users.addUser(new User("u1", "ann", true, NOON));

    for (String scope : List.of("", "GET\n*")) {
      ApiKey key = new ApiKey(
          "k1", "u1", "", "", Set.of(scope), true, NOON, Optional.empty(), Optional.empty());
      assertThatIllegalArgumentException().isThrownBy(() -> keys.addKey(key, digest(1)));
    }
    assertThat(keys.key("k1")).isEmpty();
  }

  @Test
  void keys_of_a_user_are_listed_oldest_first() {
    users.addUser(new User("u1", "ann", true, NOON));
    users.addUser(new User("u2", "bob", true, NOON));
    keys.addKey(key("b", "u1", NOON), digest(1));
    keys.addKey(key("A", "u1", NOON.plusSeconds(1)), digest(2));
    keys.addKey(key("B", "u1", NOON), digest(3));
    keys.addKey(key("c", "u2", NOON), digest(4));

    assertThat(keys.keysOf("u1")).extracting(ApiKey::id).containsExactly("B", "b", "A");
    assertThat(keys.keysOf("u3")).isEmpty();
  }

  @Test
  void a_key_is_replaced_but_for_its_user_and_digest() {
    users.addUser(new User("u1", "ann", true, NOON));
    users.addUser(new User("u2", "bob", true, NOON));
    keys.addKey(key("k1", "u1"), digest(1));
    ApiKey changed = new ApiKey("k1", "u2", "renamed", "gk_", Set.of("GET"), false, NOON.plusSeconds(5),
        Optional.of(NOON), Optional.empty());

    assertThat(keys.updateKey(changed)).isTrue();

    assertThat(keys.find(digest(1))).contains(new ApiKey("k1", "u1", "renamed", "gk_", Set.of("GET"), false,
        NOON.plusSeconds(5), Optional.of(NOON), Optional.empty()));
    assertThat(keys.updateKey(key("k2", "u1"))).isFalse();
    assertThat(keys.deleteKey("k1")).isTrue();
    assertThat(keys.deleteKey("k1")).isFalse();
    assertThat(keys.find(digest(1))).isEmpty();
  }

  @Test
  void a_rotation_happens_whole_or_not_at_all() {
    users.addUser(new User("u1", "ann", true, NOON));
    users.addUser(new User("u2", "bob", true, NOON));
    keys.addKey(key("k1", "u1"), digest(1));
    ApiKey ending = key("k1", "u1").withExpiresAt(Optional.of(NOON.plusSeconds(60)));

    assertThatIllegalArgumentException().isThrownBy(() -> keys.rotateKey(ending, key("k2", "u1"), digest(1)));
    assertThatIllegalArgumentException().isThrownBy(() -> keys.rotateKey(ending, key("k1", "u1"), digest(2)));
    assertThatIllegalArgumentException().isThrownBy(() -> keys.rotateKey(ending, key("k2", "u2"), digest(2)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys.rotateKey(key("k0", "u1"), key("k2", "u1"), digest(2)));
    assertThat(keys.keysOf("u1")).containsExactly(key("k1", "u1"));

    keys.rotateKey(ending, key("k2", "u1"), digest(2));
    assertThat(keys.find(digest(1))).contains(ending);
    assertThat(keys.find(digest(2))).contains(key("k2", "u1"));
  }

  @Test
  void networks_are_replaced_at_once_and_kept_once() {
    SqlWhitelistStore whitelist = new SqlWhitelistStore(database);
    users.addUser(new User("u1", "ann", true, NOON));
    Cidr four = Cidr.parse("192.0.2.0/24");
    Cidr six = Cidr.parse("2001:db8::/32");

    whitelist.replaceNetworks(
        "u1", List.of(four, six, Cidr.parse("192.0.2.7/24"), Cidr.parse("::ffff:192.0.2.0/120")));
    assertThat(whitelist.networksOf("u1")).containsExactlyInAnyOrder(four, six);

    whitelist.replaceNetworks("u1", List.of(Cidr.parse("::/0")));
    assertThat(whitelist.networksOf("u1")).containsExactly(Cidr.parse("::/0"));

    whitelist.replaceNetworks("u1", List.of());
    assertThat(whitelist.networksOf("u1")).isEmpty();
    assertThat(whitelist.networksOf("nobody")).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> whitelist.replaceNetworks("nobody", List.of(four)));
  }

  @Test
  void no_limits_of_ones_own_are_not_an_empty_list_of_limits() {
    SqlLimitPolicy limits = new SqlLimitPolicy(database);
    users.addUser(new User("u1", "ann", true, NOON));
    assertThat(limits.limitsOf(Level.USER, "u1")).isEmpty();
    assertThat(limits.limitsOf(Level.USER, "nobody")).isEmpty();

    List<Limit> two = List.of(
        new Limit(Limit.MOST, Duration.ofDays(366), Limit.MOST), new Limit(1, Duration.ofNanos(1500), 7));
    limits.replaceLimits(Level.USER, "u1", Optional.of(two));
    assertThat(limits.limitsOf(Level.USER, "u1").orElseThrow()).containsExactly(two.get(1), two.get(0));

    limits.replaceLimits(Level.USER, "u1", Optional.of(List.of()));
    assertThat(limits.limitsOf(Level.USER, "u1")).contains(List.of());

    limits.replaceLimits(Level.USER, "u1", Optional.empty());
    assertThat(limits.limitsOf(Level.USER, "u1")).isEmpty();
  }

  @Test
  void two_limits_of_one_period_change_nothing() {
    SqlLimitPolicy limits = new SqlLimitPolicy(database);
    users.addUser(new User("u1", "ann", true, NOON));
    Limit minute = Limit.of(10, Duration.ofMinutes(1));
    limits.replaceLimits(Level.USER, "u1", Optional.of(List.of(minute)));

    assertThatIllegalArgumentException().isThrownBy(
        () -> limits.replaceLimits(Level.USER, "u1", Optional.of(List.of(minute, Limit.of(9, Duration.ofSeconds(60))))));
    assertThatIllegalArgumentException().isThrownBy(() -> limits.replaceLimits(Level.USER, "nobody", Optional.empty()));

    assertThat(limits.limitsOf(Level.USER, "u1")).contains(List.of(minute));
  }

  @Test
  void no_quotas_of_ones_own_are_not_an_empty_list_of_quotas() {
    SqlQuotaPolicy quotas = new SqlQuotaPolicy(database);
    users.addUser(new User("u1", "ann", true, NOON));
    List<Quota> all = new ArrayList<>();
    for (Meter meter : Meter.values()) {
      for (Window window : Window.values()) {
        if ((meter == Meter.STORED_BYTES) == (window == Window.LIFETIME)) {
          all.add(new Quota(meter, window, all.isEmpty() ? 0 : Long.MAX_VALUE));
        }
      }
    }

    assertThat(quotas.quotasOf("u1")).isEmpty();
    quotas.replaceQuotas("u1", Optional.of(all));
    assertThat(quotas.quotasOf("u1").orElseThrow()).containsExactlyInAnyOrderElementsOf(all);
    quotas.replaceQuotas("u1", Optional.of(List.of()));
    assertThat(quotas.quotasOf("u1")).contains(List.of());
    quotas.replaceQuotas("u1", Optional.empty());
    assertThat(quotas.quotasOf("u1")).isEmpty();

    Quota quota = new Quota(Meter.REQUESTS, Window.DAY, 1);
    Quota again = new Quota(Meter.REQUESTS, Window.DAY, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> quotas.replaceQuotas("u1", Optional.of(List.of(quota, again))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> quotas.replaceQuotas("nobody", Optional.of(List.of(quota))));
  }

  @Test
  void a_backend_is_added_replaced_and_forgotten() {
    SqlBackendStore backends = new SqlBackendStore(database);
    Upstream one = backend("http://b:1", 1);
    Upstream two = backend("http://B:1", 100);

    backends.putBackend(one);
    backends.putBackend(two);
    assertThat(backends.backends()).containsExactly(two, one);

    Upstream drained = new Upstream(one.uri(), 50, State.DRAINING, Duration.ofNanos(1));
    backends.putBackend(drained);
    assertThat(backends.backends()).containsExactly(two, drained);

    assertThat(backends.deleteBackend(two.uri())).isTrue();
    assertThat(backends.deleteBackend(two.uri())).isFalse();
    assertThat(backends.backends()).containsExactly(drained);
  }

  @Test
  void usage_keeps_the_larger_of_each_number() {
    SqlUsageLog usage = new SqlUsageLog(database);
    QuotaKey key = quotaKey("larger");

    usage.record(List.of(new UsageRecord("a", key, 10, 4)));
    usage.record(List.of(new UsageRecord("a", key, 8, 5), new UsageRecord("b", key, 100, 0)));
    usage.record(List.of(new UsageRecord("a", key, 8, 5)));
    usage.record(List.of());

    assertThat(usage.totals(List.of(key), "")).containsEntry(key, 105L);
    assertThat(usage.totals(List.of(key), "b")).containsEntry(key, 5L);
    assertThat(usage.totals(List.of(key), "a")).containsEntry(key, 100L);
    assertThat(usage.totals(List.of(), "a")).isEmpty();
  }

  @Test
  void usage_may_name_a_key_twice_in_one_call_and_the_larger_counts() {
    SqlUsageLog usage = new SqlUsageLog(database);
    QuotaKey key = quotaKey("twice");

    usage.record(List.of(
        new UsageRecord("a", key, 5, 0), new UsageRecord("a", key, 9, 0), new UsageRecord("a", key, 7, 2)));

    assertThat(usage.totals(List.of(key), "")).containsEntry(key, 7L);
  }

  @Test
  void usage_of_each_period_meter_and_owner_is_apart() {
    SqlUsageLog usage = new SqlUsageLog(database);
    List<UsageRecord> records = new ArrayList<>();
    for (String owner : List.of("x", "X")) {
      for (Meter meter : Meter.values()) {
        for (Window window : Window.values()) {
          for (LocalDate start : List.of(TODAY, TODAY.plusDays(1))) {
            QuotaKey key = new QuotaKey(owner, meter, window, start);
            // Sums of several are never the number of another.
            records.add(new UsageRecord("a", key, 1_000_000L + records.size(), 0));
          }
        }
      }
    }

    usage.record(records);

    Map<QuotaKey, Long> totals = usage.totals(records.stream().map(UsageRecord::key).toList(), "");
    assertThat(totals).hasSize(2 * Meter.values().length * Window.values().length * 2);
    records.forEach(each -> assertThat(totals).containsEntry(each.key(), each.added()));
    assertThat(usage.totals(List.of(quotaKey("unknown")), "")).containsEntry(quotaKey("unknown"), 0L);
  }

  @Test
  void many_and_large_numbers_of_usage_are_exact() {
    SqlUsageLog usage = new SqlUsageLog(database);
    List<UsageRecord> records = new ArrayList<>();
    for (int i = 0; i < 1201; i++) {
      records.add(new UsageRecord("a", quotaKey("many" + i), (1L << 53) + i, 0));
    }
    records.add(new UsageRecord("a", quotaKey("most"), Long.MAX_VALUE, 1));

    usage.record(records);

    Map<QuotaKey, Long> totals = usage.totals(records.stream().map(UsageRecord::key).toList(), "other");
    records.forEach(each -> assertThat(totals).containsEntry(each.key(), each.added() - each.returned()));
  }

  @Test
  void usage_recorded_by_many_at_once_ends_at_the_largest() throws Exception {
    SqlUsageLog usage = new SqlUsageLog(database);
    List<QuotaKey> hot = List.of(quotaKey("hot1"), quotaKey("hot2"), quotaKey("hot3"));
    Callable<Void> recorder = () -> {
      for (int i = 1; i <= 50; i++) {
        List<UsageRecord> records = new ArrayList<>();
        for (QuotaKey key : hot) {
          int place = ThreadLocalRandom.current().nextInt(records.size() + 1);
          records.add(place, new UsageRecord("one", key, i, i / 2));
        }
        usage.record(records);
      }
      return null;
    };

    allAtOnce(4, recorder);

    assertThat(usage.totals(hot, "")).allSatisfy((key, total) -> assertThat(total).isEqualTo(25));
  }

  @Test
  void changes_made_at_once_neither_fail_nor_mix() throws Exception {
    SqlLimitPolicy limits = new SqlLimitPolicy(database);
    users.addUser(new User("u1", "ann", true, NOON));
    Callable<Void> changer = () -> {
      for (int i = 1; i <= 20; i++) {
        long permits = ThreadLocalRandom.current().nextLong(1, 1000);
        limits.replaceLimits(Level.USER, "u1", Optional.of(List.of(
            Limit.of(permits, Duration.ofSeconds(1)), Limit.of(permits, Duration.ofMinutes(1)))));
        List<Limit> seen = limits.limitsOf(Level.USER, "u1").orElseThrow();
        assertThat(seen).hasSize(2);
        assertThat(seen.get(0).permits()).isEqualTo(seen.get(1).permits());
      }
      return null;
    };

    assertThatCode(() -> allAtOnce(6, changer)).doesNotThrowAnyException();
  }

  @Test
  void one_of_many_who_want_the_same_name_gets_it() throws Exception {
    List<Future<Boolean>> results = allAtOnce(6, () -> {
      try {
        users.addUser(new User("u" + Thread.currentThread().getId(), "Ann", true, NOON));
        return true;
      } catch (IllegalArgumentException e) {
        return false;
      }
    });

    int winners = 0;
    for (Future<Boolean> result : results) {
      winners += result.get() ? 1 : 0;
    }
    assertThat(winners).isEqualTo(1);
    assertThat(users.users("", 10)).hasSize(1);
  }

  @Test
  void what_a_database_cannot_hold_is_refused_or_held_but_never_an_outage() {
    users.addUser(new User("u1", "ann", true, NOON));

    try {
      assertThat(keys.key("a\0b")).isEmpty();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageStartingWith("read key:");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> keys.addKey(key("k1", "u1").withExpiresAt(Optional.of(Instant.MAX)), digest(1)));
    database.ping();
  }

  @Test
  void a_failure_says_which_operation_failed_and_no_values() {
    try (TestDatabases unmigrated = TestDatabases.of(database.dialect())) {
      SqlDatabase empty = unmigrated.open();
      assertThatCode(() -> new SqlKeyStore(empty).find(digest(77)))
          .isInstanceOf(StoreException.class)
          .hasMessageStartingWith("find key: ")
          .satisfies(e -> {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
              assertThat(cause.toString()).doesNotContain(digest(77).hex());
            }
          });
      assertThatCode(empty::ping).isInstanceOf(StoreException.class);
    }
  }

  private static <T> List<Future<T>> allAtOnce(int threads, Callable<T> task) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<T>> results = pool.invokeAll(Collections.nCopies(threads, task));
      for (Future<T> result : results) {
        result.get();
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  private static ApiKey key(String id, String user) {
    return key(id, user, NOON);
  }

  private static ApiKey key(String id, String user, Instant createdAt) {
    return new ApiKey(
        id, user, "label", "gk_", Set.of(), true, createdAt, Optional.empty(), Optional.empty());
  }

  private static KeyDigest digest(long number) {
    return new KeyDigest(1, number, -1, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  private static QuotaKey quotaKey(String owner) {
    return new QuotaKey(owner, Meter.BYTES, Window.MONTH, TODAY.withDayOfMonth(1));
  }

  private static Upstream backend(String uri, int weight) {
    return new Upstream(URI.create(uri), weight, State.ENABLED, Duration.ofSeconds(10));
  }
}
