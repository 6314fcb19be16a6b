package io.gatehouse.quota;

import java.time.Instant;
import java.time.LocalDate;

/** The kind of a period. Which period an instant falls into depends on a {@link BillingCalendar}. */
public enum Window {
  /** From midnight to midnight, 23 to 25 hours. */
  DAY {
    @Override
    LocalDate startAt(LocalDate today, int billingDay) {
      return today;
    }

    @Override
    LocalDate after(LocalDate start, int billingDay) {
      return start.plusDays(1);
    }

    @Override
    public LocalDate latestEnd(LocalDate start) {
      return start.plusDays(1);
    }
  },
  /** From a billing day to the next. */
  MONTH {
    @Override
    LocalDate startAt(LocalDate today, int billingDay) {
      LocalDate inThisMonth = clamped(today, billingDay);
      return inThisMonth.isAfter(today) ? clamped(today.withDayOfMonth(1).minusMonths(1), billingDay) : inThisMonth;
    }

    @Override
    LocalDate after(LocalDate start, int billingDay) {
      // From the billing day itself and not from the start: 31 January, 28 February, 31 March.
      return clamped(start.withDayOfMonth(1).plusMonths(1), billingDay);
    }

    @Override
    public LocalDate latestEnd(LocalDate start) {
      return start.plusDays(31);
    }
  },
  /** For ever: what is held, not what is used up. Its one period begins at {@link LocalDate#EPOCH}. */
  LIFETIME {
    @Override
    LocalDate startAt(LocalDate today, int billingDay) {
      return LocalDate.EPOCH;
    }

    @Override
    LocalDate after(LocalDate start, int billingDay) {
      return LocalDate.MAX;
    }

    @Override
    public LocalDate latestEnd(LocalDate start) {
      return LocalDate.MAX;
    }
  };

  /** The first day of the period that {@code now} lies in. */
  public LocalDate startAt(Instant now, BillingCalendar calendar) {
    return startAt(LocalDate.ofInstant(now, calendar.zone()), calendar.billingDay());
  }

  abstract LocalDate startAt(LocalDate today, int billingDay);

  /** The first day of the period that follows the one which began at {@code start}. */
  abstract LocalDate after(LocalDate start, int billingDay);

  /**
   * The last day on which the next period can begin, whatever the calendar, but for a day that a zone leaves out;
   * {@link LocalDate#MAX} when none ever does.
   */
  public abstract LocalDate latestEnd(LocalDate start);

  private static LocalDate clamped(LocalDate month, int day) {
    return month.withDayOfMonth(Math.min(day, month.lengthOfMonth()));
  }
}
