package io.gatehouse.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {

  /** Zones with a change of summer time at midnight, by half an hour, and across the date line, and one without any. */
  private static final String[] ZONES = {
    "UTC", "Europe/Berlin", "America/Santiago", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
    "Pacific/Apia", "Africa/Cairo", "Asia/Beirut"
  };

  @ParameterizedTest
  @CsvSource({
    "DAY, 1, 2026-06-01T00:00:00Z, UTC, 2026-06-01, PT24H",
    "DAY, 1, 2026-06-01T23:59:59.999999999Z, UTC, 2026-06-01, PT0.000000001S",
    "DAY, 31, 2026-05-31T22:00:00Z, Europe/Berlin, 2026-06-01, PT24H",
    "DAY, 1, 2026-03-28T23:00:00Z, Europe/Berlin, 2026-03-29, PT23H",
    "DAY, 1, 2026-10-24T22:00:00Z, Europe/Berlin, 2026-10-25, PT25H",
    "DAY, 1, 2026-09-05T23:30:00Z, America/Santiago, 2026-09-05, PT4H30M",
    "MONTH, 1, 2026-01-31T23:59:59Z, UTC, 2026-01-01, PT1S",
    "MONTH, 1, 2026-02-01T00:00:00Z, UTC, 2026-02-01, PT672H",
    "MONTH, 1, 2028-02-29T12:00:00Z, UTC, 2028-02-01, PT12H",
    "MONTH, 1, 2026-12-31T23:00:00Z, Europe/Berlin, 2027-01-01, PT744H",
    "MONTH, 1, 2026-02-28T23:00:00Z, Europe/Berlin, 2026-03-01, PT743H",
    "MONTH, 1, 2026-09-30T22:00:00Z, Europe/Berlin, 2026-10-01, PT745H",
    "MONTH, 31, 2026-01-30T23:59:59Z, UTC, 2025-12-31, PT1S",
    "MONTH, 31, 2026-01-31T00:00:00Z, UTC, 2026-01-31, PT672H",
    "MONTH, 31, 2026-02-28T00:00:00Z, UTC, 2026-02-28, PT744H",
    "MONTH, 31, 2026-03-30T23:00:00Z, UTC, 2026-02-28, PT1H",
    "MONTH, 31, 2026-04-30T00:00:00Z, UTC, 2026-04-30, PT744H",
    "MONTH, 30, 2028-02-29T00:00:00Z, UTC, 2028-02-29, PT720H",
    "MONTH, 15, 2026-03-14T23:00:00Z, Europe/Berlin, 2026-03-15, PT743H",
    "MONTH, 15, 2026-06-14T23:59:59Z, UTC, 2026-05-15, PT1S",
    "LIFETIME, 15, 2026-06-14T23:59:59Z, UTC, 1970-01-01, PT0S"
  })
  void a_moment_lies_in_the_period_of_its_calendar(
      Window window, int billingDay, Instant now, ZoneId zone, LocalDate start, Duration rest) {
    BillingCalendar calendar = new BillingCalendar(zone, billingDay);

    assertThat(window.startAt(now, calendar)).isEqualTo(start);
    assertThat(calendar.restAt(now, window)).isEqualTo(rest);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 15, 28, 29, 30, 31})
  void periods_follow_each_other_without_gap_or_overlap_in_every_zone(int billingDay) {
    for (String zone : ZONES) {
      BillingCalendar calendar = new BillingCalendar(ZoneId.of(zone), billingDay);
      for (Window window : new Window[] {Window.DAY, Window.MONTH}) {
        Instant now = Instant.parse("2010-06-15T12:00:00Z");
        LocalDate start = window.startAt(now, calendar);
        while (now.isBefore(Instant.parse("2014-06-01T00:00:00Z"))) {
          Duration rest = calendar.restAt(now, window);
          assertThat(rest).as("%s %s %s", zone, window, now).isPositive();
          Instant next = now.plus(rest);
          assertThat(window.startAt(next.minusNanos(1), calendar)).as("%s %s", zone, next).isEqualTo(start);
          LocalDate following = window.startAt(next, calendar);
          assertThat(following).as("%s %s", zone, next).isAfter(start);
          // Samoa had no 30 December 2011.
          assertThat(window.latestEnd(start).plusDays(1)).isAfterOrEqualTo(following);
          now = next;
          start = following;
        }
      }
    }
  }

  @Test
  void months_begin_on_the_billing_day_or_on_the_last_day_there_is() {
    Random random = new Random(20261124);
    for (int round = 0; round < 20_000; round++) {
      ZoneId zone = ZoneId.of(ZONES[random.nextInt(ZONES.length)]);
      int billingDay = 1 + random.nextInt(31);
      Instant now = Instant.ofEpochSecond(random.nextLong(4_102_444_800L));

      LocalDate start = Window.MONTH.startAt(now, new BillingCalendar(zone, billingDay));

      LocalDate today = LocalDate.ofInstant(now, zone);
      assertThat(start).isBeforeOrEqualTo(today);
      assertThat(start.getDayOfMonth()).isEqualTo(Math.min(billingDay, start.lengthOfMonth()));
      YearMonth next = YearMonth.from(start).plusMonths(1);
      assertThat(next.atDay(Math.min(billingDay, next.lengthOfMonth()))).isAfter(today);
    }
  }

  @Test
  void a_day_that_has_no_midnight_begins_with_its_first_moment() {
    BillingCalendar santiago = new BillingCalendar(ZoneId.of("America/Santiago"), 1);
    Instant firstMoment = Instant.parse("2026-09-06T04:00:00Z");

    assertThat(Window.DAY.startAt(firstMoment, santiago)).isEqualTo(LocalDate.of(2026, 9, 6));
    assertThat(santiago.beginningOf(LocalDate.of(2026, 9, 6))).isEqualTo(firstMoment);
    assertThat(santiago.restAt(firstMoment, Window.DAY)).isEqualTo(Duration.ofHours(23));
  }

  @Test
  void a_billing_day_is_a_day_of_a_month() {
    assertThatIllegalArgumentException().isThrownBy(() -> new BillingCalendar(ZoneOffset.UTC, 0))
        .withMessage("billingDay: 0 (expected: 1 to 31)");
    assertThatIllegalArgumentException().isThrownBy(() -> new BillingCalendar(ZoneOffset.UTC, 32));
  }
}
