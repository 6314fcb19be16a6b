package io.gatehouse.quota;

import io.gatehouse.Enforcement;
import java.util.Locale;
import java.util.Objects;

/**
 * How much may be used in a calendar period.
 *
 * @param meter what is counted
 * @param window over which period
 * @param most the amount that may be used, 0 or more
 * @param enforcement whether it refuses
 */
public record Quota(Meter meter, Window window, long most, Enforcement enforcement) {
  public Quota {
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(window, "window");
    if (most < 0) {
      throw new IllegalArgumentException("most: " + most + " (expected: 0 or more)");
    }
    Objects.requireNonNull(enforcement, "enforcement");
  }

  /** A quota that is enforced. */
  public Quota(Meter meter, Window window, long most) {
    this(meter, window, most, Enforcement.ENFORCED);
  }

  public boolean isShadow() {
    return enforcement == Enforcement.SHADOW;
  }

  /** The same, refusing nothing. */
  public Quota asShadow() {
    return new Quota(meter, window, most, Enforcement.SHADOW);
  }

  /** Its name in answers: {@code requests-day}, {@code requests-day-shadow}. */
  public String policy() {
    return (meter + "-" + window + (isShadow() ? "-shadow" : "")).toLowerCase(Locale.ROOT);
  }
}
