package io.gatehouse.quota;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Under which keys one owner's use is counted at a moment. A value: equal when calendar and resets are. */
public final class QuotaPeriods {

  private final BillingCalendar calendar;
  private final List<QuotaKey> resets;

  /** What a gate derived last. Written without a lock: whoever misses it derives the same again. */
  private @Nullable Object derived;

  /**
   * Those of an owner.
   *
   * @param calendar when days and months begin
   * @param resets the counts that were begun anew, each in its last state; those of periods that are over say nothing
   */
  public QuotaPeriods(BillingCalendar calendar, List<QuotaKey> resets) {
    this.calendar = Objects.requireNonNull(calendar, "calendar");
    this.resets = List.copyOf(resets);
  }

  /** Those of an owner of whom nothing was begun anew. */
  public QuotaPeriods(BillingCalendar calendar) {
    this(calendar, List.of());
  }

  public BillingCalendar calendar() {
    return calendar;
  }

  public List<QuotaKey> resets() {
    return resets;
  }

  /**
   * What was kept with {@link #keep}, if it is of this type; for a gate that would otherwise work out the same for every
   * request of a day.
   */
  public <T> @Nullable T kept(Class<T> type) {
    Object known = derived;
    return type.isInstance(known) ? type.cast(known) : null;
  }

  /**
   * Keeps one thing, in place of what was kept before.
   *
   * @param thing immutable
   */
  public void keep(Object thing) {
    derived = thing;
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof QuotaPeriods that && calendar.equals(that.calendar) && resets.equals(that.resets);
  }

  @Override
  public int hashCode() {
    return Objects.hash(calendar, resets);
  }

  @Override
  public String toString() {
    return "QuotaPeriods[calendar=" + calendar + ", resets=" + resets + "]";
  }
}
