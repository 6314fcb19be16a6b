package io.gatehouse.quota;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;

/**
 * In which days and months one owner's use is counted. Days begin with their first moment in the zone, so some have 23 or
 * 25 hours. Months begin on the billing day, or on the last day of months that are shorter, and always by the day that is
 * set here: after 31 January come 28 February and 31 March.
 *
 * @param zone where it is what day
 * @param billingDay the day of the month on which a month of quotas begins, 1 to 31
 */
public record BillingCalendar(ZoneId zone, int billingDay) {

  /** Months of the calendar in UTC. */
  public static final BillingCalendar UTC = new BillingCalendar(ZoneOffset.UTC, 1);

  public BillingCalendar {
    Objects.requireNonNull(zone, "zone");
    if (billingDay < 1 || billingDay > 31) {
      throw new IllegalArgumentException("billingDay: " + billingDay + " (expected: 1 to 31)");
    }
  }

  /** The moment at which a day begins. */
  public Instant beginningOf(LocalDate day) {
    return day.atStartOfDay(zone).toInstant();
  }

  /** How long from {@code now} until the period is over, more than zero; zero for one that never ends. */
  public Duration restAt(Instant now, Window window) {
    if (window == Window.LIFETIME) {
      return Duration.ZERO;
    }
    LocalDate end = window.after(window.startAt(now, this), billingDay);
    return Duration.between(now, beginningOf(end));
  }
}
