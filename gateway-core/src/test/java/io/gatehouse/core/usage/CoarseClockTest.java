package io.gatehouse.core.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CoarseClockTest {

  @Test
  void it_follows_the_clock_of_the_machine_and_is_never_ahead_of_it() {
    try (CoarseClock clock = CoarseClock.start()) {
      long first = clock.millis();

      await().atMost(Duration.ofSeconds(10)).until(() -> clock.millis() > first);

      assertThat(clock.instant().toEpochMilli()).isBetween(first, System.currentTimeMillis());
    }
  }
}
