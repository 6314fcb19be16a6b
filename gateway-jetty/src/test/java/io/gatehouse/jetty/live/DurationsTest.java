package io.gatehouse.jetty.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

  private final Durations durations = new Durations();
  private final long[] before = durations.reading();

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 15, 16, 17, 31, 32, 33, 100, 1023, 1024, 65_537, 1_000_000, 59_999_999, 68_000_000_000L})
  void a_value_is_known_to_3_percent(long micros) {
    durations.add(Duration.ofNanos(micros * 1_000));

    long known = Durations.quantile(before, durations.reading(), 0.5);

    assertThat((double) known).isCloseTo(micros, within(0.5 + micros * 0.0323));
  }

  @Test
  void what_is_longer_than_the_last_slot_counts_there_and_what_is_negative_in_the_first() {
    durations.add(Duration.ofDays(30));
    durations.add(Duration.ofNanos(-1));

    long[] now = durations.reading();

    assertThat(Durations.total(before, now)).isEqualTo(2);
    assertThat(Durations.quantile(before, now, 0.5)).isZero();
    assertThat(Durations.quantile(before, now, 1)).isGreaterThan(60_000_000_000L);
  }

  @Test
  void quantiles_are_those_of_what_came_between_two_readings() {
    for (int i = 0; i < 1_000; i++) {
      durations.add(Duration.ofSeconds(9));
    }
    long[] from = durations.reading();
    for (int millis = 1; millis <= 100; millis++) {
      durations.add(Duration.ofMillis(millis));
    }

    long[] to = durations.reading();

    assertThat(Durations.total(from, to)).isEqualTo(100);
    assertThat(Durations.quantile(from, to, 0.50) / 1e3).isCloseTo(50, within(2.0));
    assertThat(Durations.quantile(from, to, 0.95) / 1e3).isCloseTo(95, within(3.2));
    assertThat(Durations.quantile(from, to, 0.99) / 1e3).isCloseTo(99, within(3.2));
  }

  @Test
  void of_nothing_there_is_no_quantile() {
    assertThatThrownBy(() -> Durations.quantile(before, durations.reading(), 0.5))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
