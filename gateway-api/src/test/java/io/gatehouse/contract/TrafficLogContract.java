package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.event.TrafficLog.Violations;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.event.Violation;
import io.gatehouse.event.ViolationRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every {@link TrafficLog} keeps. */
public abstract class TrafficLogContract extends StoreContract {

  private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");
  private static final Instant LATER = NOON.plusSeconds(60);
  private static final Instant END = NOON.plus(Duration.ofDays(1));
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private final String user = fresh("user");
  private final Subject caller = new Subject(user, "key");

  /** The log under test; the same one whenever it is asked for within a test. */
  protected abstract TrafficLog log();

  @Test
  void keys_and_sources_add_up_by_minute() {
    log().record(
        List.of(
            new TrafficRecord(fresh("source"), NOON, caller, new Traffic(1, 10, 100, 1)),
            new TrafficRecord(fresh("source"), NOON, caller, new Traffic(2, 20, 200, 0)),
            new TrafficRecord(fresh("source"), NOON, new Subject(user, "other"), new Traffic(4, 40, 400, 0)),
            new TrafficRecord(fresh("source"), LATER, caller, new Traffic(8, 0, 0, 0)),
            new TrafficRecord(fresh("source"), NOON, new Subject(fresh("user"), "key"), new Traffic(99, 0, 0, 0))),
        List.of());

    assertThat(log().traffic(user, NOON, END, MINUTE))
        .isEqualTo(Map.of(NOON, new Traffic(7, 70, 700, 1), LATER, new Traffic(8, 0, 0, 0)));
    assertThat(log().traffic(user, NOON, END, HOUR)).isEqualTo(Map.of(NOON, new Traffic(15, 70, 700, 1)));
    assertThat(log().traffic(fresh("user"), NOON, END, MINUTE)).isEmpty();
  }

  @Test
  void endpoints_are_told_apart_when_it_is_asked_and_add_up_otherwise() {
    log().record(
        List.of(
            new TrafficRecord("s1", NOON, caller, new Traffic(1, 10, 100, 1)),
            new TrafficRecord("s1", NOON, caller, "upload", new Traffic(2, 20, 200, 1)),
            new TrafficRecord("s2", NOON, caller, "upload", new Traffic(4, 40, 400, 0)),
            new TrafficRecord("s1", NOON, new Subject(user, "other"), "upload", new Traffic(8, 80, 800, 0)),
            new TrafficRecord("s1", NOON, caller, "thumbs", new Traffic(16, 0, 0, 0)),
            new TrafficRecord("s1", LATER, caller, "upload", new Traffic(32, 0, 0, 0)),
            new TrafficRecord("s1", NOON, new Subject(fresh("user"), "key"), "upload", new Traffic(99, 0, 0, 0))),
        List.of());

    Traffic none = new Traffic(1, 10, 100, 1);
    Traffic thumbs = new Traffic(16, 0, 0, 0);
    assertThat(log().trafficByEndpoint(user, NOON, END, MINUTE)).isEqualTo(Map.of(
        NOON, Map.of("", none, "thumbs", thumbs, "upload", new Traffic(14, 140, 1400, 1)),
        LATER, Map.of("upload", new Traffic(32, 0, 0, 0))));
    assertThat(log().trafficByEndpoint(user, NOON, END, HOUR)).isEqualTo(Map.of(
        NOON, Map.of("", none, "thumbs", thumbs, "upload", new Traffic(46, 140, 1400, 1))));
    assertThat(log().trafficByEndpoint(user, NOON, END, HOUR).get(NOON).keySet())
        .containsExactly("", "thumbs", "upload");
    assertThat(log().trafficByEndpoint(user, LATER, END, MINUTE).keySet()).containsExactly(LATER);
    assertThat(log().trafficByEndpoint(user, NOON, LATER, MINUTE).keySet()).containsExactly(NOON);
    assertThat(log().traffic(user, NOON, END, HOUR)).isEqualTo(Map.of(NOON, new Traffic(63, 150, 1500, 2)));
    assertThatThrownBy(() -> log().trafficByEndpoint(user, NOON, END, Duration.ofSeconds(90)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void of_one_endpoint_the_larger_numbers_stand_and_old_minutes_are_forgotten() {
    log().record(
        List.of(
            new TrafficRecord("s", NOON, caller, "upload", new Traffic(5, 50, 500, 2)),
            new TrafficRecord("s", NOON, caller, "upload", new Traffic(4, 60, 400, 1)),
            new TrafficRecord("s", LATER, caller, "upload", new Traffic(7, 0, 0, 0))),
        List.of());
    log().record(List.of(new TrafficRecord("s", NOON, caller, "upload", new Traffic(3, 0, 600, 0))), List.of());

    assertThat(log().trafficByEndpoint(user, NOON, LATER, MINUTE))
        .isEqualTo(Map.of(NOON, Map.of("upload", new Traffic(5, 60, 600, 2))));
    log().forget(LATER);
    assertThat(log().trafficByEndpoint(user, NOON, END, MINUTE))
        .isEqualTo(Map.of(LATER, Map.of("upload", new Traffic(7, 0, 0, 0))));
  }

  @Test
  void the_first_moment_belongs_to_the_range_and_the_last_does_not() {
    log().record(
        List.of(
            new TrafficRecord("s", NOON, caller, new Traffic(1, 0, 0, 0)),
            new TrafficRecord("s", LATER, caller, new Traffic(2, 0, 0, 0))),
        List.of(new ViolationRecord("s", limited(NOON, "a"), 1), new ViolationRecord("s", limited(LATER, "a"), 2)));

    assertThat(log().traffic(user, NOON, LATER, MINUTE).keySet()).containsExactly(NOON);
    assertThat(log().traffic(user, LATER, END, MINUTE).keySet()).containsExactly(LATER);
    assertThat(log().traffic(user, NOON.plusMillis(1), LATER, MINUTE)).isEmpty();
    assertThat(log().violations(user, LATER, END, 9)).containsExactly(new Violations(limited(LATER, "a"), 2));
  }

  @Test
  void rows_begin_at_multiples_of_their_length() {
    Instant odd = Instant.parse("2026-06-01T12:59:00Z");
    log().record(List.of(new TrafficRecord("s", odd, caller, new Traffic(1, 0, 0, 0))), List.of());

    assertThat(log().traffic(user, NOON, END, Duration.ofMinutes(15)).firstKey())
        .isEqualTo(Instant.parse("2026-06-01T12:45:00Z"));
    assertThat(log().traffic(user, odd, END, HOUR).firstKey()).isEqualTo(NOON);
    for (Duration wrong : List.of(Duration.ZERO, Duration.ofSeconds(90), MINUTE.plusNanos(1), MINUTE.negated())) {
      assertThatThrownBy(() -> log().traffic(user, NOON, END, wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void writing_again_late_or_out_of_order_changes_nothing() {
    write("s", new Traffic(5, 50, 500, 2), 7);
    write("s", new Traffic(5, 50, 500, 2), 7);
    write("s", new Traffic(3, 60, 300, 1), 4);

    assertThat(log().traffic(user, NOON, END, MINUTE)).isEqualTo(Map.of(NOON, new Traffic(5, 60, 500, 2)));
    assertThat(log().violations(user, NOON, END, 9)).containsExactly(new Violations(limited(NOON, "a"), 7));
  }

  @Test
  void the_same_record_twice_in_one_call_counts_as_the_larger() {
    log().record(
        List.of(
            new TrafficRecord("s", NOON, caller, new Traffic(9, 0, 3, 0)),
            new TrafficRecord("s", NOON, caller, new Traffic(4, 8, 2, 0))),
        List.of(new ViolationRecord("s", limited(NOON, "a"), 6), new ViolationRecord("s", limited(NOON, "a"), 5)));

    assertThat(log().traffic(user, NOON, END, MINUTE)).isEqualTo(Map.of(NOON, new Traffic(9, 8, 3, 0)));
    assertThat(log().violations(user, NOON, END, 9)).containsExactly(new Violations(limited(NOON, "a"), 6));
  }

  @Test
  void violations_are_told_by_time_then_key_reason_and_rule_and_only_so_many() {
    Subject other = new Subject(user, "zkey");
    Violation quota = new Violation(NOON, caller, Refusal.Reason.QUOTA_EXHAUSTED, "requests-day");
    Violation ofOther = new Violation(NOON, other, Refusal.Reason.ADDRESS_FORBIDDEN, "");
    log().record(
        List.of(),
        List.of(
            new ViolationRecord("s1", limited(LATER, "a"), 1),
            new ViolationRecord("s1", ofOther, 1),
            new ViolationRecord("s1", limited(NOON, "b"), 2),
            new ViolationRecord("s2", limited(NOON, "b"), 3),
            new ViolationRecord("s1", limited(NOON, "a"), 4),
            new ViolationRecord("s1", quota, 5)));

    List<Violations> all =
        List.of(
            new Violations(quota, 5),
            new Violations(limited(NOON, "a"), 4),
            new Violations(limited(NOON, "b"), 5),
            new Violations(ofOther, 1),
            new Violations(limited(LATER, "a"), 1));
    assertThat(log().violations(user, NOON, END, 9)).isEqualTo(all);
    assertThat(log().violations(user, NOON, END, 2)).isEqualTo(all.subList(0, 2));
  }

  @Test
  void what_is_older_is_forgotten_and_the_rest_is_not() {
    Instant before = NOON.plus(Duration.ofMinutes(30));
    for (int minute = 0; minute < 60; minute += 7) {
      Instant at = NOON.plus(Duration.ofMinutes(minute));
      log().record(
          List.of(new TrafficRecord("s", at, caller, new Traffic(1, 0, 0, 0))),
          List.of(new ViolationRecord("s", limited(at, "a"), 1)));
    }

    log().forget(before);
    log().forget(before);

    assertThat(log().traffic(user, NOON, END, MINUTE).firstKey()).isEqualTo(NOON.plus(Duration.ofMinutes(35)));
    assertThat(log().traffic(user, NOON, END, HOUR)).isEqualTo(Map.of(NOON, new Traffic(4, 0, 0, 0)));
    assertThat(log().violations(user, NOON, END, 99)).hasSize(4);
  }

  @Test
  void writing_nothing_is_allowed() {
    log().record(List.of(), List.of());
  }

  @Test
  void many_threads_that_write_growing_numbers_leave_the_largest() {
    Crowd.sum(4, 25, (thread, round) -> {
      write("s" + thread % 2, new Traffic(round * 4L + thread, 0, 0, 0), round * 4L + thread);
      return 0;
    });

    long sum = 24 * 4L + 2 + 24 * 4L + 3;
    assertThat(log().traffic(user, NOON, END, MINUTE)).isEqualTo(Map.of(NOON, new Traffic(sum, 0, 0, 0)));
    assertThat(log().violations(user, NOON, END, 9)).containsExactly(new Violations(limited(NOON, "a"), sum));
  }

  @Test
  void a_log_that_cannot_answer_says_so_and_recovers() throws Exception {
    write("s", new Traffic(1, 0, 0, 0), 1);

    whileBroken(
        () -> write("s", new Traffic(2, 0, 0, 0), 2),
        () -> log().traffic(user, NOON, END, MINUTE),
        () -> log().trafficByEndpoint(user, NOON, END, MINUTE),
        () -> log().violations(user, NOON, END, 9),
        () -> log().forget(NOON));

    write("s", new Traffic(3, 0, 0, 0), 3);
    assertThat(log().traffic(user, NOON, END, MINUTE)).isEqualTo(Map.of(NOON, new Traffic(3, 0, 0, 0)));
  }

  private void write(String source, Traffic traffic, long violations) {
    log().record(
        List.of(new TrafficRecord(source, NOON, caller, traffic)),
        List.of(new ViolationRecord(source, limited(NOON, "a"), violations)));
  }

  private Violation limited(Instant minute, String rule) {
    return new Violation(minute, caller, Refusal.Reason.RATE_LIMITED, rule);
  }
}
