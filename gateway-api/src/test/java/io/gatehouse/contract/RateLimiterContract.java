package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link RateLimiter} keeps. Times are whole milliseconds, so that limiters that count in nanoseconds and in
 * microseconds both pass; a limiter may be stricter than its limit by a millisecond of waiting, never laxer.
 */
public abstract class RateLimiterContract extends StoreContract {

  static final long ONE_SECOND_NANOS = 1_000_000_000L;

  private static final Duration A_MILLISECOND = Duration.ofMillis(1);

  private SettableClock clock = new SettableClock();

  /** An empty limiter that lives by this clock. Called once by each test. */
  protected abstract RateLimiter limiter(SettableClock clock);

  /** Lets time pass. A limiter that does not live by the clock of the kit waits. */
  protected void advance(Duration by) {
    clock.advance(by);
  }

  /** How many permits beyond burst and rate a span of time may admit; none, but for a limiter that says so itself. */
  protected double excess(Limit limit) {
    return 0;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - ONE_SECOND_NANOS / 2, Long.MIN_VALUE, -ONE_SECOND_NANOS / 2})
  void a_full_bucket_grants_its_burst_at_once_and_then_one_permit_per_interval(long startNanos) {
    clock = new SettableClock(startNanos);
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(new Limit(10, Duration.ofSeconds(1), 5));

    assertThat(taken(limiter, charge, 20)).isEqualTo(5);

    for (int i = 0; i < 20; i++) {
      advance(Duration.ofMillis(99));
      assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Denied.class);
      advance(A_MILLISECOND);
      assertThat(taken(limiter, charge, 3)).isEqualTo(1);
    }
  }

  @Test
  void a_decision_says_what_is_left_and_when_the_bucket_is_full_again() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(new Limit(10, Duration.ofSeconds(1), 5));

    assertThat(limiter.tryAcquire(List.of(charge)))
        .isInstanceOfSatisfying(Allowed.class, allowed -> {
          assertThat(allowed.tightest()).isEqualTo(charge);
          assertThat(allowed.remaining()).isEqualTo(4);
          assertThat(allowed.resetAfterNanos()).isBetween(99_999_000L, 100_001_000L);
        });
    for (int left = 3; left >= 0; left--) {
      assertThat(limiter.tryAcquire(List.of(charge)).remaining()).isEqualTo(left);
    }
    assertThat(limiter.tryAcquire(List.of(charge)))
        .isInstanceOfSatisfying(Denied.class, denied -> {
          assertThat(denied.tightest()).isEqualTo(charge);
          assertThat(denied.remaining()).isZero();
          assertThat(denied.resetAfterNanos()).isBetween(499_999_000L, 500_001_000L);
        });
  }

  @Test
  void after_the_stated_wait_the_same_charge_passes_and_not_a_millisecond_before() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(new Limit(7, Duration.ofSeconds(1), 7), 3);
    taken(limiter, charge, 2);

    Denied denied = (Denied) limiter.tryAcquire(List.of(charge));

    assertThat(denied.retryAfterNanos()).isPositive();
    advance(Duration.ofNanos(denied.retryAfterNanos()).minus(A_MILLISECOND));
    assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Denied.class);
    advance(A_MILLISECOND);
    assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Allowed.class);
  }

  @Test
  void a_cost_above_the_burst_never_passes_and_takes_nothing() {
    RateLimiter limiter = limiter(clock);
    Limit limit = new Limit(10, Duration.ofSeconds(1), 5);
    String bucket = fresh("bucket");

    Decision decision = limiter.tryAcquire(List.of(new Charge("p", bucket, limit, 6)));

    assertThat(decision).isInstanceOfSatisfying(Denied.class, denied -> {
      assertThat(denied.retryAfterNanos()).isEqualTo(Long.MAX_VALUE);
      assertThat(denied.remaining()).isEqualTo(5);
      assertThat(denied.resetAfterNanos()).isZero();
    });
    assertThat(limiter.tryAcquire(List.of(new Charge("p", bucket, limit, 5)))).isInstanceOf(Allowed.class);
  }

  @Test
  void all_charges_are_taken_or_none() {
    RateLimiter limiter = limiter(clock);
    Charge wide = charge(new Limit(10, Duration.ofSeconds(1), 10));
    Charge narrow = charge(new Limit(1, Duration.ofSeconds(1), 1));

    assertThat(limiter.tryAcquire(List.of(wide, narrow))).isInstanceOf(Allowed.class);
    assertThat(limiter.tryAcquire(List.of(wide, narrow))).isInstanceOf(Denied.class);
    assertThat(limiter.tryAcquire(List.of(narrow, wide))).isInstanceOf(Denied.class);

    assertThat(limiter.peek(List.of(wide)).remaining()).isEqualTo(8);
  }

  @Test
  void the_tightest_charge_is_the_one_that_leaves_least_or_waits_longest() {
    RateLimiter limiter = limiter(clock);
    Charge quick = charge(new Limit(2, Duration.ofSeconds(1), 2));
    Charge slow = charge(new Limit(3, Duration.ofMinutes(1), 3));
    Charge broad = charge(new Limit(1000, Duration.ofSeconds(1), 1000));

    assertThat(limiter.tryAcquire(List.of(broad, quick, slow)).tightest()).isEqualTo(quick);
    assertThat(limiter.tryAcquire(List.of(slow)).tightest()).isEqualTo(slow);
    assertThat(limiter.tryAcquire(List.of(broad, quick, slow)).tightest()).isIn(quick, slow);

    Decision decision = limiter.tryAcquire(List.of(broad, quick, slow));
    assertThat(decision).isInstanceOfSatisfying(Denied.class, denied -> {
      assertThat(denied.tightest()).isEqualTo(slow);
      assertThat(denied.retryAfterNanos()).isBetween(19_999_000_000L, 20_001_000_000L);
    });
    advance(Duration.ofNanos(((Denied) decision).retryAfterNanos()));
    assertThat(limiter.tryAcquire(List.of(broad, quick, slow))).isInstanceOf(Allowed.class);
  }

  @Test
  void a_peek_decides_the_same_and_takes_nothing() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(new Limit(10, Duration.ofSeconds(1), 2));

    for (int i = 0; i < 5; i++) {
      assertThat(limiter.peek(List.of(charge)))
          .isInstanceOfSatisfying(Allowed.class, allowed -> assertThat(allowed.remaining()).isEqualTo(1));
    }
    Decision peeked = limiter.peek(List.of(charge));
    assertThat(limiter.tryAcquire(List.of(charge))).isEqualTo(peeked);
    limiter.tryAcquire(List.of(charge));
    peeked = limiter.peek(List.of(charge));
    assertThat(peeked).isInstanceOf(Denied.class);
    assertThat(limiter.tryAcquire(List.of(charge))).isEqualTo(peeked);
  }

  @Test
  void what_is_given_back_can_be_taken_again_and_no_more() {
    RateLimiter limiter = limiter(clock);
    Limit limit = new Limit(10, Duration.ofHours(1), 10);
    Charge three = charge(limit, 3);
    Charge one = new Charge("p", three.bucket(), limit, 1);

    limiter.giveBack(List.of(three));
    assertThat(taken(limiter, three, 4)).isEqualTo(3);
    limiter.giveBack(List.of(three));
    assertThat(taken(limiter, one, 20)).isEqualTo(4);

    for (int i = 0; i < 10; i++) {
      limiter.giveBack(List.of(three));
    }
    assertThat(taken(limiter, one, 20)).isEqualTo(10);
  }

  @Test
  void buckets_are_told_apart_by_name_and_period_and_not_by_policy_or_permits() {
    RateLimiter limiter = limiter(clock);
    String bucket = fresh("bucket");
    Charge first = new Charge("a", bucket, new Limit(1, Duration.ofSeconds(1), 1), 1);
    Charge otherPolicy = new Charge("b", bucket, new Limit(1, Duration.ofSeconds(1), 1), 1);
    Charge otherPeriod = new Charge("a", bucket, new Limit(1, Duration.ofSeconds(2), 1), 1);
    Charge otherName = new Charge("a", bucket + "x", new Limit(1, Duration.ofSeconds(1), 1), 1);

    assertThat(limiter.tryAcquire(List.of(first))).isInstanceOf(Allowed.class);
    assertThat(limiter.tryAcquire(List.of(otherPolicy))).isInstanceOf(Denied.class);
    assertThat(limiter.tryAcquire(List.of(otherPeriod))).isInstanceOf(Allowed.class);
    assertThat(limiter.tryAcquire(List.of(otherName))).isInstanceOf(Allowed.class);
  }

  @Test
  void raising_a_limit_does_not_fill_its_bucket() {
    RateLimiter limiter = limiter(clock);
    Charge low = charge(new Limit(10, Duration.ofSeconds(10), 10));
    Charge high = new Charge("p", low.bucket(), new Limit(100, Duration.ofSeconds(10), 100), 1);
    assertThat(taken(limiter, low, 20)).isEqualTo(10);

    assertThat(taken(limiter, high, 200)).isLessThanOrEqualTo(90);

    advance(Duration.ofSeconds(1));
    assertThat(taken(limiter, high, 200)).isEqualTo(10);
  }

  @Test
  void a_lowered_limit_holds_at_once_and_grants_again_at_its_own_pace() {
    RateLimiter limiter = limiter(clock);
    Charge high = charge(new Limit(1000, Duration.ofSeconds(10), 1000));
    Charge low = new Charge("p", high.bucket(), new Limit(10, Duration.ofSeconds(10), 2), 1);
    assertThat(taken(limiter, high, 2000)).isEqualTo(1000);

    assertThat(taken(limiter, low, 5)).isZero();

    advance(Duration.ofSeconds(10));
    assertThat(taken(limiter, low, 5)).isBetween(1L, 2L);
    advance(Duration.ofSeconds(1));
    assertThat(taken(limiter, low, 5)).isEqualTo(1);
  }

  @Test
  void rest_fills_a_bucket_to_its_burst_and_never_above() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(new Limit(10, Duration.ofSeconds(1), 5));
    taken(limiter, charge, 5);

    advance(Duration.ofSeconds(2));
    assertThat(taken(limiter, charge, 20)).isEqualTo(5);
    advance(Duration.ofDays(400));
    assertThat(taken(limiter, charge, 20)).isEqualTo(5);
  }

  @Test
  void polling_a_slow_limit_neither_starves_nor_feeds_it() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(new Limit(1, Duration.ofDays(1), 1));
    assertThat(taken(limiter, charge, 2)).isEqualTo(1);

    for (int minute = 1; minute < 24 * 60; minute++) {
      advance(Duration.ofMinutes(1));
      assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Denied.class);
    }
    advance(Duration.ofMinutes(1));
    assertThat(taken(limiter, charge, 2)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void no_span_of_time_admits_more_than_the_burst_and_the_rate(long seed) {
    RateLimiter limiter = limiter(clock);
    Random random = new Random(seed);
    Duration period = Duration.ofMillis(100 + random.nextInt(900));
    Limit limit = new Limit(1 + random.nextInt(50), period, 1 + random.nextInt(20));
    String bucket = fresh("bucket");
    ArrayDeque<long[]> admitted = new ArrayDeque<>();
    long nowMillis = 0;

    for (int i = 0; i < 2000; i++) {
      int step = random.nextInt(4) == 0 ? random.nextInt(60) : 0;
      nowMillis += step;
      advance(Duration.ofMillis(step));
      long cost = 1 + random.nextInt((int) limit.burst());
      if (limiter.tryAcquire(List.of(new Charge("p", bucket, limit, cost))) instanceof Allowed) {
        admitted.addLast(new long[] {nowMillis, cost});
        if (admitted.size() > 100) {
          admitted.removeFirst();
        }
        long sum = 0;
        for (var it = admitted.descendingIterator(); it.hasNext(); ) {
          long[] one = it.next();
          sum += one[1];
          double fair = limit.burst() + excess(limit)
              + (double) (nowMillis - one[0]) * limit.permits() / limit.period().toMillis();
          assertThat((double) sum).isLessThanOrEqualTo(fair + 1e-6);
        }
      }
    }
  }

  @Test
  void the_largest_numbers_do_not_overflow() {
    RateLimiter limiter = limiter(clock);
    Charge all = charge(new Limit(Limit.MOST, Duration.ofDays(366), Limit.MOST), Limit.MOST);
    Charge slow = charge(new Limit(1, Duration.ofDays(366), Limit.MOST), Limit.MOST);

    assertThat(limiter.tryAcquire(List.of(all, slow)))
        .isInstanceOfSatisfying(Allowed.class, allowed -> assertThat(allowed.remaining()).isZero());
    assertThat(limiter.tryAcquire(List.of(all)))
        .isInstanceOfSatisfying(Denied.class, denied -> assertThat(denied.retryAfterNanos()).isPositive());
    assertThat(limiter.tryAcquire(List.of(slow)))
        .isInstanceOfSatisfying(Denied.class, denied -> assertThat(denied.retryAfterNanos()).isPositive());
  }

  @Test
  void no_charge_is_a_mistake() {
    RateLimiter limiter = limiter(clock);

    assertThatIllegalArgumentException().isThrownBy(() -> limiter.tryAcquire(List.of()));
  }

  @Test
  void many_threads_together_take_exactly_the_burst() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(new Limit(1000, Duration.ofHours(1), 1000));

    long admitted = Crowd.sum(8, 250, (thread, round) ->
        limiter.tryAcquire(List.of(charge)) instanceof Allowed ? 1 : 0);

    assertThat(admitted).isEqualTo(1000);
  }

  @Test
  void many_threads_that_are_denied_by_one_charge_take_nothing_of_the_other() {
    RateLimiter limiter = limiter(clock);
    Charge wide = charge(new Limit(100_000, Duration.ofHours(1), 100_000));
    Charge narrow = charge(new Limit(50, Duration.ofHours(1), 50));

    long admitted = Crowd.sum(8, 100, (thread, round) ->
        limiter.tryAcquire(thread % 2 == 0 ? List.of(wide, narrow) : List.of(narrow, wide)) instanceof Allowed
            ? 1 : 0);

    assertThat(admitted).isEqualTo(50);
    assertThat(limiter.peek(List.of(wide)).remaining()).isEqualTo(100_000 - 50 - 1);
  }

  @Test
  void many_threads_that_take_and_give_back_leave_the_bucket_as_it_was() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(new Limit(100, Duration.ofHours(1), 100));

    Crowd.sum(8, 100, (thread, round) -> {
      assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Allowed.class);
      limiter.giveBack(List.of(charge));
      return 1;
    });

    assertThat(taken(limiter, charge, 150)).isEqualTo(100);
  }

  @Test
  void a_limiter_that_cannot_answer_says_so_and_recovers() throws Exception {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(new Limit(1000, Duration.ofSeconds(1), 1000));
    limiter.tryAcquire(List.of(charge));

    whileBroken(
        () -> limiter.tryAcquire(List.of(charge)),
        () -> limiter.peek(List.of(charge)),
        () -> limiter.giveBack(List.of(charge)));

    assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Allowed.class);
  }

  private static Charge charge(Limit limit) {
    return charge(limit, 1);
  }

  private static Charge charge(Limit limit, long cost) {
    return new Charge("policy", fresh("bucket"), limit, cost);
  }

  /** How many of so many attempts pass. */
  private static long taken(RateLimiter limiter, Charge charge, int attempts) {
    long taken = 0;
    for (int i = 0; i < attempts; i++) {
      if (limiter.tryAcquire(List.of(charge)) instanceof Allowed) {
        taken++;
      }
    }
    return taken;
  }
}
