package io.gatehouse.limit;

import java.time.Duration;

/**
 * How many permits a bucket gives out: {@code permits} in every {@code period} on average, and at the most
 * {@code burst} at once from rest.
 *
 * @param permits 1 to 2^53
 * @param period longer than zero, at most 366 days
 * @param burst the size of the bucket, 1 to 2^53; no request that costs more can ever pass
 */
public record Limit(long permits, Duration period, long burst) {

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
  }

  /** A limit whose whole permit count may be taken at once. */
  public static Limit of(long permits, Duration period) {
    return new Limit(permits, period, permits);
  }
}
