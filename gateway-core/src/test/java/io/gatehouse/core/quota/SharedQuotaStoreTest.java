package io.gatehouse.core.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.StoreException;
import io.gatehouse.contract.QuotaStoreContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.memory.MemoryQuotaCounts;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.core.memory.MemoryUsageLog;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SharedQuotaStoreTest {

  private static final QuotaKey KEY =
      new QuotaKey("alice", Meter.REQUESTS, Window.DAY, LocalDate.of(2026, 6, 1));
  private static final Duration NEVER = Duration.ofDays(1);

  private final SettableClock clock = new SettableClock();
  private final MemoryUsageLog log = new MemoryUsageLog();
  private final Remote remote = new Remote();
  private final LedgerQuotaStore ledger = new LedgerQuotaStore(log, "a", new MemoryQuotaCounts(), NEVER, clock);
  private final Set<QuotaKey> missed = ConcurrentHashMap.newKeySet();
  private final SharedQuotaStore store =
      new SharedQuotaStore(remote, remote::raise, ledger, missed, clock.nanoTime());

  @AfterEach
  void close() {
    remote.away = false;
    store.close();
    ledger.close();
  }

  @Test
  void the_shared_count_decides_and_the_ledger_remembers() {
    remote.counts.add(KEY, 8); // by other nodes

    assertThat(take(2)).isInstanceOf(QuotaDecision.Granted.class);
    assertThat(take(1)).isInstanceOf(QuotaDecision.Exhausted.class);

    assertThat(store.used(KEY)).isEqualTo(10);
    assertThat(ledger.used(KEY)).isEqualTo(2);
  }

  @Test
  void what_is_settled_counts_here_at_once_and_reaches_the_shared_count_soon() {
    remote.counts.add(KEY, 2);
    store.settle(KEY, 6);
    assertThat(store.used(KEY)).isEqualTo(8);
    assertThat(take(3)).isEqualTo(new QuotaDecision.Exhausted(new Claim(KEY, 3, 10), 8));
    assertThat(take(2)).isInstanceOf(QuotaDecision.Granted.class);

    await().atMost(Duration.ofSeconds(5)).until(() -> remote.counts.used(KEY) == 10);
    await().atMost(Duration.ofSeconds(5)).until(() -> store.used(KEY) == 10);
  }

  @Test
  void what_is_settled_while_the_shared_count_is_away_reaches_it_when_it_is_back() {
    remote.away = true;
    store.settle(KEY, 5);
    assertThat(ledger.used(KEY)).isEqualTo(5);

    remote.away = false;
    clock.advance(Duration.ofSeconds(1));

    await().atMost(Duration.ofSeconds(5)).until(() -> remote.counts.used(KEY) == 5);
  }

  @Test
  void while_the_shared_count_is_away_the_ledger_decides() {
    take(9);
    remote.away = true;

    assertThat(take(1)).isInstanceOf(QuotaDecision.Granted.class);
    assertThat(take(1)).isInstanceOf(QuotaDecision.Exhausted.class);
    assertThat(store.reachable()).isFalse();
    assertThat(store.used(KEY)).isEqualTo(10);
  }

  @Test
  void a_shared_count_that_comes_back_with_its_data_is_raised_and_not_added_to_twice() {
    take(3);
    remote.away = true;
    take(4);
    remote.away = false;
    clock.advance(Duration.ofSeconds(1));

    await().atMost(Duration.ofSeconds(5)).until(() -> remote.counts.used(KEY) == 7);
    assertThat(store.reachable()).isTrue();
  }

  @Test
  void a_shared_count_that_comes_back_empty_is_raised_as_well() {
    take(3);
    remote.away = true;
    take(4);
    remote.counts = new MemoryQuotaStore(clock);
    remote.away = false;
    clock.advance(Duration.ofSeconds(1));

    await().atMost(Duration.ofSeconds(5)).until(() -> remote.counts.used(KEY) == 7);
  }

  @Test
  void what_somebody_else_has_written_to_the_log_reaches_the_shared_count() {
    log.record(List.of(new UsageRecord("killed", KEY, 6, 1)));
    missed.add(KEY);

    await().atMost(Duration.ofSeconds(5)).until(() -> remote.counts.used(KEY) == 5);
    await().atMost(Duration.ofSeconds(5)).until(missed::isEmpty);
  }

  @Test
  void an_outage_costs_one_attempt_per_pause() {
    remote.away = true;
    take(1);
    int asked = remote.asked;
    for (int i = 0; i < 100; i++) {
      store.used(KEY);
    }
    assertThat(remote.asked).isEqualTo(asked);
  }

  private QuotaDecision take(long amount) {
    return store.addWithin(List.of(new Claim(KEY, amount, 10)));
  }

  /** A count that can be away. */
  private final class Remote implements QuotaStore {
    private volatile QuotaStore counts = new MemoryQuotaStore(clock);
    private volatile boolean away;
    private volatile int asked;

    @Override
    public long used(QuotaKey key) {
      answer();
      return counts.used(key);
    }

    @Override
    public long add(QuotaKey key, long amount) {
      answer();
      return counts.add(key, amount);
    }

    @Override
    public QuotaDecision addWithin(List<Claim> claims) {
      answer();
      return counts.addWithin(claims);
    }

    void raise(QuotaKey key, long least) {
      answer();
      counts.add(key, Math.max(0, least - counts.used(key)));
    }

    private void answer() {
      asked++;
      if (away) {
        throw new StoreException("away", null);
      }
    }
  }

  @Nested
  class Contract extends QuotaStoreContract {
    @Override
    protected QuotaStore store(SettableClock clock) {
      return store;
    }
  }
}
