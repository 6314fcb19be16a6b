package io.gatehouse.quota;

import io.gatehouse.Enforcement;
import java.util.Locale;
import java.util.Objects;

/**
 * How much may be used in a period, or held.
 *
 * @param meter what is counted
 * @param window over which period; {@link Window#LIFETIME} for {@link Meter#STORED_BYTES}, and for nothing else
 * @param most the amount that may be used, 0 or more
 * @param beyond what becomes of use beyond it
 * @param cap with {@link Beyond#OVERAGE}, what may be used at all, {@code most} or more; {@link Long#MAX_VALUE}: anything,
 *     and with the others always that
 * @param enforcement whether it has a say; a shadow is {@link Beyond#HARD} and not of stored bytes
 */
public record Quota(Meter meter, Window window, long most, Beyond beyond, long cap, Enforcement enforcement) {

  /** There is no cap. */
  public static final long UNCAPPED = Long.MAX_VALUE;

  public Quota {
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(window, "window");
    Objects.requireNonNull(beyond, "beyond");
    Objects.requireNonNull(enforcement, "enforcement");
    if ((meter == Meter.STORED_BYTES) != (window == Window.LIFETIME)) {
      throw new IllegalArgumentException(
          "window: " + window + " for " + meter + " (expected: LIFETIME for STORED_BYTES, DAY or MONTH for others)");
    }
    if (most < 0) {
      throw new IllegalArgumentException("most: " + most + " (expected: 0 or more)");
    }
    if (beyond == Beyond.OVERAGE ? cap < most : cap != UNCAPPED) {
      throw new IllegalArgumentException("cap: " + cap + " (expected: most or more, and only with OVERAGE)");
    }
    if (enforcement == Enforcement.SHADOW && (beyond != Beyond.HARD || meter == Meter.STORED_BYTES)) {
      throw new IllegalArgumentException(
          "enforcement: SHADOW for " + meter + ", " + beyond + " (expected: ENFORCED for STORED_BYTES, SOFT, OVERAGE)");
    }
  }

  /** A quota that refuses what is beyond it. */
  public Quota(Meter meter, Window window, long most) {
    this(meter, window, most, Beyond.HARD, UNCAPPED, Enforcement.ENFORCED);
  }

  /** A quota that is enforced in one of three ways, without a cap. */
  public Quota(Meter meter, Window window, long most, Beyond beyond) {
    this(meter, window, most, beyond, UNCAPPED, Enforcement.ENFORCED);
  }

  public boolean isShadow() {
    return enforcement == Enforcement.SHADOW;
  }

  /** The same, refusing nothing and telling nobody. */
  public Quota asShadow() {
    return new Quota(meter, window, most, beyond, cap, Enforcement.SHADOW);
  }

  /** The same, letting pass what is beyond {@code most} and reporting it, up to a cap. */
  public Quota withOverage(long cap) {
    return new Quota(meter, window, most, Beyond.OVERAGE, cap, enforcement);
  }

  /** What the count may reach; {@link Long#MAX_VALUE} when nothing is refused. */
  public long ceiling() {
    return beyond == Beyond.HARD ? most : cap;
  }

  /** Whether a request may be refused for it. */
  public boolean refuses() {
    return enforcement == Enforcement.ENFORCED && ceiling() != UNCAPPED;
  }

  /** How much of {@code used} is beyond it, 0 or more. */
  public long overage(long used) {
    return Math.max(0, used - most);
  }

  /** From which amount on a part of it is used, rounded up. */
  public long level(int percent) {
    return most / 100 * percent + (most % 100 * percent + 99) / 100;
  }

  /** Its name in answers: {@code requests-day}, {@code requests-day-shadow}, {@code stored-bytes}. */
  public String policy() {
    String period = window == Window.LIFETIME ? "" : "-" + window.name().toLowerCase(Locale.ROOT);
    return meter.policy() + period + (isShadow() ? "-shadow" : "");
  }
}
