package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyPaceTest {

  private long now;

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 1_000_000_000L, -5_000_000_000L})
  void a_drip_is_told_from_a_slow_body_once_it_was_waited_for_long_enough(long start) {
    now = start;
    BodyPace pace = new BodyPace(240, () -> now);

    wait(pace, 10);
    assertThat(pace.tooSlow(1)).as("within the grace").isFalse();
    wait(pace, 10);

    assertThat(pace.tooSlow(240 * 20)).isFalse();
    assertThat(pace.tooSlow(240 * 20 - 1)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 240})
  void what_the_backend_takes_is_not_the_clients(long rate) {
    BodyPace pace = new BodyPace(rate, () -> now);

    wait(pace, 5);
    now += TimeUnit.HOURS.toNanos(1);
    wait(pace, 5);

    assertThat(pace.tooSlow(1)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 3600})
  void without_a_rate_nothing_is_too_slow(long seconds) {
    BodyPace pace = new BodyPace(0, () -> now);

    wait(pace, seconds);

    assertThat(pace.tooSlow(0)).isFalse();
  }

  private void wait(BodyPace pace, long seconds) {
    pace.waits();
    now += TimeUnit.SECONDS.toNanos(seconds);
    pace.waited();
  }
}
