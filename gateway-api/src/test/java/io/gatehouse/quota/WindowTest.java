package io.gatehouse.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {

  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @ParameterizedTest
  @CsvSource({
    "DAY, 2026-06-01T00:00:00Z, UTC, 2026-06-01, PT24H",
    "DAY, 2026-06-01T23:59:59.999999999Z, UTC, 2026-06-01, PT0.000000001S",
    "DAY, 2026-05-31T22:00:00Z, Europe/Berlin, 2026-06-01, PT24H",
    "DAY, 2026-03-28T23:00:00Z, Europe/Berlin, 2026-03-29, PT23H",
    "DAY, 2026-10-24T22:00:00Z, Europe/Berlin, 2026-10-25, PT25H",
    "DAY, 2026-09-05T23:30:00Z, America/Santiago, 2026-09-05, PT4H30M",
    "MONTH, 2026-01-31T23:59:59Z, UTC, 2026-01-01, PT1S",
    "MONTH, 2026-02-01T00:00:00Z, UTC, 2026-02-01, PT672H",
    "MONTH, 2028-02-29T12:00:00Z, UTC, 2028-02-01, PT12H",
    "MONTH, 2026-12-31T23:00:00Z, Europe/Berlin, 2027-01-01, PT744H",
    "MONTH, 2026-02-28T23:00:00Z, Europe/Berlin, 2026-03-01, PT743H",
    "MONTH, 2026-09-30T22:00:00Z, Europe/Berlin, 2026-10-01, PT745H"
  })
  void a_moment_lies_in_the_period_of_its_zone(Window window, Instant now, ZoneId zone, LocalDate start, Duration rest) {
    assertThat(window.startAt(now, zone)).isEqualTo(start);
    assertThat(window.restAt(now, zone)).isEqualTo(rest);
  }

  @ParameterizedTest
  @CsvSource({"DAY", "MONTH"})
  void periods_follow_each_other_without_gap_or_overlap(Window window) {
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    Instant end = Instant.parse("2028-06-01T00:00:00Z");
    while (now.isBefore(end)) {
      LocalDate start = window.startAt(now, BERLIN);
      Duration rest = window.restAt(now, BERLIN);
      assertThat(rest).isPositive();
      Instant next = now.plus(rest);
      assertThat(window.startAt(next.minusNanos(1), BERLIN)).isEqualTo(start);
      assertThat(window.startAt(next, BERLIN)).isEqualTo(window.after(start));
      now = next;
    }
  }

  @Test
  void a_day_that_has_no_midnight_begins_with_its_first_moment() {
    ZoneId santiago = ZoneId.of("America/Santiago");
    Instant firstMoment = Instant.parse("2026-09-06T04:00:00Z");

    assertThat(Window.DAY.startAt(firstMoment, santiago)).isEqualTo(LocalDate.of(2026, 9, 6));
    assertThat(Window.DAY.restAt(firstMoment, santiago)).isEqualTo(Duration.ofHours(23));
  }
}
