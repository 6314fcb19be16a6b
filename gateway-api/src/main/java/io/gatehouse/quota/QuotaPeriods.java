package io.gatehouse.quota;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;

/**
 * Under which keys one owner's use is counted at a moment. Immutable.
 *
 * @param calendar when days and months begin
 * @param resets the counts that were begun anew, each in its last state; those of periods that are over say nothing
 */
public record QuotaPeriods(BillingCalendar calendar, List<QuotaKey> resets) {
  public QuotaPeriods {
    Objects.requireNonNull(calendar, "calendar");
    resets = List.copyOf(resets);
  }

  /** Those of an owner of whom nothing was begun anew. */
  public QuotaPeriods(BillingCalendar calendar) {
    this(calendar, List.of());
  }

  /** The count that {@code now} falls into. */
  public QuotaKey keyAt(Instant now, String owner, Meter meter, Window window) {
    return key(owner, meter, window, window.startAt(now, calendar));
  }

  /** The count of the period that begins at {@code start}. */
  public QuotaKey key(String owner, Meter meter, Window window, LocalDate start) {
    for (QuotaKey reset : resets) {
      if (reset.meter() == meter && reset.window() == window && reset.start().equals(start)) {
        return new QuotaKey(owner, meter, window, start, reset.resets());
      }
    }
    return new QuotaKey(owner, meter, window, start);
  }

  /** How long from {@code now} until the period is over; zero for one that never ends. */
  public Duration restAt(Instant now, Window window) {
    return calendar.restAt(now, window);
  }
}
