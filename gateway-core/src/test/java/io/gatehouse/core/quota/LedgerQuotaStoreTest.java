package io.gatehouse.core.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.contract.QuotaStoreContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.memory.MemoryCrossingLog;
import io.gatehouse.core.memory.MemoryDirectory;
import io.gatehouse.core.memory.MemoryQuotaCounts;
import io.gatehouse.core.memory.MemoryTrafficLog;
import io.gatehouse.core.memory.MemoryUsageLog;
import io.gatehouse.core.usage.CounterDirectory;
import io.gatehouse.core.usage.FileQuotaCounts;
import io.gatehouse.core.usage.Leftovers;
import io.gatehouse.event.UsageLog;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerQuotaStoreTest {

  private static final LocalDate DAY = LocalDate.of(2026, 6, 1);
  private static final QuotaKey KEY = new QuotaKey("alice", Meter.REQUESTS, Window.DAY, DAY);
  private static final QuotaKey STORED =
      new QuotaKey("alice", Meter.STORED_BYTES, Window.LIFETIME, LocalDate.EPOCH);
  private static final Duration NEVER = Duration.ofDays(1);

  private final SettableClock clock = new SettableClock();
  private final FlakyLog log = new FlakyLog();
  private final List<LedgerQuotaStore> open = new ArrayList<>();

  @AfterEach
  void close() {
    log.away = false;
    open.forEach(LedgerQuotaStore::close);
  }

  @Test
  void what_was_flushed_is_there_after_a_kill_and_a_new_start() {
    LedgerQuotaStore first = ledger("boot-1");
    first.add(KEY, 7);
    first.flush();
    first.add(KEY, 100); // never written: this node is killed

    LedgerQuotaStore second = ledger("boot-2");

    assertThat(second.used(KEY)).isEqualTo(7);
    assertThat(second.addWithin(List.of(new Claim(KEY, 4, 10)))).isInstanceOf(QuotaDecision.Exhausted.class);
    assertThat(second.addWithin(List.of(new Claim(KEY, 3, 10)))).isInstanceOf(QuotaDecision.Granted.class);
  }

  @Test
  void closing_writes_what_is_left() {
    LedgerQuotaStore first = ledger("boot-1");
    first.add(KEY, 7);
    first.close();

    assertThat(ledger("boot-2").used(KEY)).isEqualTo(7);
  }

  @Test
  void a_write_that_may_or_may_not_have_arrived_is_written_again_and_counted_once() {
    LedgerQuotaStore ledger = ledger("boot-1");
    ledger.add(KEY, 7);
    log.failAfterWriting = true;
    assertThatThrownBy(ledger::flush).isInstanceOf(StoreException.class);
    log.failAfterWriting = false;
    ledger.add(KEY, 1);
    ledger.flush();
    ledger.flush();

    assertThat(log.totals(List.of(KEY), "")).containsEntry(KEY, 8L);
  }

  @Test
  void what_is_given_back_after_it_was_written_is_given_back_in_the_log_too() {
    LedgerQuotaStore ledger = ledger("boot-1");
    ledger.add(KEY, 7);
    ledger.flush();
    ledger.add(KEY, -3);
    ledger.flush();

    assertThat(ledger.used(KEY)).isEqualTo(4);
    assertThat(ledger("boot-2").used(KEY)).isEqualTo(4);
  }

  @Test
  void nodes_hear_of_each_other_at_every_flush() {
    LedgerQuotaStore a = ledger("a");
    LedgerQuotaStore b = ledger("b");
    a.addWithin(List.of(new Claim(KEY, 6, 10)));
    b.addWithin(List.of(new Claim(KEY, 1, 10)));
    a.flush();
    b.flush();

    assertThat(b.addWithin(List.of(new Claim(KEY, 4, 10)))).isInstanceOf(QuotaDecision.Exhausted.class);
    assertThat(b.addWithin(List.of(new Claim(KEY, 3, 10)))).isInstanceOf(QuotaDecision.Granted.class);
    assertThat(a.used(KEY)).isEqualTo(7);
    b.flush();
    assertThat(a.used(KEY)).isEqualTo(10);
  }

  @Test
  void while_the_log_is_away_known_counts_go_on_and_unknown_ones_cannot_be_judged() {
    LedgerQuotaStore ledger = ledger("boot-1");
    ledger.addWithin(List.of(new Claim(KEY, 1, 2)));
    QuotaKey other = new QuotaKey("bob", Meter.REQUESTS, Window.DAY, DAY);
    log.away = true;

    assertThat(ledger.addWithin(List.of(new Claim(KEY, 1, 2)))).isInstanceOf(QuotaDecision.Granted.class);
    assertThat(ledger.addWithin(List.of(new Claim(KEY, 1, 2)))).isInstanceOf(QuotaDecision.Exhausted.class);
    assertThatThrownBy(() -> ledger.addWithin(List.of(new Claim(other, 1, 2)))).isInstanceOf(StoreException.class);
    assertThat(ledger.addWithin(List.of(new Claim(other, 1, Long.MAX_VALUE))))
        .as("what is only counted needs no answer")
        .isInstanceOf(QuotaDecision.Granted.class);

    log.away = false;
    ledger.flush();
    assertThat(log.totals(List.of(KEY, other), "")).containsEntry(KEY, 2L).containsEntry(other, 1L);
  }

  @Test
  void a_new_day_during_an_outage_begins_at_zero_for_those_who_were_counted_the_day_before() {
    LedgerQuotaStore ledger = ledger("boot-1");
    ledger.addWithin(List.of(new Claim(KEY, 1, 2)));
    log.away = true;
    QuotaKey tomorrow = new QuotaKey("alice", Meter.REQUESTS, Window.DAY, DAY.plusDays(1));

    assertThat(ledger.addWithin(List.of(new Claim(tomorrow, 2, 2)))).isInstanceOf(QuotaDecision.Granted.class);
    assertThat(ledger.addWithin(List.of(new Claim(tomorrow, 1, 2)))).isInstanceOf(QuotaDecision.Exhausted.class);
  }

  @Test
  void a_new_month_of_any_billing_day_begins_at_zero_during_an_outage() {
    LedgerQuotaStore ledger = ledger("boot-1");
    QuotaKey february = new QuotaKey("alice", Meter.BYTES, Window.MONTH, LocalDate.of(2026, 2, 28));
    ledger.addWithin(List.of(new Claim(february, 1, 2)));
    log.away = true;

    Claim march = new Claim(new QuotaKey("alice", Meter.BYTES, Window.MONTH, LocalDate.of(2026, 3, 31)), 2, 2);
    assertThat(ledger.addWithin(List.of(march))).isInstanceOf(QuotaDecision.Granted.class);
    Claim april = new Claim(new QuotaKey("alice", Meter.BYTES, Window.MONTH, LocalDate.of(2026, 5, 31)), 2, 2);
    assertThatThrownBy(() -> ledger.addWithin(List.of(april))).isInstanceOf(StoreException.class);
  }

  @Test
  void a_count_begun_anew_is_zero_on_all_nodes_and_what_is_flushed_late_does_not_bring_the_old_use_back() {
    LedgerQuotaStore a = ledger("a");
    LedgerQuotaStore b = ledger("b");
    MemoryDirectory directory = new MemoryDirectory();
    QuotaPlan plan = new QuotaPlan(List.of(), BillingCalendar.UTC, directory);
    QuotaAccounts accounts = new QuotaAccounts(a, directory, plan, new MemoryCrossingLog(), clock);
    a.addWithin(List.of(new Claim(KEY, 6, 10)));
    a.flush();
    b.addWithin(List.of(new Claim(KEY, 4, 10))); // not written yet

    accounts.reset(QuotaOwner.ofUser("alice"), Optional.empty(), Optional.empty());
    b.settle(KEY, 30); // a request that had begun before
    b.flush();
    a.flush();

    QuotaKey anew = plan.periodsOf("alice").keyAt(clock.instant(), "alice", Meter.REQUESTS, Window.DAY);
    assertThat(anew).isEqualTo(KEY.anew());
    assertThat(a.used(anew)).isZero();
    assertThat(b.addWithin(List.of(new Claim(anew, 7, 10)))).isInstanceOf(QuotaDecision.Granted.class);
    b.flush();
    a.addWithin(List.of(new Claim(anew, 1, 10)));
    a.flush();
    assertThat(a.addWithin(List.of(new Claim(anew, 3, 10)))).isInstanceOf(QuotaDecision.Exhausted.class);
    assertThat(a.used(anew)).isEqualTo(8);
    assertThat(a.used(KEY)).isEqualTo(40);
  }

  @Test
  void a_count_begun_anew_during_an_outage_of_the_log_begins_at_zero_where_the_old_one_was_counted() {
    LedgerQuotaStore ledger = ledger("boot-1");
    ledger.addWithin(List.of(new Claim(KEY, 2, 2)));
    log.away = true;

    assertThat(ledger.addWithin(List.of(new Claim(KEY.anew(), 2, 2)))).isInstanceOf(QuotaDecision.Granted.class);
  }

  @Test
  void counts_of_periods_long_over_are_dropped_once_they_are_written() {
    LedgerQuotaStore ledger = ledger("boot-1");
    ledger.add(KEY, 7);
    clock.advance(Duration.ofDays(10));
    log.away = true;
    assertThatThrownBy(ledger::flush).isInstanceOf(StoreException.class);
    log.away = false;
    ledger.flush();

    assertThat(log.totals(List.of(KEY), "")).containsEntry(KEY, 7L);
    log.asked = 0;
    ledger.used(KEY);
    assertThat(log.asked).as("it had been forgotten and is asked for again").isEqualTo(1);
  }

  @Nested
  class Contract extends QuotaStoreContract {
    @Override
    protected QuotaStore store(SettableClock clock) {
      return ledger("node");
    }
  }

  @Nested
  class ContractInFiles extends QuotaStoreContract {
    @TempDir Path directory;

    @Override
    protected QuotaStore store(SettableClock clock) {
      FileQuotaCounts counts = new FileQuotaCounts(CounterDirectory.at(directory), "node");
      LedgerQuotaStore ledger = new LedgerQuotaStore(log, "node", counts, NEVER, clock);
      open.add(ledger);
      return ledger;
    }
  }

  @Test
  void what_a_killed_node_had_not_written_is_counted_by_the_next_start(@TempDir Path directory) {
    CounterDirectory files = CounterDirectory.at(directory);
    FileQuotaCounts counts = new FileQuotaCounts(files, "boot-1");
    LedgerQuotaStore first = new LedgerQuotaStore(log, "boot-1", counts, NEVER, clock);
    first.add(KEY, 7);
    first.flush();
    first.add(KEY, 100);
    first.add(KEY, -5);
    first.add(KEY.anew(), 3);
    first.add(STORED, 900);
    counts.close(); // as a kill does: the lock is gone, the file is not

    Leftovers leftovers = new Leftovers(files, log, new MemoryTrafficLog(), key -> {});
    LedgerQuotaStore second = new LedgerQuotaStore(leftovers, "boot-2", new MemoryQuotaCounts(), NEVER, clock);
    open.add(second);

    assertThat(second.addWithin(List.of(new Claim(KEY, 1, 102)))).isEqualTo(
        new QuotaDecision.Exhausted(new Claim(KEY, 1, 102), 102));
    assertThat(second.used(KEY.anew())).isEqualTo(3);
    assertThat(second.used(STORED)).isEqualTo(900);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void closing_leaves_no_file_when_all_is_written_and_keeps_it_when_not(@TempDir Path directory) {
    FileQuotaCounts counts = new FileQuotaCounts(CounterDirectory.at(directory), "boot-1");
    LedgerQuotaStore ledger = new LedgerQuotaStore(log, "boot-1", counts, NEVER, clock);
    ledger.add(KEY, 7);
    log.away = true;
    ledger.close();
    counts.close();
    assertThat(directory).isDirectoryContaining("glob:**.counters");

    log.away = false;
    FileQuotaCounts others = new FileQuotaCounts(CounterDirectory.at(directory.resolve("others")), "boot-2");
    LedgerQuotaStore other = new LedgerQuotaStore(log, "boot-2", others, NEVER, clock);
    other.add(KEY, 7);
    other.close();
    others.close();
    assertThat(directory.resolve("others")).isEmptyDirectory();
  }

  @Test
  void what_each_source_has_counted_is_told_with_what_is_not_written_here() {
    LedgerQuotaStore a = ledger("a");
    LedgerQuotaStore b = ledger("b");
    a.add(KEY, 6);
    a.flush();
    a.add(KEY, 2);
    a.add(KEY, -1);
    b.add(KEY, 5);
    b.flush();
    b.add(KEY, 5);

    UsageRecord ofA = new UsageRecord("a", KEY, 8, 1);
    assertThat(a.own(KEY)).isEqualTo(ofA);
    assertThat(a.own(KEY.anew())).isEqualTo(new UsageRecord("a", KEY.anew(), 0, 0));
    assertThat(a.records(List.of(KEY, KEY.anew())))
        .containsExactlyInAnyOrder(ofA, new UsageRecord("b", KEY, 5, 0));
  }

  @Test
  void keys_are_lately_counted_until_they_have_been_written_for_a_while() {
    LedgerQuotaStore ledger =
        new LedgerQuotaStore(log, "a", new MemoryQuotaCounts(), Duration.ofHours(1), clock);
    open.add(ledger);
    ledger.used(KEY);
    assertThat(ledger.lately()).isEmpty();
    ledger.add(KEY, 1);
    for (int i = 0; i < 4; i++) {
      assertThat(ledger.lately()).containsExactly(KEY);
      ledger.flush();
    }
    assertThat(ledger.lately()).isEmpty();
    ledger.add(KEY, -1);
    assertThat(ledger.lately()).containsExactly(KEY);
  }

  private LedgerQuotaStore ledger(String source) {
    LedgerQuotaStore ledger = new LedgerQuotaStore(log, source, new MemoryQuotaCounts(), NEVER, clock);
    open.add(ledger);
    return ledger;
  }

  /** A usage log that can be away, or fail after it has written. */
  static final class FlakyLog implements UsageLog {
    private final UsageLog log = new MemoryUsageLog();
    volatile boolean away;
    volatile boolean failAfterWriting;
    volatile int asked;

    @Override
    public void record(List<UsageRecord> records) {
      answer();
      log.record(records);
      if (failAfterWriting) {
        throw new StoreException("the answer is lost", null);
      }
    }

    @Override
    public Map<QuotaKey, Long> totals(Collection<QuotaKey> keys, String source) {
      answer();
      asked++;
      return log.totals(keys, source);
    }

    @Override
    public List<UsageRecord> records(Collection<QuotaKey> keys) {
      answer();
      asked++;
      return log.records(keys);
    }

    private void answer() {
      if (away) {
        throw new StoreException("away", null);
      }
    }
  }
}
