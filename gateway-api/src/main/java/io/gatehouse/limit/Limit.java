package io.gatehouse.limit;

import io.gatehouse.Enforcement;
import java.time.Duration;
import java.util.Objects;

/**
 * How many permits a bucket gives out: {@code permits} in every {@code period} on average, and at the most
 * {@code burst} at once from rest.
 *
 * @param permits 1 to 2^53
 * @param period longer than zero, at most 366 days
 * @param burst the size of the bucket, 1 to 2^53; no request that costs more can ever pass
 * @param enforcement whether it refuses; a limiter takes no notice of it
 */
public record Limit(long permits, Duration period, long burst, Enforcement enforcement) {

  /** The largest count: 2^53, up to which the numbers of every store are exact. */
  public static final long MOST = 1L << 53;

  private static final Duration LONGEST = Duration.ofDays(366);

  public Limit {
    if (permits < 1 || permits > MOST) {
      throw new IllegalArgumentException("permits: " + permits + " (expected: 1 to 2^53)");
    }
    if (period.isZero() || period.isNegative() || period.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("period: " + period + " (expected: more than zero, at most 366 days)");
    }
    if (burst < 1 || burst > MOST) {
      throw new IllegalArgumentException("burst: " + burst + " (expected: 1 to 2^53)");
    }
    Objects.requireNonNull(enforcement, "enforcement");
  }

  /** A limit that is enforced. */
  public Limit(long permits, Duration period, long burst) {
    this(permits, period, burst, Enforcement.ENFORCED);
  }

  public boolean isShadow() {
    return enforcement == Enforcement.SHADOW;
  }

  /** The same, refusing nothing. */
  public Limit asShadow() {
    return new Limit(permits, period, burst, Enforcement.SHADOW);
  }

  /** An enforced limit whose whole permit count may be taken at once. */
  public static Limit of(long permits, Duration period) {
    return new Limit(permits, period, permits);
  }
}
