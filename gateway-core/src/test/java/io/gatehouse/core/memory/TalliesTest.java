package io.gatehouse.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.contract.SettableClock;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What windows and logs do when there is no more room, and when clocks jump. */
class TalliesTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final SettableClock clock = new SettableClock();
  private final SettableClock wall = new SettableClock();

  @ParameterizedTest
  @EnumSource(value = Algorithm.class, names = {"SLIDING_WINDOW", "SLIDING_LOG", "FIXED_WINDOW"})
  void a_flood_of_buckets_shares_what_is_left_and_never_lifts_a_limit(Algorithm algorithm) {
    RateLimiter limiter = new MemoryRateLimiter(8, clock.nanoTime(), clock);
    Limit limit = Limit.of(2, MINUTE, algorithm);
    int admitted = 0;
    for (int i = 0; i < 1000; i++) {
      admitted += taken(limiter, "flood-" + i, limit, 3);
    }
    assertThat(admitted).as("eight buckets, and one for all others").isEqualTo(8 * 2 + 2);
    assertThat(limiter.tryAcquire(List.of(charge("flood-999", limit))))
        .isInstanceOfSatisfying(Denied.class, denied ->
            assertThat(denied.retryAfterNanos()).isBetween(1L, MINUTE.toNanos()));

    clock.advance(MINUTE.multipliedBy(2));
    assertThat(taken(limiter, "late", limit, 3)).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(value = Algorithm.class, names = {"SLIDING_WINDOW", "SLIDING_LOG", "FIXED_WINDOW"})
  void a_bucket_that_finds_a_place_later_begins_with_what_is_shared(Algorithm algorithm) {
    RateLimiter limiter = new MemoryRateLimiter(8, clock.nanoTime(), clock);
    Limit brief = Limit.of(2, Duration.ofSeconds(10), algorithm);
    Limit limit = Limit.of(3, MINUTE, algorithm);
    for (int i = 0; i < 8; i++) {
      taken(limiter, "brief-" + i, brief, 1);
    }
    assertThat(taken(limiter, "homeless", limit, 2)).isEqualTo(2);

    clock.advance(Duration.ofSeconds(20));
    assertThat(taken(limiter, "homeless", limit, 3)).isEqualTo(1);
  }

  @Test
  void what_is_under_way_is_counted_however_many_buckets_there_are() {
    RateLimiter limiter = new MemoryRateLimiter(8, clock.nanoTime(), clock);
    Limit limit = Limit.of(2, MINUTE, Algorithm.CONCURRENCY);
    for (int i = 0; i < 1000; i++) {
      assertThat(taken(limiter, "bucket-" + i, limit, 3)).isEqualTo(2);
    }
    clock.advance(Duration.ofDays(1));
    for (int i = 0; i < 1000; i++) {
      assertThat(taken(limiter, "bucket-" + i, limit, 1)).isZero();
    }
  }

  @Test
  void logs_that_have_used_up_their_room_deny_until_idle_ones_are_swept_away() {
    AtomicLong room = new AtomicLong(64);
    Tallies logs = new Tallies(1024, (periodNanos, now) -> new SlidingLog(periodNanos, room));
    Limit limit = Limit.of(10, MINUTE, Algorithm.SLIDING_LOG);
    for (int id = 1; id <= 8; id++) {
      assertThat(logs.take(charge("b", limit), id, 0).passes()).isTrue();
    }

    View full = logs.take(charge("b", limit), 9, 1);
    assertThat(full.passes()).isFalse();
    assertThat(full.delayNanos()).isBetween(1L, MINUTE.toNanos());
    for (int i = 0; i < 7; i++) {
      assertThat(logs.take(charge("b", limit), 1, 2).passes()).isTrue();
    }
    assertThat(logs.take(charge("b", limit), 1, 3).passes()).as("a ninth, for which it would have to grow").isFalse();

    long later = MINUTE.toNanos() + 10;
    logs.sweep(later);
    assertThat(room).hasValue(64);
    assertThat(logs.take(charge("b", limit), 9, later).passes()).isTrue();
    assertThat(room).hasValue(56);
  }

  @Test
  void a_limiter_makes_room_for_a_log_by_itself() {
    RateLimiter limiter = new MemoryRateLimiter(1 << 16, clock.nanoTime(), clock);
    Limit large = Limit.of(Limit.MOST_LOGGED, MINUTE, Algorithm.SLIDING_LOG);
    int full = 0;
    while (limiter.tryAcquire(List.of(new Charge("p", "large-" + full, large, Limit.MOST_LOGGED))) instanceof Allowed) {
      full++;
    }
    assertThat(full).isEqualTo((1 << 22) / (1 << 14));

    clock.advance(MINUTE);
    int again = 0;
    for (int i = 0; i < 100; i++) {
      again += limiter.tryAcquire(List.of(new Charge("p", "new-" + i, large, Limit.MOST_LOGGED))) instanceof Allowed ? 1 : 0;
    }
    assertThat(again).isEqualTo(100);
  }

  @Test
  void a_wall_clock_that_is_set_gives_nobody_a_second_count_and_holds_nobody_for_longer_than_a_window() {
    RateLimiter limiter = new MemoryRateLimiter(64, clock.nanoTime(), wall);
    Limit limit = Limit.of(5, MINUTE, Algorithm.FIXED_WINDOW);
    wall.advance(Duration.ofSeconds(50));
    assertThat(taken(limiter, "a", limit, 9)).isEqualTo(5);

    wall.advance(Duration.ofHours(-3).plusSeconds(1));
    assertThat(limiter.tryAcquire(List.of(charge("a", limit))))
        .isInstanceOfSatisfying(Denied.class, denied ->
            assertThat(denied.retryAfterNanos()).isEqualTo(Duration.ofSeconds(9).toNanos()));
    wall.advance(Duration.ofSeconds(9));
    assertThat(taken(limiter, "a", limit, 9)).isEqualTo(5);

    wall.advance(Duration.ofHours(3));
    assertThat(taken(limiter, "a", limit, 9)).isEqualTo(5);
  }

  @ParameterizedTest
  @EnumSource(value = Algorithm.class, names = {"SLIDING_WINDOW", "SLIDING_LOG"})
  void a_clock_of_intervals_that_goes_back_holds_nobody_for_longer_than_two_periods(Algorithm algorithm) {
    RateLimiter limiter = new MemoryRateLimiter(64, clock.nanoTime(), wall);
    Limit limit = Limit.of(5, MINUTE, algorithm);
    clock.advance(Duration.ofHours(3));
    assertThat(taken(limiter, "a", limit, 9)).isEqualTo(5);

    clock.advance(Duration.ofHours(-2));
    assertThat(taken(limiter, "a", limit, 9)).isZero();
    clock.advance(MINUTE.multipliedBy(2));

    assertThat(taken(limiter, "a", limit, 9)).isEqualTo(5);
  }

  @Test
  void a_proportion_is_exact_and_rounded_up() {
    Random random = new Random(5);
    for (int i = 0; i < 50_000; i++) {
      long period = 1 + (random.nextLong(Duration.ofDays(366).toNanos()) >>> random.nextInt(54));
      long left = random.nextLong(period + 1);
      long count = random.nextLong(2 * Limit.MOST) >>> random.nextInt(54);
      long expected = BigDecimal.valueOf(count).multiply(BigDecimal.valueOf(left))
          .divide(BigDecimal.valueOf(period), 0, RoundingMode.CEILING).longValueExact();
      assertThat(Proportion.up(count, left, period)).isEqualTo(expected);

      long room = random.nextLong(count + 1);
      long most = Proportion.leftFor(room, count, period);
      assertThat(Proportion.up(count, most, period)).isLessThanOrEqualTo(room);
      if (most < period) {
        assertThat(Proportion.up(count, most + 1, period)).isGreaterThan(room);
      }
    }
  }

  @Test
  void tryTake_says_the_same_of_every_algorithm_and_takes_all_or_nothing() {
    MemoryRateLimiter limiter = new MemoryRateLimiter(64, clock.nanoTime(), clock);
    List<Charge> charges = new ArrayList<>();
    for (Algorithm algorithm : Algorithm.values()) {
      charges.add(charge("all", Limit.of(algorithm == Algorithm.CONCURRENCY ? 2 : 5, MINUTE, algorithm)));
    }

    for (int i = 0; i < 5; i++) {
      assertThat(limiter.tryTake(charges)).isEqualTo(i < 2);
    }
    assertThat(limiter.peek(charges.subList(0, 4)).remaining()).isEqualTo(2);
  }

  private static Charge charge(String bucket, Limit limit) {
    return new Charge("p", bucket, limit, 1);
  }

  private static int taken(RateLimiter limiter, String bucket, Limit limit, int attempts) {
    int taken = 0;
    for (int i = 0; i < attempts; i++) {
      taken += limiter.tryAcquire(List.of(charge(bucket, limit))) instanceof Allowed ? 1 : 0;
    }
    return taken;
  }
}
