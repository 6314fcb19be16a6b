package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link RateLimiter} keeps. Times are whole milliseconds, so that limiters that count in nanoseconds and in
 * microseconds both pass; a limiter may be stricter than its limit by a millisecond of waiting, never laxer.
 */
public abstract class RateLimiterContract extends StoreContract {

  static final long ONE_SECOND_NANOS = 1_000_000_000L;

  private static final Duration A_MILLISECOND = Duration.ofMillis(1);
  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

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
    Charge high = charge(new Limit(1000, Duration.ofSeconds(20), 1000));
    Charge low = new Charge("p", high.bucket(), new Limit(20, Duration.ofSeconds(20), 2), 1);
    assertThat(taken(limiter, high, 2000)).isEqualTo(1000);

    assertThat(taken(limiter, low, 5)).isZero();

    advance(Duration.ofSeconds(20));
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
        () -> limiter.giveBack(List.of(charge)),
        () -> limiter.debit(List.of(charge)));

    assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Allowed.class);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatever_the_algorithm_a_limit_grants_its_permits_and_no_more(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(Limit.of(5, TEN_SECONDS, algorithm));

    for (int left = 4; left >= 0; left--) {
      assertThat(limiter.tryAcquire(List.of(charge)))
          .isInstanceOf(Allowed.class).extracting(Decision::remaining).isEqualTo((long) left);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOfSatisfying(Denied.class, denied -> {
        assertThat(denied.tightest()).isEqualTo(charge);
        assertThat(denied.remaining()).isZero();
        assertThat(denied.retryAfterNanos()).isBetween(1L, 2 * TEN_SECONDS.toNanos());
        assertThat(denied.resetAfterNanos()).isBetween(1L, 2 * TEN_SECONDS.toNanos());
      });
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatever_the_algorithm_a_cost_above_the_permits_never_passes(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(Limit.of(5, TEN_SECONDS, algorithm), 6);

    assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOfSatisfying(Denied.class, denied -> {
      assertThat(denied.retryAfterNanos()).isEqualTo(Long.MAX_VALUE);
      assertThat(denied.remaining()).isEqualTo(5);
      assertThat(denied.resetAfterNanos()).isZero();
    });
    assertThat(limiter.tryAcquire(List.of(costing(charge, 5)))).isInstanceOf(Allowed.class);
  }

  @ParameterizedTest
  @EnumSource(value = Algorithm.class, names = "CONCURRENCY", mode = EnumSource.Mode.EXCLUDE)
  void whatever_is_spent_comes_back_after_the_stated_wait_and_not_a_millisecond_before(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(Limit.of(10, TEN_SECONDS, algorithm), 4);
    advance(Duration.ofMillis(1234));
    for (int round = 0; round < 20; round++) {
      Decision decision = limiter.tryAcquire(List.of(charge));
      if (decision instanceof Denied denied) {
        Duration wait = Duration.ofNanos(denied.retryAfterNanos());
        if (wait.compareTo(A_MILLISECOND) > 0) {
          advance(wait.minus(A_MILLISECOND));
          assertThat(limiter.tryAcquire(List.of(charge))).as("round %d", round).isInstanceOf(Denied.class);
          advance(A_MILLISECOND);
        } else {
          advance(wait);
        }
        assertThat(limiter.tryAcquire(List.of(charge))).as("round %d", round).isInstanceOf(Allowed.class);
      }
      advance(Duration.ofMillis(700));
    }
  }

  @ParameterizedTest
  @EnumSource(value = Algorithm.class, names = "CONCURRENCY", mode = EnumSource.Mode.EXCLUDE)
  void whatever_is_spent_is_all_there_again_after_the_stated_reset(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(Limit.of(10, TEN_SECONDS, algorithm));
    advance(Duration.ofMillis(1234));
    taken(limiter, charge, 3);
    advance(Duration.ofSeconds(11));

    Decision decision = limiter.tryAcquire(List.of(charge));

    advance(Duration.ofNanos(decision.resetAfterNanos()));
    assertThat(limiter.peek(List.of(costing(charge, 10)))).isInstanceOf(Allowed.class);
    assertThat(taken(limiter, charge, 20)).isEqualTo(10);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatever_the_algorithm_a_peek_decides_the_same_and_takes_nothing(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(Limit.of(7, TEN_SECONDS, algorithm), 2);

    for (int round = 0; round < 6; round++) {
      Decision peeked = limiter.peek(List.of(charge));
      assertThat(limiter.peek(List.of(charge))).isEqualTo(peeked);
      assertThat(limiter.tryAcquire(List.of(charge))).isEqualTo(peeked);
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatever_the_algorithm_what_is_given_back_can_be_taken_again_and_no_more(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge three = charge(Limit.of(10, Duration.ofHours(1), algorithm), 3);
    Charge one = costing(three, 1);

    limiter.giveBack(List.of(three));
    assertThat(taken(limiter, three, 4)).isEqualTo(3);
    limiter.giveBack(List.of(three));
    assertThat(taken(limiter, one, 20)).isEqualTo(4);

    for (int i = 0; i < 10; i++) {
      limiter.giveBack(List.of(three));
    }
    assertThat(taken(limiter, one, 20)).isEqualTo(10);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void charges_of_all_algorithms_are_taken_together_or_not_at_all(Algorithm narrowest) {
    RateLimiter limiter = limiter(clock);
    List<Charge> all = new ArrayList<>();
    for (Algorithm algorithm : Algorithm.values()) {
      all.add(charge(Limit.of(algorithm == narrowest ? 2 : 100, TEN_SECONDS, algorithm)));
    }

    assertThat(limiter.tryAcquire(all)).isInstanceOf(Allowed.class);
    assertThat(limiter.tryAcquire(all)).isInstanceOfSatisfying(Allowed.class, allowed -> {
      assertThat(allowed.tightest().limit().algorithm()).isEqualTo(narrowest);
      assertThat(allowed.remaining()).isZero();
    });
    for (int i = 0; i < 5; i++) {
      Collections.rotate(all, 1);
      assertThat(limiter.tryAcquire(all)).isInstanceOfSatisfying(Denied.class, denied ->
          assertThat(denied.tightest().limit().algorithm()).isEqualTo(narrowest));
    }

    for (Charge charge : all) {
      long left = charge.limit().permits() - 2;
      if (left > 0) {
        assertThat(limiter.peek(List.of(costing(charge, left)))).as("%s", charge).isInstanceOf(Allowed.class);
      }
      assertThat(limiter.peek(List.of(costing(charge, left + 1)))).as("%s", charge).isInstanceOf(Denied.class);
    }
    limiter.giveBack(all);
    assertThat(limiter.tryAcquire(all)).isInstanceOf(Allowed.class);
  }

  @Test
  void buckets_are_told_apart_by_algorithm() {
    RateLimiter limiter = limiter(clock);
    String bucket = fresh("bucket");

    for (Algorithm algorithm : Algorithm.values()) {
      Charge charge = new Charge("p", bucket, Limit.of(3, TEN_SECONDS, algorithm), 1);
      assertThat(taken(limiter, charge, 5)).as("%s", algorithm).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatever_the_algorithm_a_changed_limit_counts_from_what_was_taken(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge low = charge(Limit.of(10, TEN_SECONDS, algorithm));
    Charge high = new Charge("p", low.bucket(), Limit.of(100, TEN_SECONDS, algorithm), 1);

    assertThat(taken(limiter, low, 20)).isEqualTo(10);
    if (algorithm != Algorithm.TOKEN_BUCKET) { // of tokens, what was taken is a time, and so the same part of any burst
      assertThat(taken(limiter, high, 200)).isEqualTo(90);
    }
    assertThat(taken(limiter, low, 5)).isZero();

    if (algorithm.isHeld()) {
      limiter.giveBack(List.of(costing(high, 100)));
    } else {
      advance(TEN_SECONDS.multipliedBy(2));
    }
    assertThat(taken(limiter, low, 20)).isEqualTo(10);
  }

  @ParameterizedTest
  @EnumSource(value = Algorithm.class, names = "CONCURRENCY", mode = EnumSource.Mode.EXCLUDE)
  void a_debit_takes_what_is_there_and_lets_a_bucket_owe_no_more_than_its_burst(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Limit limit = Limit.of(10, TEN_SECONDS, algorithm);
    Charge little = charge(limit);
    Charge much = charge(limit);

    limiter.debit(List.of(costing(little, 6)));
    assertThat(taken(limiter, little, 20)).isEqualTo(4);

    limiter.debit(List.of(costing(much, 15)));
    assertThat(taken(limiter, much, 3)).isZero();
    limiter.giveBack(List.of(costing(much, 6)));
    assertThat(taken(limiter, much, 3)).isEqualTo(1);
    for (int i = 0; i < 10; i++) {
      limiter.debit(List.of(costing(much, 1000), costing(little, 1)));
    }
    assertThat(limiter.tryAcquire(List.of(much))).isInstanceOfSatisfying(Denied.class, denied -> {
      assertThat(denied.remaining()).isZero();
      assertThat(denied.retryAfterNanos()).isPositive();
      advance(Duration.ofNanos(denied.retryAfterNanos()));
    });
    assertThat(limiter.tryAcquire(List.of(much))).isInstanceOf(Allowed.class);
    advance(TEN_SECONDS.multipliedBy(2));
    assertThat(taken(limiter, much, 20)).isEqualTo(10);
  }

  @Test
  void a_bucket_that_owes_a_burst_grants_again_when_it_has_come_back() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(Limit.of(10, TEN_SECONDS));
    limiter.debit(List.of(costing(charge, 1000)));

    advance(TEN_SECONDS);
    assertThat(taken(limiter, charge, 3)).isZero();
    advance(Duration.ofSeconds(1));
    assertThat(taken(limiter, charge, 3)).isEqualTo(1);
  }

  @Test
  void nothing_can_be_owed_of_requests_under_way() {
    RateLimiter limiter = limiter(clock);
    Charge spent = charge(Limit.of(10, TEN_SECONDS));
    Charge held = charge(Limit.of(10, TEN_SECONDS, Algorithm.CONCURRENCY));

    assertThatIllegalArgumentException().isThrownBy(() -> limiter.debit(List.of(spent, held)));

    assertThat(taken(limiter, spent, 20)).isEqualTo(10);
    assertThat(taken(limiter, held, 20)).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void a_sliding_log_admits_exactly_what_no_span_of_a_period_exceeds(long seed) {
    Random random = new Random(seed);
    Limit limit = Limit.of(
        1 + random.nextInt(40), Duration.ofMillis(100 + random.nextInt(900)), Algorithm.SLIDING_LOG);
    List<long[]> admitted = new ArrayList<>();

    follow(limit, random, (nowMillis, cost) -> {
      long inSpan = sumSince(admitted, nowMillis - limit.period().toMillis());
      return inSpan + cost <= limit.permits();
    }, admitted);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void a_fixed_window_admits_exactly_its_permits_between_multiples_of_the_period(long seed) {
    Random random = new Random(seed);
    Duration period = Duration.ofMillis(100 + random.nextInt(900));
    Limit limit = Limit.of(1 + random.nextInt(40), period, Algorithm.FIXED_WINDOW);
    long start = SettableClock.START.toEpochMilli();
    List<long[]> admitted = new ArrayList<>();

    follow(limit, random, (nowMillis, cost) -> {
      long window = (start + nowMillis) / period.toMillis();
      long inWindow = admitted.stream()
          .filter(one -> (start + one[0]) / period.toMillis() == window).mapToLong(one -> one[1]).sum();
      return inWindow + cost <= limit.permits();
    }, admitted);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void a_sliding_window_admits_at_most_twice_its_permits_and_always_what_two_periods_leave_room_for(long seed) {
    RateLimiter limiter = limiter(clock);
    Random random = new Random(seed);
    Duration period = Duration.ofMillis(100 + random.nextInt(900));
    Limit limit = Limit.of(1 + random.nextInt(40), period, Algorithm.SLIDING_WINDOW);
    String bucket = fresh("bucket");
    List<long[]> admitted = new ArrayList<>();
    long nowMillis = 0;
    for (int i = 0; i < 1500; i++) {
      nowMillis += step(random, limit);
      long cost = 1 + random.nextInt((int) Math.min(3, limit.permits()));
      boolean allowed = limiter.tryAcquire(List.of(new Charge("p", bucket, limit, cost))) instanceof Allowed;
      if (!allowed) {
        assertThat(sumSince(admitted, nowMillis - 2 * period.toMillis()) + cost).isGreaterThan(limit.permits());
      } else {
        admitted.add(new long[] {nowMillis, cost});
        assertThat(sumSince(admitted, nowMillis - period.toMillis())).isLessThanOrEqualTo(2 * limit.permits());
      }
    }
  }

  @Test
  void a_sliding_window_counts_the_last_one_by_how_much_of_it_is_still_in_the_period() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(Limit.of(100, TEN_SECONDS, Algorithm.SLIDING_WINDOW));
    taken(limiter, charge, 200);
    // Windows may begin anywhere: the end of the one in which all was taken is found by waiting for the first permit.
    Denied denied = (Denied) limiter.tryAcquire(List.of(charge));
    advance(Duration.ofNanos(denied.retryAfterNanos()));
    assertThat(taken(limiter, charge, 5)).isEqualTo(1);

    advance(Duration.ofMillis(2400)); // a quarter of the window has gone by
    assertThat(taken(limiter, charge, 100)).isEqualTo(24);
    advance(Duration.ofMillis(2500));
    assertThat(taken(limiter, charge, 100)).isEqualTo(25);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void requests_under_way_are_never_more_than_the_permits_and_no_permit_is_lost(long seed) {
    RateLimiter limiter = limiter(clock);
    Random random = new Random(seed);
    Limit limit = Limit.of(1 + random.nextInt(20), Duration.ofSeconds(5), Algorithm.CONCURRENCY);
    String bucket = fresh("bucket");
    List<Charge> underWay = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      advance(Duration.ofMillis(random.nextInt(2000)));
      if (!underWay.isEmpty() && random.nextBoolean()) {
        limiter.giveBack(List.of(underWay.remove(random.nextInt(underWay.size()))));
      } else {
        Charge charge = new Charge("p", bucket, limit, 1 + random.nextInt((int) Math.min(3, limit.permits())));
        long held = underWay.stream().mapToLong(Charge::cost).sum();
        boolean allowed = limiter.tryAcquire(List.of(charge)) instanceof Allowed;
        assertThat(allowed).as("%d held, %d asked", held, charge.cost()).isEqualTo(held + charge.cost() <= limit.permits());
        if (allowed) {
          underWay.add(charge);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = Algorithm.class, names = "SLIDING_LOG", mode = EnumSource.Mode.EXCLUDE)
  void whatever_the_algorithm_the_largest_numbers_do_not_overflow(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge all = charge(Limit.of(Limit.MOST, Duration.ofDays(366), algorithm), Limit.MOST);
    Charge most = costing(all, Limit.MOST - 10);
    Charge one = costing(all, 1);

    assertThat(limiter.tryAcquire(List.of(most))).isInstanceOf(Allowed.class);
    advance(Duration.ofDays(1));
    assertThat(limiter.tryAcquire(List.of(all)))
        .isInstanceOfSatisfying(Denied.class, denied -> assertThat(denied.retryAfterNanos()).isPositive());
    assertThat(limiter.tryAcquire(List.of(one))).isInstanceOf(Allowed.class);
    limiter.giveBack(List.of(all));
    assertThat(limiter.tryAcquire(List.of(most))).isInstanceOf(Allowed.class);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatever_the_algorithm_many_threads_together_take_exactly_the_permits(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(Limit.of(500, Duration.ofHours(1), algorithm));

    long admitted = Crowd.sum(8, 125, (thread, round) ->
        limiter.tryAcquire(List.of(charge)) instanceof Allowed ? 1 : 0);

    assertThat(admitted).isEqualTo(500);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatever_the_algorithm_many_threads_that_are_denied_elsewhere_take_nothing(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge wide = charge(Limit.of(10_000, Duration.ofHours(1), algorithm));
    Charge narrow = charge(Limit.of(20, Duration.ofHours(1)));

    long admitted = Crowd.sum(8, 50, (thread, round) ->
        limiter.tryAcquire(thread % 2 == 0 ? List.of(wide, narrow) : List.of(narrow, wide)) instanceof Allowed
            ? 1 : 0);

    assertThat(admitted).isEqualTo(20);
    assertThat(limiter.peek(List.of(wide)).remaining()).isEqualTo(10_000 - 20 - 1);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatever_the_algorithm_many_threads_that_take_and_give_back_leave_the_bucket_as_it_was(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(Limit.of(100, Duration.ofHours(1), algorithm));

    Crowd.sum(8, 50, (thread, round) -> {
      assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Allowed.class);
      limiter.giveBack(List.of(charge));
      return 1;
    });

    assertThat(taken(limiter, charge, 150)).isEqualTo(100);
  }

  /** Says whether a request is to be admitted. */
  private interface Oracle {
    boolean admits(long nowMillis, long cost);
  }

  /** Asks for much and little, in bursts and after rests, and expects of the limiter what an oracle says. */
  private void follow(Limit limit, Random random, Oracle oracle, List<long[]> admitted) {
    RateLimiter limiter = limiter(clock);
    String bucket = fresh("bucket");
    long nowMillis = 0;
    for (int i = 0; i < 1500; i++) {
      nowMillis += step(random, limit);
      long cost = 1 + random.nextInt((int) Math.min(3, limit.permits()));
      boolean expected = oracle.admits(nowMillis, cost);
      assertThat(limiter.tryAcquire(List.of(new Charge("p", bucket, limit, cost))) instanceof Allowed)
          .as("request %d at %d ms for %d", i, nowMillis, cost)
          .isEqualTo(expected);
      if (expected) {
        admitted.add(new long[] {nowMillis, cost});
      }
    }
  }

  private long step(Random random, Limit limit) {
    int part = (int) (4 * limit.period().toMillis() / limit.permits()) + 1;
    int millis = random.nextInt(100) == 0
        ? random.nextInt((int) (3 * limit.period().toMillis()))
        : random.nextInt(3) == 0 ? random.nextInt(part) : 0;
    advance(Duration.ofMillis(millis));
    return millis;
  }

  /** What was admitted after a moment, which itself is not included. */
  private static long sumSince(List<long[]> admitted, long millis) {
    long sum = 0;
    for (int i = admitted.size() - 1; i >= 0 && admitted.get(i)[0] > millis; i--) {
      sum += admitted.get(i)[1];
    }
    return sum;
  }

  private static Charge costing(Charge charge, long cost) {
    return new Charge(charge.policy(), charge.bucket(), charge.limit(), cost);
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
