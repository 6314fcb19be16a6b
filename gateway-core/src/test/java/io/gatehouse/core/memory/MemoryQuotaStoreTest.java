package io.gatehouse.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.contract.QuotaStoreContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class MemoryQuotaStoreTest extends QuotaStoreContract {

  private static final LocalDate FIRST = LocalDate.of(2026, 6, 1);

  private final SettableClock clock = new SettableClock();

  @Override
  protected QuotaStore store(SettableClock clock) {
    return new MemoryQuotaStore(clock);
  }

  @Test
  void counts_are_kept_for_some_days_after_their_period_and_then_dropped() {
    QuotaStore store = store(clock);
    QuotaKey day = new QuotaKey("u", Meter.REQUESTS, Window.DAY, FIRST);
    QuotaKey month = new QuotaKey("u", Meter.REQUESTS, Window.MONTH, FIRST);
    store.add(day, 1);
    store.add(month, 1);

    clock.advance(Duration.ofDays(4));
    store.add(new QuotaKey("u", Meter.REQUESTS, Window.DAY, FIRST.plusDays(4)), 1);
    assertThat(store.used(day)).isEqualTo(1);

    clock.advance(Duration.ofDays(1));
    store.add(new QuotaKey("u", Meter.REQUESTS, Window.DAY, FIRST.plusDays(5)), 1);
    assertThat(store.used(day)).isZero();
    assertThat(store.used(month)).isEqualTo(1);

    clock.advance(Duration.ofDays(30));
    store.add(new QuotaKey("u", Meter.REQUESTS, Window.MONTH, FIRST.plusMonths(1)), 1);
    assertThat(store.used(month)).isZero();
  }

  @Test
  void a_count_stops_at_the_largest_number() {
    QuotaStore store = store(clock);
    QuotaKey key = new QuotaKey("u", Meter.BYTES, Window.DAY, FIRST);

    store.add(key, Long.MAX_VALUE - 1);

    assertThat(store.add(key, 5)).isEqualTo(Long.MAX_VALUE);
    assertThat(store.add(key, Long.MIN_VALUE)).isZero();
  }
}
