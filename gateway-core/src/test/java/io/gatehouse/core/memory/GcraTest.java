package io.gatehouse.core.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.limit.Limit;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GcraTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void an_interval_is_the_period_over_the_permits_never_short() {
    assertThat(Gcra.interval(Limit.of(10, SECOND))).isEqualTo(100_000_000 * Gcra.PER_NANO);
    assertThat(Gcra.interval(Limit.of(3, SECOND))).isEqualTo(333_333_333L * Gcra.PER_NANO + 6);
    assertThat(Gcra.interval(new Limit(1, Duration.ofDays(366), 1)))
        .isEqualTo(Duration.ofDays(366).toNanos() * Gcra.PER_NANO);
    assertThat(Gcra.interval(new Limit(Limit.MOST, Duration.ofNanos(1), 1))).isEqualTo(1);
    assertThat(Gcra.nanos(Limit.of(1, Duration.ofSeconds(2, 5)))).isEqualTo(2_000_000_005L);
  }

  @Test
  void rounding_costs_less_than_a_ten_thousandth_up_to_a_million_permits_a_second_and_gives_nothing() {
    for (long permits : new long[] {1, 3, 7, 999, 30_000, 300_000, 700_000, 1_000_000, 1_500_000}) {
      double exact = 1e9 * Gcra.PER_NANO / permits;
      assertThat(Gcra.interval(Limit.of(permits, SECOND)) / exact).as("%d/s", permits).isBetween(1.0, 1.0001);
    }
  }

  @Test
  void tolerance_and_cost_stay_within_two_to_the_power_of_61() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      Limit limit = new Limit(
          1 + (random.nextLong(Limit.MOST) >>> random.nextInt(53)),
          Duration.ofNanos(1 + (random.nextLong(Duration.ofDays(366).toNanos()) >>> random.nextInt(54))),
          1 + (random.nextLong(Limit.MOST) >>> random.nextInt(53)));
      long interval = Gcra.interval(limit);
      assertThat(interval).isPositive();
      assertThat(Math.multiplyExact(interval, limit.burst())).isBetween(1L, 1L << 61);
      assertThat(Gcra.tolerance(limit, interval) / interval).isEqualTo(limit.burst());
    }
  }

  @Test
  void a_timeline_of_ten_a_second_with_a_burst_of_three() {
    Limit limit = new Limit(10, SECOND, 3);
    long interval = Gcra.interval(limit);
    long tolerance = Gcra.tolerance(limit, interval);
    long tat = 0;

    for (int left = 2; left >= 0; left--) {
      assertThat(Gcra.delay(tat, 0, tolerance, interval)).isZero();
      tat += interval;
      assertThat(Gcra.remaining(tat, 0, tolerance, interval)).isEqualTo(left);
    }
    assertThat(Gcra.delay(tat, 0, tolerance, interval)).isEqualTo(interval);
    assertThat(Gcra.delay(tat, 0, tolerance, 2 * interval)).isEqualTo(2 * interval);

    long later = interval - 1;
    assertThat(Gcra.delay(tat, later, tolerance, interval)).isEqualTo(1);
    assertThat(Gcra.delay(tat, later + 1, tolerance, interval)).isZero();
    assertThat(Gcra.toNanos(Gcra.delay(tat, later, tolerance, interval))).isEqualTo(1);
  }

  @Test
  void a_moment_is_held_between_now_and_twice_the_tolerance() {
    assertThat(Gcra.clamp(50, 100, 30)).isEqualTo(100);
    assertThat(Gcra.clamp(110, 100, 30)).isEqualTo(110);
    assertThat(Gcra.clamp(160, 100, 30)).isEqualTo(160);
    assertThat(Gcra.clamp(161, 100, 30)).isEqualTo(160);
    assertThat(Gcra.clamp(Long.MAX_VALUE, -5, 30)).isEqualTo(55);
    assertThat(Gcra.clamp(Long.MIN_VALUE + 1, -5, 30)).isEqualTo(-5);
  }

  @Test
  void a_token_a_day_polled_every_millisecond_comes_once_a_day() {
    Limit limit = new Limit(1, Duration.ofDays(1), 1);
    long interval = Gcra.interval(limit);
    long tolerance = Gcra.tolerance(limit, interval);
    long millisecond = 1_000_000 * Gcra.PER_NANO;
    long tat = 0;
    long admitted = 0;

    for (long poll = 0; poll < 2 * 86_400_000L; poll++) {
      long now = poll * millisecond;
      tat = Gcra.clamp(tat, now, tolerance);
      if (Gcra.delay(tat, now, tolerance, interval) == 0) {
        tat += interval;
        admitted++;
        assertThat(poll % 86_400_000L).isZero();
      }
    }

    assertThat(admitted).isEqualTo(2);
  }

  @Test
  void waits_are_rounded_up() {
    assertThat(Gcra.toNanos(0)).isZero();
    assertThat(Gcra.toNanos(1)).isEqualTo(1);
    assertThat(Gcra.toNanos(16)).isEqualTo(1);
    assertThat(Gcra.toNanos(17)).isEqualTo(2);
    assertThat(Gcra.toNanos(Long.MAX_VALUE)).isEqualTo(1L << 59);
  }

  @Test
  void comparing_by_multiplication_says_what_a_division_would() {
    Random random = new Random(11);
    for (int i = 0; i < 100_000; i++) {
      long room = random.nextLong(1L << 62) >>> random.nextInt(62);
      long interval = 1 + (random.nextLong(1L << 62) >>> random.nextInt(62));
      long permits = i % 2 == 0 ? room / interval + i % 3 : random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63);

      assertThat(Gcra.isBelow(room, interval, permits))
          .as("%d / %d < %d", room, interval, permits)
          .isEqualTo(room / interval < permits);
    }
  }
}
