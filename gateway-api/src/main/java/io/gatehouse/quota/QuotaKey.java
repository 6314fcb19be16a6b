package io.gatehouse.quota;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Objects;

/**
 * The name of one count. A new period is a new key, and so is a count that administration begins anew: no count is ever
 * set back, and what arrives late is added to the count that it belongs to.
 *
 * @param owner the id of a user, or {@link QuotaOwner#text} of a key
 * @param meter what is counted
 * @param window the kind of period
 * @param start its first day
 * @param resets how often counting was begun anew in this period, 0 or more
 */
public record QuotaKey(String owner, Meter meter, Window window, LocalDate start, int resets) {
  public QuotaKey {
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(window, "window");
    Objects.requireNonNull(start, "start");
    if (resets < 0) {
      throw new IllegalArgumentException("resets: " + resets + " (expected: 0 or more)");
    }
  }

  /** The first count of a period. */
  public QuotaKey(String owner, Meter meter, Window window, LocalDate start) {
    this(owner, meter, window, start, 0);
  }

  /**
   * The key with this {@link #period()}.
   *
   * @throws IllegalArgumentException when the text is not one
   */
  public static QuotaKey of(String owner, Meter meter, Window window, String period) {
    int dot = period.indexOf('.');
    try {
      return dot < 0
          ? new QuotaKey(owner, meter, window, LocalDate.parse(period))
          : new QuotaKey(
              owner,
              meter,
              window,
              LocalDate.parse(period.substring(0, dot)),
              Integer.parseInt(period.substring(dot + 1)));
    } catch (DateTimeException | NumberFormatException e) {
      throw new IllegalArgumentException("period: " + period + " (expected: such as 2026-11-24 or 2026-11-24.1)", e);
    }
  }

  /** The period as text, for stores: {@code 2026-11-24}; after a reset {@code 2026-11-24.1}. */
  public String period() {
    return resets == 0 ? start.toString() : start + "." + resets;
  }

  /** The name of a quota on it: {@code requests-day}, {@code key-requests-day}. */
  public String policy() {
    return QuotaOwner.of(owner).policy(new Quota(meter, window, 0));
  }

  /** The count that takes its place when it is begun anew. */
  public QuotaKey anew() {
    return new QuotaKey(owner, meter, window, start, resets + 1);
  }
}
