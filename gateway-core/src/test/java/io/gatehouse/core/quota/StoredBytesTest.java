package io.gatehouse.core.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.Refusal;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.memory.MemoryQuotaCounts;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.core.memory.MemoryUsageLog;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StoredBytesTest {

  private static final Quota THOUSAND = new Quota(Meter.STORED_BYTES, Window.LIFETIME, 1_000);

  private final SettableClock clock = new SettableClock();
  private final List<Long> seen = new ArrayList<>();

  @Test
  void what_does_not_fit_is_refused_until_something_is_deleted() {
    StoredBytes stored = stored(THOUSAND);

    assertThat(stored.add("alice", 900)).isEmpty();
    assertThat(stored.add("alice", 101)).contains(new Refusal(
        Refusal.Reason.STORAGE_EXHAUSTED,
        "There is room for 100 of 1000 bytes, and 101 were to be stored.",
        Duration.ZERO,
        "stored-bytes"));
    assertThat(stored.held("alice")).isEqualTo(900);
    assertThat(stored.add("bob", 1_000)).isEmpty();

    stored.remove("alice", 500);
    assertThat(stored.add("alice", 600)).isEmpty();
    assertThat(stored.held("alice")).isEqualTo(1_000);
    assertThat(seen).containsExactly(900L, 1_000L, 1_000L);
  }

  @Test
  void a_year_later_it_is_all_still_there() {
    StoredBytes stored = stored(THOUSAND);
    stored.add("alice", 700);

    clock.advance(Duration.ofDays(400));

    assertThat(stored.held("alice")).isEqualTo(700);
    assertThat(stored.add("alice", 301)).isPresent();
  }

  @Test
  void what_an_earlier_start_has_stored_can_be_deleted_first_thing() {
    MemoryUsageLog usage = new MemoryUsageLog();
    try (LedgerQuotaStore first = ledger(usage, "first")) {
      stored(first).add("alice", 900);
    }

    try (LedgerQuotaStore second = ledger(usage, "second")) {
      StoredBytes stored = stored(second);
      stored.remove("alice", 300);

      assertThat(stored.held("alice")).isEqualTo(600);
    }
  }

  private LedgerQuotaStore ledger(MemoryUsageLog usage, String source) {
    return new LedgerQuotaStore(usage, source, new MemoryQuotaCounts(), Duration.ofHours(1), clock);
  }

  private StoredBytes stored(LedgerQuotaStore ledger) {
    return new StoredBytes(ledger, owner -> List.of(THOUSAND), (key, quota, used) -> seen.add(used));
  }

  @Test
  void without_a_quota_it_is_only_counted_and_a_soft_one_lets_pass() {
    StoredBytes free = new StoredBytes(
        new MemoryQuotaStore(clock), new QuotaPlan(List.of(), BillingCalendar.UTC, owner -> Optional.empty())::quotasOf,
        (key, quota, used) -> seen.add(used));
    assertThat(free.add("alice", 1L << 40)).isEmpty();
    assertThat(free.held("alice")).isEqualTo(1L << 40);

    StoredBytes soft = stored(new Quota(Meter.STORED_BYTES, Window.LIFETIME, 10, Beyond.SOFT));
    assertThat(soft.add("alice", 11)).isEmpty();
    assertThat(seen).containsExactly(11L);
  }

  @Test
  void many_who_store_at_once_never_take_more_room_than_there_is() {
    StoredBytes stored = new StoredBytes(
        new MemoryQuotaStore(clock), new QuotaPlan(List.of(THOUSAND), BillingCalendar.UTC, owner -> Optional.empty())::quotasOf,
        (key, quota, used) -> {});

    long taken = IntStream.range(0, 400).parallel().filter(i -> stored.add("alice", 7).isEmpty()).count();

    assertThat(taken).isEqualTo(142);
    assertThat(stored.held("alice")).isEqualTo(994);
  }

  private StoredBytes stored(Quota quota) {
    return new StoredBytes(
        new MemoryQuotaStore(clock), new QuotaPlan(List.of(quota), BillingCalendar.UTC, owner -> Optional.empty())::quotasOf,
        (key, each, used) -> seen.add(used));
  }
}
