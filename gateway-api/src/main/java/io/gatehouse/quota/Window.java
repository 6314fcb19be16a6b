package io.gatehouse.quota;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/** A calendar period. Which one an instant falls into depends on the time zone; days may have 23 or 25 hours. */
public enum Window {
  /** From midnight to midnight. */
  DAY {
    @Override
    public LocalDate startAt(Instant now, ZoneId zone) {
      return LocalDate.ofInstant(now, zone);
    }

    @Override
    LocalDate after(LocalDate start) {
      return start.plusDays(1);
    }
  },
  /** From the first of a month to the first of the next. */
  MONTH {
    @Override
    public LocalDate startAt(Instant now, ZoneId zone) {
      return LocalDate.ofInstant(now, zone).withDayOfMonth(1);
    }

    @Override
    LocalDate after(LocalDate start) {
      return start.plusMonths(1);
    }
  };

  /** The first day of the period that {@code now} lies in. */
  public abstract LocalDate startAt(Instant now, ZoneId zone);

  abstract LocalDate after(LocalDate start);

  /** How long from {@code now} until the period is over; more than zero. */
  public Duration restAt(Instant now, ZoneId zone) {
    return Duration.between(now, after(startAt(now, zone)).atStartOfDay(zone).toInstant());
  }
}
