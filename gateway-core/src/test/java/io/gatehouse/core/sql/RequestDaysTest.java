package io.gatehouse.core.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.RequestLog.Question;
import io.gatehouse.event.RequestRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The partitions of the request log in a real PostgreSQL, over days that are made up. */
@TestInstance(Lifecycle.PER_CLASS)
class RequestDaysTest {

  private static final Instant NOON = Instant.parse("2026-12-30T12:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  private final TestDatabases databases = TestDatabases.of(SqlDatabase.Dialect.POSTGRESQL);
  private final SqlDatabase database = databases.openMigrated();
  private final SqlRequestLog log = new SqlRequestLog(database);

  @BeforeEach
  void empty() {
    log.forget(Instant.parse("9999-01-01T00:00:00Z"));
    tables().forEach(table -> execute("DROP TABLE " + table));
  }

  @AfterAll
  void close() {
    databases.close();
  }

  @Test
  void there_are_always_partitions_for_two_days_ahead_and_none_older_than_is_kept() {
    Duration keep = Duration.ofDays(3);
    int number = 0;
    for (int hour = 0; hour < 10 * 24; hour += 6) {
      Instant now = NOON.plus(Duration.ofHours(hour));
      assertThat(log.prepare(now)).isTrue();
      log.record(List.of(record("r" + number++, now)));
      log.forget(now.minus(keep));
    }

    Instant last = NOON.plus(Duration.ofHours(10 * 24 - 6));
    assertThat(tables()).containsExactly(
        "request_logs_20270106", "request_logs_20270107", "request_logs_20270108", "request_logs_20270109",
        "request_logs_20270110", "request_logs_20270111");
    assertThat(log.newest(Question.between(NOON.minus(DAY), last.plus(DAY)), 999))
        .hasSize(14)
        .allSatisfy(each -> assertThat(each.at()).isAfterOrEqualTo(Instant.parse("2027-01-06T00:00:00Z")));
  }

  @Test
  void a_row_is_in_the_partition_of_its_day_from_its_first_millisecond_to_its_last() {
    Instant midnight = Instant.parse("2026-12-31T00:00:00Z");
    log.prepare(NOON);
    log.record(List.of(record("last", midnight.minusMillis(1)), record("first", midnight)));

    assertThat(idsIn("request_logs_20261230")).containsExactly("last");
    assertThat(idsIn("request_logs_20261231")).containsExactly("first");
  }

  @Test
  void nodes_that_make_and_drop_days_at_once_do_not_disturb_each_other_or_those_who_write() throws Exception {
    int nodes = 4;
    ExecutorService pool = Executors.newFixedThreadPool(nodes + 1);
    try {
      List<Callable<Integer>> work = new ArrayList<>();
      for (int node = 0; node < nodes; node++) {
        SqlRequestLog own = new SqlRequestLog(databases.open());
        work.add(() -> {
          for (int day = 0; day < 8; day++) {
            assertThat(own.prepare(NOON.plus(DAY.multipliedBy(day)))).isTrue();
            own.forget(NOON.plus(DAY.multipliedBy(day - 2)));
          }
          return 0;
        });
      }
      work.add(() -> {
        Instant kept = NOON.plus(DAY.multipliedBy(8));
        for (int i = 0; i < 200; i++) {
          log.record(List.of(record("w" + i, kept.plusMillis(i))));
        }
        return log.newest(Question.between(kept, kept.plusSeconds(1)), 999).size();
      });

      List<Future<Integer>> done = pool.invokeAll(work);
      for (Future<Integer> each : done) {
        each.get();
      }
      assertThat(done.get(nodes).get()).isEqualTo(200);
    } finally {
      pool.shutdownNow();
    }

    assertThat(new RequestDays(database).missing(
        List.of(LocalDate.parse("2027-01-06"), LocalDate.parse("2027-01-07"), LocalDate.parse("2027-01-08")))).isEmpty();
    log.forget(NOON.plus(DAY.multipliedBy(5)));
    assertThat(tables()).first().isEqualTo("request_logs_20270104");
  }

  @Test
  void a_partition_that_was_not_made_in_advance_is_made_when_it_is_needed() {
    log.record(List.of(record("a", NOON), record("b", NOON.plus(DAY))));

    assertThat(tables()).containsExactly("request_logs_20261230", "request_logs_20261231");
    assertThat(log.newest(Question.between(NOON, NOON.plus(DAY.multipliedBy(2))), 9)).hasSize(2);
  }

  @Test
  void a_missing_partition_is_noticed() {
    log.prepare(NOON);
    execute("DROP TABLE request_logs_20261231");

    assertThat(new RequestDays(database).missing(List.of(LocalDate.parse("2026-12-30"), LocalDate.parse("2026-12-31"))))
        .containsExactly(LocalDate.parse("2026-12-31"));
    assertThat(log.prepare(NOON)).isTrue();
    assertThat(new RequestDays(database).missing(List.of(LocalDate.parse("2026-12-31")))).isEmpty();
  }

  @Test
  void a_day_that_was_detached_and_not_dropped_is_dropped_by_the_next_who_comes() {
    log.prepare(NOON);
    execute("ALTER TABLE request_logs DETACH PARTITION request_logs_20261230");

    log.forget(NOON.plus(DAY));

    assertThat(tables()).containsExactly("request_logs_20261231", "request_logs_20270101");
  }

  @Test
  void a_day_that_was_detached_and_is_needed_is_attached_again_with_its_rows() {
    log.prepare(NOON);
    log.record(List.of(record("a", NOON)));
    execute("ALTER TABLE request_logs DETACH PARTITION request_logs_20261230");
    assertThat(log.newest(Question.between(NOON, NOON.plus(DAY)), 9)).isEmpty();

    assertThat(log.prepare(NOON)).isTrue();

    assertThat(log.newest(Question.between(NOON, NOON.plus(DAY)), 9)).hasSize(1);
  }

  @Test
  void a_detached_day_with_another_name_is_left_alone() {
    log.prepare(NOON);
    execute("ALTER TABLE request_logs DETACH PARTITION request_logs_20261230");
    execute("ALTER TABLE request_logs_20261230 RENAME TO kept_20261230");

    log.forget(NOON.plus(DAY));

    assertThat(database.<Object>read("look", db -> db.fetchValue("SELECT count(*) FROM kept_20261230"))).isEqualTo(0L);
    execute("DROP TABLE kept_20261230");
  }

  @Test
  void a_node_that_finds_another_one_at_dropping_leaves_it_to_that_one() {
    log.prepare(NOON);
    database.read("hold", db -> {
      db.execute("SELECT pg_advisory_lock(" + RequestDays.DROPPING + ")");
      log.forget(NOON.plus(DAY));
      assertThat(tables()).first().isEqualTo("request_logs_20261230");
      return db.execute("SELECT pg_advisory_unlock(" + RequestDays.DROPPING + ")");
    });

    log.forget(NOON.plus(DAY));
    assertThat(tables()).first().isEqualTo("request_logs_20261231");
  }

  @Test
  void a_detaching_that_was_broken_off_because_somebody_still_read_is_brought_to_its_end() {
    log.prepare(NOON);
    log.record(List.of(record("a", NOON)));
    RequestLog hurried =
        new SqlRequestLog(databases.open(databases.builder().statementTimeout(Duration.ofMillis(300))));

    database.write("read for long", db -> {
      db.fetch("SELECT count(*) FROM request_logs");
      assertThatThrownBy(() -> hurried.forget(NOON.plus(DAY))).isInstanceOf(StoreException.class);
      return 0;
    });
    assertThat(tables()).first().isEqualTo("request_logs_20261230");
    assertThat(new RequestDays(database).missing(List.of(LocalDate.parse("2026-12-30")))).hasSize(1);

    log.forget(NOON.plus(DAY));

    assertThat(tables()).containsExactly("request_logs_20261231", "request_logs_20270101");
  }

  @Test
  void only_the_partitions_of_the_days_in_question_are_read() {
    log.prepare(NOON);

    List<String> lines = database.read("explain", db -> db
        .fetch("EXPLAIN SELECT * FROM request_logs WHERE logged_at >= " + NOON.toEpochMilli()
            + " AND logged_at < " + NOON.plusSeconds(60).toEpochMilli()
            + " ORDER BY logged_at DESC, id DESC LIMIT 10")
        .getValues(0, String.class));

    assertThat(String.join(" ", lines)).contains("request_logs_20261230").doesNotContain("request_logs_20261231");
  }

  private List<String> tables() {
    return database.read("look", db -> db
        .fetch("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^request_logs_[0-9]{8}$' ORDER BY 1")
        .getValues(0, String.class));
  }

  private List<String> idsIn(String table) {
    return database.read("look", db -> db.fetch("SELECT id FROM " + table).getValues(0, String.class));
  }

  private void execute(String sql) {
    database.read("test", db -> db.execute(sql));
  }

  private static RequestRecord record(String id, Instant at) {
    return new RequestRecord(id, at, "", "", Optional.empty(), "192.0.2.1", "GET", "/", 200, Optional.empty(), "", "",
        0, 0, Duration.ZERO);
  }
}
