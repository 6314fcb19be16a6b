package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.CHANGES;
import static io.gatehouse.core.sql.schema.Tables.REVISION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.gatehouse.access.Cidr;
import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.User;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What changed here is heard there. */
abstract class SqlChangeFeedTest {

  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration QUARTER = Duration.ofMillis(SqlChangeFeed.INTERVAL_MILLIS);
  private static final Change ALL_USERS = new Change(Topic.USER, "");
  private static final Change ALL_TENANTS = new Change(Topic.TENANT, "");
  private static final Change ALL_PLANS = new Change(Topic.PLAN, "");
  private static final Change ALL_BACKENDS = new Change(Topic.BACKENDS, "");
  private static final Change ALL_BLOCKS = new Change(Topic.BLOCKS, "");
  private static final Change ALL_ANSWERS = new Change(Topic.ANSWERS, "");

  private final SqlDatabase.Dialect dialect;
  private final List<Change> heard = Collections.synchronizedList(new ArrayList<>());
  private final AtomicReference<Instant> now = new AtomicReference<>(NOON);
  private TestDatabases databases;
  private SqlDatabase here;
  private SqlDatabase there;

  SqlChangeFeedTest(SqlDatabase.Dialect dialect) {
    this.dialect = dialect;
  }

  @BeforeEach
  void open() {
    databases = TestDatabases.of(dialect);
    here = databases.open(databases.builder().clock(now::get));
    here.migrate();
    there = databases.open(databases.builder().clock(now::get));
  }

  @AfterEach
  void close() {
    databases.close();
  }

  @Test
  void every_kind_of_change_is_told_once_in_its_order_and_nothing_else_is() {
    SqlUserStore users = new SqlUserStore(here);
    SqlKeyStore keys = new SqlKeyStore(here);
    SqlBackendStore backends = new SqlBackendStore(here);
    users.addUser(user("before"));
    SqlChangeFeed feed = feed();
    KeyDigest digest = new KeyDigest(1, 1, 2, 3, 4);
    Upstream backend =
        new Upstream(URI.create("http://b:1"), 1, Upstream.State.ENABLED, Duration.ofSeconds(1));

    users.addUser(user("u1"));
    users.updateUser(user("u1").withEnabled(false));
    keys.addKey(key("k1", "u1"), digest);
    keys.rotateKey(key("k1", "u1"), key("k2", "u1"), new KeyDigest(1, 0, 0, 0, 0));
    keys.updateKey(key("k1", "u1"));
    keys.deleteKey("k1");
    backends.putBackend(backend);
    new SqlWhitelistStore(here).replaceNetworks("u1", List.of(Cidr.parse("::/0")));
    new SqlLimitPolicy(here).replaceLimits(Level.USER, "u1", Optional.of(List.of(Limit.of(1, Duration.ofSeconds(1)))));
    new SqlQuotaPolicy(here).replaceQuotas("u1", Optional.of(List.of(new Quota(Meter.BYTES, Window.DAY, 1))));
    backends.deleteBackend(backend.uri());
    users.deleteUser("u1");

    users.deleteUser("u1");
    users.updateUser(user("u1"));
    keys.updateKey(key("k1", "u1"));
    keys.deleteKey("k1");
    backends.deleteBackend(backend.uri());
    assertThatIllegalArgumentException().isThrownBy(() -> keys.addKey(key("k1", "u1"), digest));

    assertThat(feed.poll()).isTrue();
    assertThat(feed.poll()).isTrue();
    Change user = new Change(Topic.USER, "u1");
    Change pool = new Change(Topic.BACKENDS, "http://b:1");
    assertThat(heard).containsExactly(user, user, user, user, user, user, pool, user, user, user, pool, user);
  }

  @Test
  void more_changes_than_fit_into_one_query_are_told_all() {
    SqlChangeFeed feed = feed();
    int many = 2500;
    there.change("test", db -> IntStream.range(0, many)
        .mapToObj(i -> new Change(Topic.USER, "u" + i))
        .toList());

    feed.poll();

    assertThat(heard).hasSize(many).doesNotContain(ALL_USERS);
    assertThat(heard.get(many - 1)).isEqualTo(new Change(Topic.USER, "u" + (many - 1)));
  }

  @Test
  void changes_are_kept_for_an_hour_and_whoever_was_away_longer_hears_of_everything() {
    SqlUserStore users = new SqlUserStore(here);
    SqlChangeFeed feed = feed();
    users.addUser(user("u1"));
    now.set(NOON.plus(Duration.ofMinutes(60)));
    users.addUser(user("u2"));
    SqlChangeFeed inTime = feed();

    now.set(NOON.plus(Duration.ofMinutes(61)));
    users.addUser(user("u3"));

    inTime.poll();
    assertThat(heard).containsExactly(new Change(Topic.USER, "u3"));
    heard.clear();
    feed.poll();
    assertThat(heard).containsExactlyInAnyOrder(
        ALL_USERS, ALL_TENANTS, ALL_PLANS, ALL_BACKENDS, ALL_BLOCKS, ALL_ANSWERS);
    heard.clear();
    feed.poll();
    assertThat(heard).isEmpty();
  }

  @Test
  void a_database_put_back_to_an_older_state_may_have_changed_in_everything() {
    new SqlUserStore(here).addUser(user("u1"));
    SqlChangeFeed feed = feed();
    here.write("restore", db -> db.deleteFrom(CHANGES).execute());
    here.write("restore", db -> db.update(REVISION).set(REVISION.LATEST, 0L).execute());

    feed.poll();

    assertThat(heard).containsExactlyInAnyOrder(
        ALL_USERS, ALL_TENANTS, ALL_PLANS, ALL_BACKENDS, ALL_BLOCKS, ALL_ANSWERS);
  }

  @Test
  void a_gap_among_the_changes_may_have_been_anything() {
    SqlChangeFeed feed = feed();
    here.change("test", db -> List.of(
        new Change(Topic.USER, "u1"), new Change(Topic.USER, "u2"), new Change(Topic.USER, "u3")));
    here.write("test", db -> db.deleteFrom(CHANGES).where(CHANGES.REFERENCE.eq("u2")).execute());

    feed.poll();

    assertThat(heard).contains(ALL_USERS, ALL_BACKENDS, ALL_ANSWERS);
    heard.clear();
    feed.poll();
    assertThat(heard).isEmpty();
  }

  @Test
  void a_topic_from_the_future_may_mean_everything() {
    SqlChangeFeed feed = feed();
    here.change("test", db -> List.of(new Change(Topic.USER, "u1")));
    here.write("test", db -> db.update(CHANGES).set(CHANGES.TOPIC, "PLANS").execute());

    feed.poll();

    assertThat(heard).containsExactlyInAnyOrder(
        ALL_USERS, ALL_TENANTS, ALL_PLANS, ALL_BACKENDS, ALL_BLOCKS, ALL_ANSWERS);
  }

  @Test
  void a_listener_that_fails_hears_of_the_next_change_all_the_same() {
    SqlUserStore users = new SqlUserStore(here);
    SqlChangeFeed feed = SqlChangeFeed.create(there, QUARTER, change -> {
      heard.add(change);
      throw new IllegalStateException("expected by the test");
    });
    users.addUser(user("u1"));
    users.addUser(user("u2"));

    assertThat(feed.poll()).isTrue();

    assertThat(heard).containsExactly(new Change(Topic.USER, "u1"), new Change(Topic.USER, "u2"));
  }

  @Test
  void what_follows_a_look_runs_after_all_was_told_again_and_again_and_may_fail() {
    SqlUserStore users = new SqlUserStore(here);
    AtomicInteger looks = new AtomicInteger();
    List<Integer> heardAtLook = new CopyOnWriteArrayList<>();
    try (SqlChangeFeed feed = SqlChangeFeed.start(there, Duration.ofMillis(1), heard::add, () -> {
      heardAtLook.add(heard.size());
      looks.incrementAndGet();
      throw new IllegalStateException("expected by the test");
    })) {
      await().until(() -> looks.get() > 2);
      users.addUser(user("u1"));
      users.addUser(user("u2"));
      await().until(() -> heardAtLook.contains(2));
      assertThat(feed).isNotNull();
    }
    assertThat(heardAtLook).isSorted().contains(0);
  }

  @Test
  void a_change_is_heard_by_another_node_within_a_second() {
    SqlUserStore users = new SqlUserStore(here);
    try (SqlChangeFeed feed = SqlChangeFeed.start(there, QUARTER, heard::add)) {
      for (int i = 0; i < 3; i++) {
        Change change = new Change(Topic.USER, "u" + i);
        users.addUser(user("u" + i));
        await().pollInterval(Duration.ofMillis(5))
            .atMost(Duration.ofSeconds(1))
            .until(() -> heard.contains(change));
      }
      assertThat(feed).isNotNull();
    }
    assertThat(heard).hasSize(3);
  }

  @Test
  void numbers_of_changes_made_at_once_have_no_gaps_and_none_is_missed() throws Exception {
    List<SqlDatabase> nodes = List.of(here, there);
    try (SqlChangeFeed feed = SqlChangeFeed.start(there, Duration.ofMillis(1), heard::add)) {
      List<Thread> writers = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        SqlUserStore users = new SqlUserStore(nodes.get(writer % 2));
        int number = writer;
        writers.add(new Thread(
            () -> IntStream.range(0, 25).forEach(i -> users.addUser(user(number + "-" + i)))));
      }
      writers.forEach(Thread::start);
      for (Thread writer : writers) {
        writer.join();
      }
      await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> assertThat(heard).hasSize(100));
      assertThat(feed).isNotNull();
    }

    assertThat(Set.copyOf(heard)).hasSize(100).doesNotContain(ALL_USERS);
    assertThat(heard).hasSize(100);
  }

  @Test
  void before_the_schema_is_there_the_feed_waits_and_then_tells_everything() {
    try (TestDatabases unmigrated = TestDatabases.of(dialect)) {
      SqlDatabase database = unmigrated.open();
      SqlChangeFeed feed = SqlChangeFeed.create(database, QUARTER, heard::add);
      assertThat(feed.poll()).isFalse();
      assertThat(heard).isEmpty();

      database.migrate();

      assertThat(feed.poll()).isTrue();
      assertThat(heard).containsExactlyInAnyOrder(
          ALL_USERS, ALL_TENANTS, ALL_PLANS, ALL_BACKENDS, ALL_BLOCKS, ALL_ANSWERS);
    }
  }

  private SqlChangeFeed feed() {
    return SqlChangeFeed.create(there, QUARTER, heard::add);
  }

  private static User user(String id) {
    return new User(id, "name of " + id, true, NOON);
  }

  private static ApiKey key(String id, String user) {
    return new ApiKey(id, user, "", "gk_", Set.of(), true, NOON, Optional.empty(), Optional.empty());
  }
}
