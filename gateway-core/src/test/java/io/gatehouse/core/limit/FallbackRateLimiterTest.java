package io.gatehouse.core.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.contract.RateLimiterContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class FallbackRateLimiterTest {

  private static final List<Charge> CHARGES =
      List.of(new Charge("user-minute", "user:a", new Limit(1000, Duration.ofMinutes(1), 90), 1));

  private final SettableClock clock = new SettableClock(Long.MAX_VALUE - 1);
  private final Recorder shared = new Recorder(Decision.Mode.EXACT);
  private final Recorder local = new Recorder(Decision.Mode.EXACT);

  @Test
  void the_shared_count_decides_while_it_answers() {
    FallbackRateLimiter limiter = limiter(WhenUnreachable.LOCAL);

    assertThat(limiter.tryAcquire(CHARGES).mode()).isEqualTo(Decision.Mode.EXACT);
    limiter.giveBack(CHARGES);

    assertThat(shared.seen).containsExactly(CHARGES, CHARGES);
    assertThat(local.seen).isEmpty();
    assertThat(limiter.reachable()).isTrue();
  }

  @Test
  void without_it_this_node_decides_by_its_share_and_says_so() {
    FallbackRateLimiter limiter = limiter(WhenUnreachable.LOCAL);
    shared.away = true;

    Decision decision = limiter.tryAcquire(CHARGES);

    assertThat(decision.mode()).isEqualTo(Decision.Mode.LOCAL);
    assertThat(local.seen.get(0).get(0).limit()).isEqualTo(new Limit(333, Duration.ofMinutes(1), 30));
    assertThat(limiter.reachable()).isFalse();
  }

  @Test
  void an_outage_costs_one_attempt_per_pause() {
    FallbackRateLimiter limiter = limiter(WhenUnreachable.LOCAL);
    shared.away = true;

    for (int i = 0; i < 100; i++) {
      limiter.tryAcquire(CHARGES);
    }
    assertThat(shared.seen).hasSize(1);
    clock.advance(Duration.ofMillis(FallbackRateLimiter.PAUSE_MILLIS));
    for (int i = 0; i < 100; i++) {
      limiter.tryAcquire(CHARGES);
    }
    assertThat(shared.seen).hasSize(2);

    shared.away = false;
    clock.advance(Duration.ofMillis(FallbackRateLimiter.PAUSE_MILLIS));
    assertThat(limiter.tryAcquire(CHARGES).mode()).isEqualTo(Decision.Mode.EXACT);
    assertThat(limiter.reachable()).isTrue();
  }

  @Test
  void open_lets_pass_and_closed_does_not() {
    shared.away = true;

    assertThat(limiter(WhenUnreachable.OPEN).tryAcquire(CHARGES)).isInstanceOf(Decision.Allowed.class);
    FallbackRateLimiter closed = limiter(WhenUnreachable.CLOSED);
    assertThatThrownBy(() -> closed.tryAcquire(CHARGES)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> closed.peek(CHARGES)).isInstanceOf(StoreException.class);
    assertThat(local.seen).isEmpty();
  }

  @Test
  void a_share_is_never_less_than_one_permit() {
    FallbackRateLimiter limiter = limiter(WhenUnreachable.LOCAL);
    shared.away = true;

    limiter.tryAcquire(List.of(new Charge("p", "b", Limit.of(2, Duration.ofHours(1)), 1)));

    assertThat(local.seen.get(0).get(0).limit()).isEqualTo(new Limit(1, Duration.ofHours(1), 1));
  }

  @Test
  void what_cannot_be_given_back_stays_taken() {
    FallbackRateLimiter limiter = limiter(WhenUnreachable.LOCAL);
    limiter.tryAcquire(CHARGES);
    shared.away = true;

    limiter.giveBack(CHARGES);
    assertThat(local.seen).isEmpty();

    limiter.giveBack(CHARGES);
    assertThat(local.seen).hasSize(1);
  }

  @Test
  void what_is_held_is_given_back_where_it_was_taken_even_during_an_outage() {
    FallbackRateLimiter limiter = limiter(WhenUnreachable.LOCAL);
    Charge held = new Charge("p", "b", Limit.of(9, Duration.ofMinutes(1), Algorithm.CONCURRENCY), 1);
    List<Charge> charges = List.of(CHARGES.get(0), held);
    limiter.tryAcquire(charges);
    shared.away = true;
    limiter.tryAcquire(charges);
    shared.seen.clear();
    local.seen.clear();

    limiter.giveBack(List.of(held));
    assertThat(local.seen).as("the last one, granted here").hasSize(1);
    assertThat(local.seen.get(0).get(0).limit().permits()).isEqualTo(3);
    assertThat(shared.seen).isEmpty();

    limiter.giveBack(List.of(held));
    assertThat(shared.seen).as("the first one").containsExactly(List.of(held));
    assertThat(local.seen).hasSize(1);
    assertThat(limiter.reachable()).isFalse();
  }

  @Test
  void a_release_that_the_shared_count_may_only_have_noted_is_no_sign_of_its_life() {
    FallbackRateLimiter limiter = limiter(WhenUnreachable.LOCAL);
    Charge held = new Charge("p", "b", Limit.of(9, Duration.ofMinutes(1), Algorithm.CONCURRENCY), 1);
    limiter.tryAcquire(List.of(held));
    shared.away = true;
    limiter.tryAcquire(CHARGES);
    shared.away = false;
    clock.advance(Duration.ofMillis(FallbackRateLimiter.PAUSE_MILLIS));

    limiter.giveBack(List.of(held));

    assertThat(limiter.reachable()).isFalse();
  }

  @Test
  void granted_by_nobody_it_is_given_back_to_nobody() {
    FallbackRateLimiter limiter = limiter(WhenUnreachable.OPEN);
    List<Charge> held =
        List.of(new Charge("p", "b", Limit.of(9, Duration.ofMinutes(1), Algorithm.CONCURRENCY), 1));
    shared.away = true;
    limiter.tryAcquire(held);
    shared.away = false;
    shared.seen.clear();
    clock.advance(Duration.ofMillis(FallbackRateLimiter.PAUSE_MILLIS));

    limiter.giveBack(held);

    assertThat(shared.seen).isEmpty();
    assertThat(local.seen).isEmpty();
  }

  @Test
  void a_debit_goes_to_the_shared_count_and_without_it_to_this_node() {
    FallbackRateLimiter limiter = limiter(WhenUnreachable.LOCAL);
    limiter.debit(CHARGES);
    assertThat(shared.seen).containsExactly(CHARGES);

    shared.away = true;
    limiter.debit(CHARGES);
    limiter.debit(CHARGES);

    assertThat(shared.seen).hasSize(2);
    assertThat(local.seen).hasSize(2);
    assertThat(local.seen.get(0).get(0).limit()).isEqualTo(new Limit(333, Duration.ofMinutes(1), 30));
    FallbackRateLimiter closed = limiter(WhenUnreachable.CLOSED);
    assertThatThrownBy(() -> closed.debit(CHARGES)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> closed.debit(CHARGES)).isInstanceOf(StoreException.class);
    limiter(WhenUnreachable.OPEN).debit(CHARGES);
    assertThat(local.seen).hasSize(2);
  }

  private FallbackRateLimiter limiter(WhenUnreachable policy) {
    return new FallbackRateLimiter(shared, local, policy, () -> 3, clock.nanoTime());
  }

  /** Allows everything, remembers what it was asked, fails when told to. */
  private static final class Recorder implements RateLimiter {
    private final Decision.Mode mode;
    private final List<List<Charge>> seen = new ArrayList<>();
    private boolean away;

    Recorder(Decision.Mode mode) {
      this.mode = mode;
    }

    @Override
    public Decision tryAcquire(List<Charge> charges) {
      giveBack(charges);
      return new Decision.Allowed(charges.get(0), 1, 1, mode);
    }

    @Override
    public Decision peek(List<Charge> charges) {
      return tryAcquire(charges);
    }

    @Override
    public void giveBack(List<Charge> charges) {
      seen.add(charges);
      if (away) {
        throw new StoreException("away", null);
      }
    }

    @Override
    public void debit(List<Charge> charges) {
      giveBack(charges);
    }
  }

  @Nested
  class Contract extends RateLimiterContract {
    @Override
    protected RateLimiter limiter(SettableClock clock) {
      return new FallbackRateLimiter(
          new MemoryRateLimiter(1 << 12, clock.nanoTime(), clock),
          new MemoryRateLimiter(8, clock.nanoTime()),
          WhenUnreachable.LOCAL,
          () -> 1,
          clock.nanoTime());
    }
  }
}
