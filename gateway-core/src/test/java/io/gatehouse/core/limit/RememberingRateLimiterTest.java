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
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RememberingRateLimiterTest {

  private static final Limit TEN_A_SECOND = new Limit(10, Duration.ofSeconds(1), 5);

  private final SettableClock clock = new SettableClock(Long.MAX_VALUE - Duration.ofMillis(150).toNanos());
  private final Counting shared = new Counting(new MemoryRateLimiter(1 << 12, clock.nanoTime(), clock));
  private final RateLimiter limiter = new RememberingRateLimiter(shared, clock.nanoTime());

  @Test
  void a_hammering_client_costs_one_question_for_each_permit_and_one_for_each_wait() {
    int admitted = 0;
    for (int millisecond = 0; millisecond < 1000; millisecond++) {
      for (int i = 0; i < 50; i++) {
        admitted += limiter.tryAcquire(of(1)) instanceof Allowed ? 1 : 0;
      }
      clock.advance(Duration.ofMillis(1));
    }

    assertThat(admitted).isEqualTo(5 + 9);
    assertThat(shared.asked).isEqualTo(5 + 9 + 10);
  }

  @Test
  void a_denial_of_requests_under_way_is_not_remembered() {
    List<Charge> held = List.of(new Charge("p", "held", Limit.of(1, Duration.ofHours(1), Algorithm.CONCURRENCY), 1));
    limiter.tryAcquire(held);
    assertThat(limiter.tryAcquire(held)).isInstanceOf(Denied.class);

    shared.inner.giveBack(held); // another node's, of which nobody tells this one

    assertThat(limiter.tryAcquire(held)).isInstanceOf(Allowed.class);
  }

  @ParameterizedTest
  @EnumSource(value = Algorithm.class, names = {"SLIDING_WINDOW", "SLIDING_LOG", "FIXED_WINDOW"})
  void a_denial_of_a_window_is_repeated_and_tells_no_longer_wait_than_there_is(Algorithm algorithm) {
    Limit limit = Limit.of(5, Duration.ofMillis(800), algorithm);
    List<Charge> two = List.of(new Charge("p", "window", limit, 2));
    List<Charge> four = List.of(new Charge("p", "window", limit, 4));
    limiter.tryAcquire(two);
    clock.advance(Duration.ofMillis(100));
    limiter.tryAcquire(two);
    assertThat(limiter.tryAcquire(two)).isInstanceOf(Denied.class);
    shared.asked = 0;
    clock.advance(Duration.ofMillis(50));

    Denied again = (Denied) limiter.tryAcquire(two);
    Denied more = (Denied) limiter.tryAcquire(four);

    assertThat(shared.asked).isZero();
    assertThat(again).isEqualTo(shared.inner.peek(two));
    assertThat(more.retryAfterNanos()).isLessThanOrEqualTo(((Denied) shared.inner.peek(four)).retryAfterNanos());
  }

  @Test
  void a_repeated_denial_tells_what_is_left_of_the_wait() {
    drain(5);
    Denied first = (Denied) limiter.tryAcquire(of(1));
    clock.advance(Duration.ofMillis(30));

    Denied again = (Denied) limiter.tryAcquire(of(1));

    assertThat(again.retryAfterNanos()).isEqualTo(first.retryAfterNanos() - 30_000_000L);
    assertThat(again.resetAfterNanos()).isEqualTo(first.resetAfterNanos() - 30_000_000L);
    assertThat(again).isEqualTo(shared.inner.tryAcquire(of(1)));
    clock.advance(Duration.ofNanos(again.retryAfterNanos()));
    assertThat(limiter.tryAcquire(of(1))).isInstanceOf(Allowed.class);
  }

  @Test
  void a_denial_holds_for_larger_costs_and_not_for_smaller() {
    drain(3);
    assertThat(limiter.tryAcquire(of(3))).isInstanceOf(Denied.class);
    shared.asked = 0;

    Decision larger = limiter.tryAcquire(of(4));
    assertThat(shared.asked).isZero();
    assertThat(larger).isEqualTo(withRemaining(shared.inner.peek(of(4)), larger.remaining()));
    assertThat(((Denied) limiter.tryAcquire(of(6))).retryAfterNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(limiter.tryAcquire(of(2))).isInstanceOf(Allowed.class);
  }

  @Test
  void what_is_given_back_here_can_be_taken_at_once() {
    drain(5);
    assertThat(limiter.tryAcquire(of(1))).isInstanceOf(Denied.class);

    limiter.giveBack(of(2));

    assertThat(limiter.tryAcquire(of(2))).isInstanceOf(Allowed.class);
  }

  @Test
  void a_denial_that_was_under_way_while_something_was_given_back_is_not_remembered() {
    drain(5);
    shared.afterwards = () -> limiter.giveBack(of(1));
    assertThat(limiter.tryAcquire(of(1))).isInstanceOf(Denied.class);

    shared.afterwards = () -> {};
    assertThat(limiter.tryAcquire(of(1))).isInstanceOf(Allowed.class);
  }

  @Test
  void a_giving_back_that_failed_may_have_happened() {
    drain(5);
    assertThat(limiter.tryAcquire(of(1))).isInstanceOf(Denied.class);
    shared.returned = () -> {
      throw new StoreException("no answer");
    };

    assertThatThrownBy(() -> limiter.giveBack(of(1))).isInstanceOf(StoreException.class);

    assertThat(limiter.tryAcquire(of(1))).isInstanceOf(Allowed.class);
  }

  @Test
  void what_another_node_gives_back_is_noticed_within_a_second() {
    Limit slow = new Limit(1, Duration.ofHours(1), 1);
    List<Charge> charges = List.of(new Charge("p", "b", slow, 1));
    limiter.tryAcquire(charges);
    assertThat(limiter.tryAcquire(charges)).isInstanceOf(Denied.class);
    shared.inner.giveBack(charges);

    clock.advance(Duration.ofMillis(RememberingRateLimiter.LONGEST_MILLIS - 1));
    assertThat(limiter.tryAcquire(charges)).isInstanceOf(Denied.class);
    clock.advance(Duration.ofMillis(1));
    assertThat(limiter.tryAcquire(charges)).isInstanceOf(Allowed.class);
  }

  @Test
  void a_changed_limit_is_asked_for_at_once() {
    drain(5);
    assertThat(limiter.tryAcquire(of(1))).isInstanceOf(Denied.class);

    Charge raised = new Charge("p", "b", new Limit(20, Duration.ofSeconds(1), 20), 1);

    assertThat(limiter.tryAcquire(List.of(raised))).isInstanceOf(Allowed.class);
  }

  @Test
  void one_remembered_charge_denies_all_with_the_longest_wait() {
    Charge quick = new Charge("quick", "q", new Limit(10, Duration.ofSeconds(1), 1), 1);
    Charge slow = new Charge("slow", "s", new Limit(1, Duration.ofSeconds(1), 1), 1);
    Charge free = new Charge("free", "f", TEN_A_SECOND, 1);
    limiter.tryAcquire(List.of(quick, slow));
    limiter.tryAcquire(List.of(quick));
    limiter.tryAcquire(List.of(slow));
    shared.asked = 0;

    Denied denied = (Denied) limiter.tryAcquire(List.of(free, quick, slow));

    assertThat(shared.asked).isZero();
    assertThat(denied.tightest()).isEqualTo(slow);
    assertThat(denied.retryAfterNanos()).isEqualTo(1_000_000_000L);
    assertThat(limiter.peek(List.of(free)).remaining()).isEqualTo(4);
  }

  @Test
  void a_clock_that_goes_back_forgets() {
    drain(5);
    assertThat(limiter.tryAcquire(of(1))).isInstanceOf(Denied.class);
    shared.inner.giveBack(of(1));

    clock.advance(Duration.ofSeconds(-5));

    shared.asked = 0;
    limiter.tryAcquire(of(1));
    assertThat(shared.asked).isEqualTo(1);
  }

  @Test
  void the_time_of_the_question_counts_against_the_memory_and_not_against_the_wait() {
    drain(5);
    shared.afterwards = () -> clock.advance(Duration.ofMillis(40));
    Denied denied = (Denied) limiter.tryAcquire(of(1));
    shared.afterwards = () -> {};

    assertThat(denied.retryAfterNanos()).isEqualTo(100_000_000L);
    assertThat(((Denied) limiter.tryAcquire(of(1))).retryAfterNanos()).isEqualTo(100_000_000L);
    clock.advance(Duration.ofMillis(60));
    assertThat(limiter.tryAcquire(of(1))).isInstanceOf(Allowed.class);
  }

  @Test
  void decisions_of_this_node_alone_are_not_remembered() {
    RateLimiter alone = new RememberingRateLimiter(new Counting(shared) {
      @Override
      public Decision tryAcquire(List<Charge> charges) {
        super.tryAcquire(charges);
        return new Denied(charges.get(0), 0, 1_000_000, 1_000_000, Decision.Mode.LOCAL);
      }
    }, clock.nanoTime());

    alone.tryAcquire(of(1));
    alone.tryAcquire(of(1));

    assertThat(shared.asked).isEqualTo(2);
  }

  @Test
  void with_room_for_one_it_forgets_and_never_errs() {
    Random random = new Random(7);
    MemoryRateLimiter truth = new MemoryRateLimiter(1 << 12, clock.nanoTime());
    RateLimiter small = new RememberingRateLimiter(
        new MemoryRateLimiter(1 << 12, clock.nanoTime()), clock.nanoTime(), 1);

    for (int i = 0; i < 20_000; i++) {
      List<Charge> charges = List.of(new Charge("p", "b" + random.nextInt(3), TEN_A_SECOND, 1 + random.nextInt(5)));
      if (random.nextInt(10) == 0) {
        small.giveBack(charges);
        truth.giveBack(charges);
      } else {
        boolean expected = truth.tryAcquire(charges) instanceof Allowed;
        assertThat(small.tryAcquire(charges) instanceof Allowed).as("request %d", i).isEqualTo(expected);
      }
      clock.advance(Duration.ofMillis(random.nextInt(40)));
    }
  }

  private void drain(int permits) {
    assertThat(limiter.tryAcquire(of(permits))).isInstanceOf(Allowed.class);
  }

  private static List<Charge> of(long cost) {
    return List.of(new Charge("p", "b", TEN_A_SECOND, cost));
  }

  private static Decision withRemaining(Decision decision, long remaining) {
    Denied denied = (Denied) decision;
    return new Denied(
        denied.tightest(), remaining, denied.retryAfterNanos(), denied.resetAfterNanos(), denied.mode());
  }

  /** Counts the questions, and does something before it answers one. */
  private static class Counting implements RateLimiter {
    private final RateLimiter inner;
    private int asked;
    private Runnable afterwards = () -> {};
    private Runnable returned = () -> {};

    Counting(RateLimiter inner) {
      this.inner = inner;
    }

    @Override
    public Decision tryAcquire(List<Charge> charges) {
      asked++;
      Decision decision = inner.tryAcquire(charges);
      afterwards.run();
      return decision;
    }

    @Override
    public Decision peek(List<Charge> charges) {
      return inner.peek(charges);
    }

    @Override
    public void giveBack(List<Charge> charges) {
      inner.giveBack(charges);
      returned.run();
    }

    @Override
    public void debit(List<Charge> charges) {
      inner.debit(charges);
    }
  }

  @Nested
  class Contract extends RateLimiterContract {
    @Override
    protected RateLimiter limiter(SettableClock clock) {
      return new RememberingRateLimiter(
          new MemoryRateLimiter(1 << 12, clock.nanoTime(), clock), clock.nanoTime());
    }
  }
}
