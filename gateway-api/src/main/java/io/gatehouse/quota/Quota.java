package io.gatehouse.quota;

import java.util.Locale;
import java.util.Objects;

/**
 * How much may be used in a calendar period.
 *
 * @param meter what is counted
 * @param window over which period
 * @param most the amount that may be used, 0 or more
 */
public record Quota(Meter meter, Window window, long most) {
  public Quota {
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(window, "window");
    if (most < 0) {
      throw new IllegalArgumentException("most: " + most + " (expected: 0 or more)");
    }
  }

  /** Its name in answers: {@code requests-day}. */
  public String policy() {
    return (meter + "-" + window).toLowerCase(Locale.ROOT);
  }
}
