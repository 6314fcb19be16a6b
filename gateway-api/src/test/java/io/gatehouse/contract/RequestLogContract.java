package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.RequestLog.Position;
import io.gatehouse.event.RequestLog.Question;
import io.gatehouse.event.RequestRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link RequestLog} keeps. */
public abstract class RequestLogContract extends StoreContract {

  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  private final String user = fresh("user");
  private final Question mine = Question.between(NOON.minus(DAY), NOON.plus(DAY)).of(user);

  /** The log under test; the same one whenever it is asked for within a test. */
  protected abstract RequestLog log();

  @Test
  void what_was_written_is_read_as_it_was() {
    RequestRecord refused =
        new RequestRecord(id("b"), NOON, "request-1", "4bf92f3577b34da6a3ce929d0e0e4736",
            Optional.of(new Subject(user, "key")), "2001:db8::1", "GET", "/a?b=ü", 429,
            Optional.of(Refusal.Reason.RATE_LIMITED), "user-minute", "", 0, 153, Duration.ofNanos(1_234_567));
    RequestRecord admitted =
        new RequestRecord(id("a"), NOON, "", "", Optional.of(new Subject(user, "other")), "", "PUT", "/", 0,
            Optional.empty(), "", "http://127.0.0.1:1", 1L << 40, 1L << 41, Duration.ofDays(1));

    log().record(List.of(refused, admitted));

    assertThat(log().newest(mine, 9)).containsExactly(refused, admitted);
  }

  @Test
  void a_caller_whom_nobody_knows_has_a_record_as_well() {
    String client = fresh("client");
    RequestRecord nobody =
        new RequestRecord(fresh("id"), NOON, "", "", Optional.empty(), client, "GET", "/", 401,
            Optional.of(Refusal.Reason.KEY_MISSING), "", "", 0, 0, Duration.ZERO);

    log().record(List.of(nobody));

    assertThat(log().newest(Question.between(NOON, NOON.plusMillis(1)).answered(401, 401), 1_000)).contains(nobody);
    assertThat(log().newest(mine, 9)).isEmpty();
  }

  @Test
  void the_newest_come_first_and_of_one_moment_the_greatest_id() {
    log().record(List.of(record("a", NOON), record("z", NOON.minusMillis(1)), record("B", NOON), record("b", NOON)));

    assertThat(ids(mine, 9)).containsExactly("b", "a", "B", "z");
    assertThat(ids(mine, 3)).containsExactly("b", "a", "B");
  }

  @Test
  void pages_that_follow_each_other_have_every_record_once() {
    List<RequestRecord> all = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      all.add(record("r" + (char) ('a' + i), NOON.plusMillis(i / 4)));
    }
    log().record(all);

    List<String> read = new ArrayList<>();
    Question question = mine;
    for (List<RequestRecord> page = log().newest(question, 7); !page.isEmpty(); page = log().newest(question, 7)) {
      page.forEach(each -> read.add(label(each)));
      RequestRecord last = page.get(page.size() - 1);
      question = mine.after(new Position(last.at(), last.id()));
    }

    assertThat(read).isEqualTo(
        IntStream.range(0, 25).mapToObj(i -> "r" + (char) ('a' + 24 - i)).toList());
  }

  @Test
  void a_question_is_answered_by_what_fits_all_of_it() {
    log().record(
        List.of(
            record("early", NOON.minusMillis(1)),
            record("limited", NOON, "key", 429),
            record("passed", NOON, "key", 200),
            record("of-other-key", NOON, "other", 200),
            record("late", NOON.plusSeconds(1))));

    Question second = Question.between(NOON, NOON.plusSeconds(1)).of(user);
    assertThat(ids(second, 9)).containsExactly("passed", "of-other-key", "limited");
    assertThat(ids(second.with("key"), 9)).containsExactly("passed", "limited");
    assertThat(ids(second.answered(400, 499), 9)).containsExactly("limited");
    assertThat(ids(second.with("key").answered(200, 200), 9)).containsExactly("passed");
    assertThat(ids(Question.between(NOON, NOON).of(user), 9)).isEmpty();
    assertThat(ids(second.of(fresh("user")), 9)).isEmpty();
  }

  @Test
  void a_record_is_not_written_twice() {
    RequestRecord record = record("a", NOON);

    log().record(List.of(record, record));
    log().record(List.of(record, record("b", NOON)));

    assertThat(ids(mine, 9)).containsExactly("b", "a");
  }

  @Test
  void many_records_over_several_days_are_written_in_one_call() {
    List<RequestRecord> many = new ArrayList<>();
    for (int i = 0; i < 1_201; i++) {
      many.add(record(String.format("%05d", i), NOON.plus(Duration.ofMinutes(i))));
    }

    log().record(many);
    log().record(List.of());

    assertThat(log().newest(Question.between(NOON, NOON.plus(DAY)).of(user), 5_000)).hasSize(1_201);
  }

  @Test
  void whole_days_that_are_over_are_forgotten_and_the_rest_is_not() {
    Instant before = NOON.minus(Duration.ofHours(12)).plus(Duration.ofDays(100)); // the beginning of a day
    Question all = Question.between(before.minus(DAY), before.plus(DAY)).of(user);
    log().record(
        List.of(record("old", before.minus(Duration.ofHours(3))), record("last", before.minusMillis(1)),
            record("first", before), record("new", before.plusSeconds(1))));

    log().forget(before);
    log().forget(before);

    assertThat(ids(all, 9)).containsExactly("new", "first");
  }

  @Test
  void there_is_room_for_today_and_tomorrow_once_it_was_prepared() {
    Instant now = NOON.plus(Duration.ofDays(200));

    assertThat(log().prepare(now)).isTrue();
    assertThat(log().prepare(now)).isTrue();

    log().record(List.of(record("today", now), record("tomorrow", now.plus(DAY))));
    assertThat(ids(Question.between(now, now.plus(DAY).plusMillis(1)).of(user), 9))
        .containsExactly("tomorrow", "today");
  }

  @Test
  void questions_and_records_that_cannot_be_are_refused() {
    assertThatThrownBy(() -> mine.answered(500, 400)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> record("a", NOON, "key", 600)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_log_that_cannot_answer_says_so_and_recovers() throws Exception {
    log().record(List.of(record("a", NOON)));

    whileBroken(
        () -> log().record(List.of(record("b", NOON))),
        () -> log().newest(mine, 9),
        () -> log().forget(NOON.minus(Duration.ofDays(50))));

    log().record(List.of(record("c", NOON)));
    assertThat(ids(mine, 9)).containsExactly("c", "a");
  }

  private List<String> ids(Question question, int most) {
    return log().newest(question, most).stream().map(RequestLogContract::label).toList();
  }

  /** Of this test only: two records of one moment with the same id would be the same record. */
  private String id(String label) {
    return label + "~" + user;
  }

  private static String label(RequestRecord record) {
    return record.id().substring(0, record.id().indexOf('~'));
  }

  private RequestRecord record(String label, Instant at) {
    return record(label, at, "key", 200);
  }

  private RequestRecord record(String label, Instant at, String key, int status) {
    return new RequestRecord(id(label), at, "request", "trace", Optional.of(new Subject(user, key)), "192.0.2.1", "GET",
        "/a", status, Optional.empty(), "", "http://127.0.0.1:1", 1, 2, Duration.ofMillis(3));
  }
}
