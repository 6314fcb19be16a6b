package io.gatehouse.core.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.contract.QuotaStoreContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.memory.MemoryQuotaCounts;
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
    private final LedgerQuotaStore ledger = new LedgerQuotaStore(log, "a", new MemoryQuotaCounts(), NEVER, clock);
  private final Remote remote = new Remote(ledger);
  private final Set<QuotaKey> missed = ConcurrentHashMap.newKeySet();
  private final SharedQuotaStore store =
      new SharedQuotaStore(remote, ledger, missed, clock.nanoTime());

  @AfterEach
  void close() {
    remote.away = false;
    store.close();
    ledger.close();
  }

  @Test
  void the_shared_count_decides_and_the_ledger_remembers() {
    remote.tellAll(List.of(new UsageRecord("other", KEY, 8, 0)));

    assertThat(take(2)).isInstanceOf(QuotaDecision.Granted.class);
    assertThat(take(1)).isInstanceOf(QuotaDecision.Exhausted.class);

    assertThat(store.used(KEY)).isEqualTo(10);
    assertThat(ledger.used(KEY)).isEqualTo(2);
  }

  @Test
  void what_is_settled_counts_here_at_once_and_reaches_the_shared_count_soon() {
    remote.tellAll(List.of(new UsageRecord("other", KEY, 2, 0)));
    store.settle(KEY, 6);
    assertThat(store.used(KEY)).isEqualTo(8);
    assertThat(take(3)).isEqualTo(new QuotaDecision.Exhausted(new Claim(KEY, 3, 10), 8));
    assertThat(take(2)).isInstanceOf(QuotaDecision.Granted.class);

    await().atMost(Duration.ofSeconds(5)).until(() -> remote.holds(KEY) == 10);
    await().atMost(Duration.ofSeconds(5)).until(() -> store.used(KEY) == 10);
  }

  @Test
  void what_is_settled_while_the_shared_count_is_away_reaches_it_when_it_is_back() {
    remote.away = true;
    store.settle(KEY, 5);
    assertThat(ledger.used(KEY)).isEqualTo(5);

    remote.away = false;
    clock.advance(Duration.ofSeconds(1));

    await().atMost(Duration.ofSeconds(5)).until(() -> remote.holds(KEY) == 5);
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
  void a_shared_count_that_comes_back_with_its_data_is_told_and_not_added_to_twice() {
    take(3);
    remote.away = true;
    take(4);
    remote.away = false;
    clock.advance(Duration.ofSeconds(1));

    await().atMost(Duration.ofSeconds(5)).until(() -> remote.holds(KEY) == 7);
    assertThat(store.reachable()).isTrue();
  }

  @Test
  void a_shared_count_that_comes_back_empty_is_told_as_well() {
    take(3);
    remote.away = true;
    take(4);
    remote.forget();
    remote.away = false;
    clock.advance(Duration.ofSeconds(1));

    await().atMost(Duration.ofSeconds(5)).until(() -> remote.holds(KEY) == 7);
  }

  @Test
  void what_somebody_else_has_written_to_the_log_reaches_the_shared_count() {
    log.record(List.of(new UsageRecord("killed", KEY, 6, 1)));
    missed.add(KEY);

    await().atMost(Duration.ofSeconds(5)).until(() -> remote.holds(KEY) == 5);
    await().atMost(Duration.ofSeconds(5)).until(missed::isEmpty);
  }

  @Test
  void a_shared_count_that_was_emptied_unnoticed_has_again_what_all_nodes_have_used_and_the_log_has_not() {
    try (LedgerQuotaStore otherLedger = new LedgerQuotaStore(log, "b", new MemoryQuotaCounts(), NEVER, clock)) {
      Remote seenByOther = remote.seenBy(otherLedger);
      try (SharedQuotaStore other =
          new SharedQuotaStore(seenByOther, otherLedger, ConcurrentHashMap.newKeySet(), clock.nanoTime())) {
        ledger.add(KEY, 2);
        ledger.flush();
        take(3);
        other.addWithin(List.of(new Claim(KEY, 4, 10)));
        await().atMost(Duration.ofSeconds(5)).until(() -> remote.looked && seenByOther.looked);
        seenByOther.lost = true;
        remote.forget();

        assertThat(take(1)).as("what this node has used is told with the claim").isEqualTo(new QuotaDecision.Granted());
        assertThat(remote.holds(KEY)).isGreaterThanOrEqualTo(6);

        await().atMost(Duration.ofSeconds(10)).until(() -> remote.holds(KEY) == 10);
        assertThat(take(1)).isInstanceOf(QuotaDecision.Exhausted.class);
        assertThat(log.totals(List.of(KEY), "")).as("nobody has written meanwhile").containsEntry(KEY, 2L);
      }
    }
  }

  @Test
  void a_call_that_a_lost_count_had_answered_is_told_to_the_new_one() {
    await().atMost(Duration.ofSeconds(5)).until(() -> remote.looked);
    remote.beforeTheAnswer = () -> {
      remote.forget();
      remote.tellAll(List.of(new UsageRecord("other", KEY, 1, 0)));
    };
    take(3);
    remote.beforeTheAnswer = () -> {};

    await().atMost(Duration.ofSeconds(5)).until(() -> remote.holds(KEY) == 4);
  }

  @Test
  void use_is_never_told_to_be_less_than_the_log_says() {
    take(2);
    log.record(List.of(new UsageRecord("other", KEY, 5, 1)));

    assertThat(store.used(KEY)).isEqualTo(6);
  }

  @Test
  void what_another_node_has_used_can_be_given_back_before_the_log_has_it() {
    remote.tellAll(List.of(new UsageRecord("other", KEY, 5, 0)));

    assertThat(store.add(KEY, -4)).isEqualTo(1);
    assertThat(store.add(KEY, -4)).isZero();
    ledger.flush();
    assertThat(log.records(List.of(KEY))).containsExactly(new UsageRecord("a", KEY, 0, 5));
  }

  @Test
  void a_part_that_is_away_leaves_the_others_alone() {
    QuotaKey bobs = new QuotaKey("bob", Meter.REQUESTS, Window.DAY, KEY.start());
    Remote partly = remote.seenBy(ledger);
    try (SharedQuotaStore parted = new SharedQuotaStore(
        partly, ledger, missed, 2, owner -> owner.equals("bob") ? 1 : 0, clock.nanoTime())) {
      partly.awayOwner = "bob";
      assertThat(parted.addWithin(List.of(new Claim(bobs, 1, 10)))).isInstanceOf(QuotaDecision.Granted.class);
      assertThat(parted.reachable()).isFalse();
      remote.tellAll(List.of(new UsageRecord("other", KEY, 9, 0)));

      assertThat(parted.addWithin(List.of(new Claim(KEY, 2, 10)))).isInstanceOf(QuotaDecision.Exhausted.class);

      partly.awayOwner = "";
      clock.advance(Duration.ofSeconds(1));
      await().atMost(Duration.ofSeconds(5)).until(() -> partly.holds(bobs) == 1);
      assertThat(parted.reachable()).isTrue();
    }
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

  @Nested
  class Contract extends QuotaStoreContract {
    @Override
    protected QuotaStore store(SettableClock clock) {
      return store;
    }
  }
}
