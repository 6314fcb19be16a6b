package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.event.Crossing;
import io.gatehouse.event.CrossingLog;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every {@link CrossingLog} keeps. */
public abstract class CrossingLogContract extends StoreContract {

  /** The log under test; the same one whenever it is asked for within a test. */
  protected abstract CrossingLog log();

  @Test
  void the_first_of_a_key_and_threshold_is_kept_and_told_so_and_no_other() {
    QuotaKey key = key();

    assertThat(log().first(crossing(key, 50, 500))).isTrue();
    assertThat(log().first(crossing(key, 50, 600))).isFalse();
    assertThat(log().first(crossing(key, 80, 800))).isTrue();

    assertThat(log().crossings(List.of(key, key))).containsExactly(crossing(key, 50, 500), crossing(key, 80, 800));
  }

  @Test
  void crossings_are_told_apart_by_every_part_of_their_key() {
    QuotaKey key = key();
    List<QuotaKey> others = List.of(
        key(),
        key.anew(),
        new QuotaKey(key.owner(), Meter.BYTES, Window.DAY, key.start()),
        new QuotaKey(key.owner(), Meter.REQUESTS, Window.MONTH, key.start()),
        new QuotaKey(key.owner(), Meter.REQUESTS, Window.DAY, key.start().plusDays(1)));
    log().first(crossing(key, 50, 500));

    for (QuotaKey other : others) {
      assertThat(log().crossings(List.of(other))).as("%s", other).isEmpty();
      assertThat(log().first(crossing(other, 50, 700))).as("%s", other).isTrue();
    }
    assertThat(log().crossings(List.of(key))).containsExactly(crossing(key, 50, 500));
    assertThat(log().crossings(others)).hasSize(others.size());
    assertThat(log().crossings(List.of())).isEmpty();
  }

  @Test
  void what_was_crossed_of_a_smaller_quota_can_be_crossed_again_and_what_is_still_crossed_cannot() {
    QuotaKey key = key();
    QuotaKey other = key();
    for (int percent : new int[] {50, 80, 100}) {
      log().first(crossing(key, percent, percent * 10L));
      log().first(crossing(other, percent, percent * 10L));
    }

    assertThat(log().first(crossing(key, 80, 800, 800))).as("of a smaller quota").isFalse();
    assertThat(log().first(crossing(key, 80, 1_001, 801))).isTrue();
    assertThat(log().first(crossing(key, 80, 1_001, 900))).isFalse();
    assertThat(log().first(crossing(key, 100, 2_000, 2_000))).isTrue();
    assertThat(log().first(crossing(key, 50, 1_000, 500))).isFalse();

    assertThat(log().crossings(List.of(key)))
        .containsExactly(crossing(key, 50, 500), crossing(key, 80, 1_001, 801), crossing(key, 100, 2_000, 2_000));
    assertThat(log().crossings(List.of(other))).extracting(Crossing::used).containsExactly(500L, 800L, 1_000L);
  }

  @Test
  void of_many_threads_that_come_with_the_same_crossing_one_is_the_first() {
    QuotaKey key = key();

    long firsts = Crowd.sum(8, 20, (thread, round) -> log().first(crossing(key, round + 1, 1_000 + thread)) ? 1 : 0);

    assertThat(firsts).isEqualTo(20);
    assertThat(log().crossings(List.of(key))).hasSize(20);
  }

  @Test
  void a_log_that_cannot_answer_says_so_and_recovers() throws Exception {
    QuotaKey key = key();
    log().first(crossing(key, 50, 500));

    whileBroken(
        () -> log().first(crossing(key, 80, 800)),
        () -> log().crossings(List.of(key)));

    assertThat(log().crossings(List.of(key))).containsExactly(crossing(key, 50, 500));
    assertThat(log().first(crossing(key, 80, 800))).isTrue();
  }

  private static Crossing crossing(QuotaKey key, int percent, long used) {
    return crossing(key, percent, 1_000, used);
  }

  private static Crossing crossing(QuotaKey key, int percent, long most, long used) {
    return new Crossing(key, percent, most, used, SettableClock.START);
  }

  private static QuotaKey key() {
    return new QuotaKey(fresh("owner"), Meter.REQUESTS, Window.DAY, LocalDate.of(2026, 6, 1));
  }
}
