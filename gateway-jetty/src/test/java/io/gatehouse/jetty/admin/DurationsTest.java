package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.jetty.api.Durations;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

  @ParameterizedTest
  @CsvSource({
    "500ms, 500, 500ms",
    "30s, 30000, 30s",
    "90s, 90000, 90s",
    "60s, 60000, 1m",
    "24h, 86400000, 1d",
    "PT36H, 129600000, 36h",
    "PT0.25S, 250, 250ms",
    "3600, 3600000, 1h",
    "0, 0, 0s"
  })
  void every_form_is_read_and_the_shortest_is_written(String text, long millis, String written) {
    Duration duration = Durations.parse(text).orElseThrow();

    assertThat(duration).isEqualTo(Duration.ofMillis(millis));
    assertThat(Durations.text(duration)).isEqualTo(written);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "1 h", "-1s", "1.5s", "1w", "s", "PT0.0001S", "P1Y", "1234567890123s", "PT9999999999999999H"
      })
  void what_is_no_length_of_time_is_not_read(String text) {
    assertThat(Durations.parse(text)).isEmpty();
  }

  @Test
  void what_has_no_unit_of_ours_is_written_as_iso_8601() {
    assertThat(Durations.text(Duration.ofNanos(1_500))).isEqualTo("PT0.0000015S");
  }
}
