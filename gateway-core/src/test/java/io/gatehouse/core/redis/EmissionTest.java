package io.gatehouse.core.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.limit.Limit;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EmissionTest {

  private static final long EXACT = 1L << 53;

  @Test
  void no_sum_of_a_script_passes_the_exact_numbers() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      Limit limit = new Limit(
          1 + (random.nextLong(Limit.MOST) >>> random.nextInt(53)),
          Duration.ofNanos(1 + (random.nextLong(Duration.ofDays(366).toNanos()) >>> random.nextInt(54))),
          1 + (random.nextLong(Limit.MOST) >>> random.nextInt(53)));

      Emission emission = Emission.of(limit);

      assertThat(emission.interval()).isPositive();
      assertThat(Long.bitCount(emission.scale())).isEqualTo(1);
      assertThat(Math.multiplyExact(emission.interval(), limit.burst())).as("%s", limit).isLessThanOrEqualTo(EXACT);
    }
  }

  @Test
  void intervals_are_never_short_and_close_for_usual_limits() {
    for (long permits : new long[] {1, 3, 100, 1000, 10_000, 700_000, 1_500_000, 1_000_000_000}) {
      for (Duration period : new Duration[] {Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(1)}) {
        for (long burst : new long[] {1, Math.max(1, permits / 10), permits}) {
          Emission emission = Emission.of(new Limit(permits, period, burst));

          BigDecimal exact = BigDecimal.valueOf(period.toNanos()).multiply(BigDecimal.valueOf(emission.scale()))
              .divide(BigDecimal.valueOf(1000 * permits), MathContext.DECIMAL64);
          double error = BigDecimal.valueOf(emission.interval()).divide(exact, MathContext.DECIMAL64).doubleValue() - 1;
          assertThat(error).as("%d per %s", permits, period).isBetween(-1e-15, permits > 2_000_000 ? 1e-3 : 2e-6);
        }
      }
    }
  }
}
