package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.event.UsageLog;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What every {@link UsageLog} keeps. */
public abstract class UsageLogContract extends StoreContract {

  /** The log under test; the same one whenever it is asked for within a test. */
  protected abstract UsageLog log();

  @Test
  void sources_add_up_and_one_can_be_left_out() {
    QuotaKey key = key();
    String first = fresh("source");
    String second = fresh("source");

    log().record(List.of(new UsageRecord(first, key, 10, 2), new UsageRecord(second, key, 5, 0)));

    assertThat(log().totals(List.of(key), "")).isEqualTo(Map.of(key, 13L));
    assertThat(log().totals(List.of(key), first)).isEqualTo(Map.of(key, 5L));
    assertThat(log().totals(List.of(key), second)).isEqualTo(Map.of(key, 8L));
    assertThat(log().totals(List.of(key), fresh("source"))).isEqualTo(Map.of(key, 13L));
  }

  @Test
  void every_key_asked_for_is_answered_and_no_other() {
    QuotaKey used = key();
    QuotaKey unused = key();
    QuotaKey notAsked = key();
    String source = fresh("source");
    log().record(List.of(new UsageRecord(source, used, 1, 0), new UsageRecord(source, notAsked, 1, 0)));

    assertThat(log().totals(List.of(used, unused), "")).isEqualTo(Map.of(used, 1L, unused, 0L));
    assertThat(log().totals(List.of(), "")).isEmpty();
  }

  @Test
  void what_each_source_has_counted_can_be_told_apart() {
    QuotaKey key = key();
    QuotaKey other = key();
    QuotaKey unused = key();
    UsageRecord first = new UsageRecord(fresh("source"), key, 10, 2);
    UsageRecord second = new UsageRecord(fresh("source"), key, 5, 0);
    UsageRecord ofOther = new UsageRecord(first.source(), other, 1, 0);
    log().record(List.of(first, second, ofOther, new UsageRecord(first.source(), key.anew(), 3, 0)));

    assertThat(log().records(List.of(key, other, unused, key))).containsExactlyInAnyOrder(first, second, ofOther);
    assertThat(log().records(List.of())).isEmpty();
  }

  @Test
  void a_count_that_was_begun_anew_is_another_and_what_is_written_late_goes_to_the_old_one() {
    QuotaKey old = key();
    String source = fresh("source");
    log().record(List.of(new UsageRecord(source, old, 10, 0), new UsageRecord(source, old.anew(), 1, 0)));
    log().record(List.of(new UsageRecord(source, old, 15, 0)));

    assertThat(log().totals(List.of(old, old.anew(), old.anew().anew()), ""))
        .isEqualTo(Map.of(old, 15L, old.anew(), 1L, old.anew().anew(), 0L));
  }

  @Test
  void writing_again_late_or_out_of_order_changes_nothing() {
    QuotaKey key = key();
    String source = fresh("source");

    log().record(List.of(new UsageRecord(source, key, 10, 1)));
    log().record(List.of(new UsageRecord(source, key, 10, 1)));
    log().record(List.of(new UsageRecord(source, key, 7, 0)));
    assertThat(log().totals(List.of(key), "")).isEqualTo(Map.of(key, 9L));

    log().record(List.of(new UsageRecord(source, key, 12, 0)));
    log().record(List.of(new UsageRecord(source, key, 0, 4)));
    assertThat(log().totals(List.of(key), "")).isEqualTo(Map.of(key, 8L));
  }

  @Test
  void the_same_record_twice_in_one_call_counts_as_the_larger() {
    QuotaKey key = key();
    String source = fresh("source");

    log().record(List.of(new UsageRecord(source, key, 3, 0), new UsageRecord(source, key, 9, 2)));

    assertThat(log().totals(List.of(key), "")).isEqualTo(Map.of(key, 7L));
  }

  @Test
  void writing_nothing_is_allowed() {
    log().record(List.of());
  }

  @Test
  void many_threads_that_write_growing_numbers_leave_the_largest() {
    QuotaKey key = key();
    String prefix = fresh("source");

    Crowd.sum(4, 25, (thread, round) -> {
      log().record(List.of(new UsageRecord(prefix + thread % 2, key, round * 4L + thread, 0)));
      return 0;
    });

    assertThat(log().totals(List.of(key), "")).isEqualTo(Map.of(key, 24 * 4L + 2 + 24 * 4L + 3));
  }

  @Test
  void a_log_that_cannot_answer_says_so_and_recovers() throws Exception {
    QuotaKey key = key();
    UsageRecord record = new UsageRecord(fresh("source"), key, 1, 0);
    log().record(List.of(record));

    whileBroken(() -> log().record(List.of(record)), () -> log().totals(List.of(key), ""));

    log().record(List.of(record));
    assertThat(log().totals(List.of(key), "")).isEqualTo(Map.of(key, 1L));
  }

  private static QuotaKey key() {
    return new QuotaKey(fresh("owner"), Meter.BYTES, Window.DAY, LocalDate.of(2026, 6, 1));
  }
}
