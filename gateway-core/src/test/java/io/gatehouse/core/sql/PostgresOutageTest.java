package io.gatehouse.core.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.StoreException;
import io.gatehouse.core.fixture.PostgresFixture;
import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.User;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The server goes away, hangs, and comes back. */
@TestInstance(Lifecycle.PER_CLASS)
class PostgresOutageTest {

  private static final KeyDigest DIGEST = new KeyDigest(1, 1, 2, 3, 4);
  private static final Duration SOON = Duration.ofSeconds(5);

  private PostgresFixture server;
  private String dsn;
  private SqlDatabase database;

  @BeforeAll
  void start() {
    server = PostgresFixture.start();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @BeforeEach
  void open() {
    dsn = server.newDatabase();
    database = builder(dsn).open();
    database.migrate();
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void while_the_server_is_stopped_calls_fail_fast_and_afterwards_they_work_again() throws Exception {
    SqlKeyStore keys = new SqlKeyStore(database);
    keys.find(DIGEST);

    server.stop();
    try {
      assertThatThrownBy(() -> keys.find(DIGEST))
          .isInstanceOf(StoreException.class)
          .hasMessageStartingWith("find key: PostgreSQL at 127.0.0.1:" + server.port());
      assertThat(longestOf(40, () -> keys.find(DIGEST))).isLessThan(Duration.ofMillis(2500));
      Duration whenKnown = elapsed(() -> {
        for (int i = 0; i < 1000; i++) {
          assertThatThrownBy(() -> keys.find(DIGEST)).isInstanceOf(StoreException.class);
        }
      });
      assertThat(whenKnown).isLessThan(Duration.ofSeconds(5));
    } finally {
      server.startAgain();
    }

    await().atMost(SOON).ignoreException(StoreException.class).until(() -> keys.find(DIGEST).isEmpty());
    assertThatCode(() -> longestOf(20, () -> keys.find(DIGEST))).doesNotThrowAnyException();
  }

  @Test
  void while_the_server_is_silent_every_call_ends_within_its_bound() throws Exception {
    SqlKeyStore keys = new SqlKeyStore(database);
    SqlUserStore users = new SqlUserStore(database);
    keys.find(DIGEST);

    server.pause();
    try {
      assertThat(longestOf(20, () -> keys.find(DIGEST))).isLessThan(Duration.ofSeconds(5));
      assertThatThrownBy(() -> users.addUser(user("u1"))).isInstanceOf(StoreException.class);
    } finally {
      server.resume();
    }

    await().atMost(SOON).ignoreException(StoreException.class).until(() -> keys.find(DIGEST).isEmpty());
    assertThat(users.user("u1")).isEmpty();
  }

  @Test
  void after_an_outage_the_feed_tells_everything_and_then_each_change() {
    List<Change> heard = Collections.synchronizedList(new ArrayList<>());
    SqlUserStore users = new SqlUserStore(database);
    try (SqlChangeFeed feed = SqlChangeFeed.start(database, Duration.ofMillis(20), heard::add)) {
      users.addUser(user("u1"));
      await().atMost(SOON).until(() -> heard.size() == 1);

      server.stop();
      await().atMost(SOON).until(() -> {
        try {
          database.ping();
          return false;
        } catch (StoreException e) {
          return true;
        }
      });
      server.startAgain();

      await().atMost(SOON).until(() -> heard.size() == 1 + Topic.values().length);
      users.addUser(user("u2"));
      await().atMost(SOON).until(() -> heard.size() == 2 + Topic.values().length);
      assertThat(feed).isNotNull();
    }
    assertThat(heard.subList(1, 1 + Topic.values().length)).containsExactlyInAnyOrder(
        new Change(Topic.USER, ""), new Change(Topic.TENANT, ""), new Change(Topic.PLAN, ""),
        new Change(Topic.BACKENDS, ""), new Change(Topic.BLOCKS, ""), new Change(Topic.ANSWERS, ""));
  }

  @Test
  void a_start_without_the_server_says_where_it_looked() {
    server.stop();
    try {
      assertThatThrownBy(() -> builder(dsn).startTimeout(Duration.ofMillis(600)).open())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("127.0.0.1:" + server.port())
          .hasMessageContaining("is it running")
          .satisfies(PostgresOutageTest::hidesThePassword);
    } finally {
      server.startAgain();
    }
  }

  @Test
  void a_start_waits_for_a_server_that_starts() throws Exception {
    server.stop();
    ExecutorService starter = Executors.newSingleThreadExecutor();
    try {
      SqlDatabase.Builder patient = builder(dsn).startTimeout(Duration.ofSeconds(20));
      Future<?> opening = starter.submit(() -> patient.open().close());
      server.startAgain();
      assertThatCode(opening::get).doesNotThrowAnyException();
    } finally {
      starter.shutdownNow();
    }
  }

  @Test
  void a_start_with_a_wrong_database_says_so_at_once() {
    Duration took = elapsed(() -> assertThatThrownBy(
            () -> builder(server.dsn("nowhere")).startTimeout(Duration.ofSeconds(30)).open())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("does not have this database")
        .satisfies(PostgresOutageTest::hidesThePassword));

    assertThat(took).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void a_statement_that_takes_too_long_is_given_up_and_the_server_is_not_taken_for_away() {
    assertThatThrownBy(() -> database.read("slow", db -> db.fetch("SELECT pg_sleep(30)")))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("slow: PostgreSQL at");

    assertThatCode(database::ping).doesNotThrowAnyException();
  }

  private static SqlDatabase.Builder builder(String dsn) {
    return SqlDatabase.postgres(dsn)
        .maxConnections(4)
        .connectionTimeout(Duration.ofSeconds(1))
        .statementTimeout(Duration.ofSeconds(1))
        .startTimeout(Duration.ofSeconds(10));
  }

  private static void hidesThePassword(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      assertThat(cause.toString()).doesNotContain("postgres:postgres").doesNotContain("password=");
    }
  }

  /**
   * Runs the call on many threads at once; what it throws, {@link StoreException} only, is left out of
   * account.
   */
  private static Duration longestOf(int threads, Runnable call) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      Callable<Duration> timed = () -> elapsed(() -> {
        try {
          call.run();
        } catch (StoreException e) {
          assertThat(e).hasMessageContaining("PostgreSQL at");
        }
      });
      Duration longest = Duration.ZERO;
      for (Future<Duration> each : pool.invokeAll(Collections.nCopies(threads, timed))) {
        longest = each.get().compareTo(longest) > 0 ? each.get() : longest;
      }
      return longest;
    } finally {
      pool.shutdownNow();
    }
  }

  private static Duration elapsed(Runnable call) {
    long begun = System.nanoTime();
    call.run();
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private static User user(String id) {
    return new User(id, "name of " + id, true, Instant.EPOCH);
  }
}
