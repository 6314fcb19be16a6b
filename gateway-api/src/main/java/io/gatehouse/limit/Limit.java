package io.gatehouse.limit;

import io.gatehouse.Enforcement;
import java.time.Duration;
import java.util.Objects;

/**
 * How many permits a bucket gives out: {@code permits} in every {@code period} as its {@code algorithm} counts, and at the
 * most {@code burst} at once from rest.
 *
 * @param permits 1 to 2^53; of a {@link Algorithm#SLIDING_LOG}, at most {@value #MOST_LOGGED}
 * @param period longer than zero, at most 366 days
 * @param burst the size of a token bucket, 1 to 2^53; no request that costs more can ever pass. Of the other
 *     algorithms, as many as the permits
 * @param algorithm how it counts
 * @param enforcement whether it refuses; a limiter takes no notice of it
 */
public record Limit(long permits, Duration period, long burst, Algorithm algorithm, Enforcement enforcement) {

  /** The largest count: 2^53, up to which the numbers of every store are exact. */
  public static final long MOST = 1L << 53;

  /** The most permits of a log: {@value}. */
  public static final long MOST_LOGGED = 10_000;

  private static final Duration LONGEST = Duration.ofDays(366);

  public Limit {
    Objects.requireNonNull(algorithm, "algorithm");
    Objects.requireNonNull(enforcement, "enforcement");
    if (permits < 1 || permits > MOST) {
      throw new IllegalArgumentException("permits: " + permits + " (expected: 1 to 2^53)");
    }
    if (algorithm == Algorithm.SLIDING_LOG && permits > MOST_LOGGED) {
      throw new IllegalArgumentException("permits: " + permits + " (expected: 1 to 10000 for a sliding log)");
    }
    if (period.isZero() || period.isNegative() || period.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("period: " + period + " (expected: more than zero, at most 366 days)");
    }
    if (burst < 1 || burst > MOST) {
      throw new IllegalArgumentException("burst: " + burst + " (expected: 1 to 2^53)");
    }
    if (algorithm != Algorithm.TOKEN_BUCKET && burst != permits) {
      throw new IllegalArgumentException(
          "burst: " + burst + " (expected: " + permits + ", the permits; only a token bucket has a burst of its own)");
    }
  }

  /** A token bucket that is enforced. */
  public Limit(long permits, Duration period, long burst) {
    this(permits, period, burst, Algorithm.TOKEN_BUCKET, Enforcement.ENFORCED);
  }

  public boolean isShadow() {
    return enforcement == Enforcement.SHADOW;
  }

  /**
   * Whether one owner cannot have both: they count the same way in the same period, and both refuse or neither does. All
   * limits of concurrent requests count the same thing, whatever their periods.
   */
  public boolean excludes(Limit other) {
    return algorithm == other.algorithm
        && enforcement == other.enforcement
        && (algorithm == Algorithm.CONCURRENCY || period.equals(other.period));
  }

  /** The same, refusing nothing. */
  public Limit asShadow() {
    return new Limit(permits, period, burst, algorithm, Enforcement.SHADOW);
  }

  /** An enforced token bucket whose whole permit count may be taken at once. */
  public static Limit of(long permits, Duration period) {
    return of(permits, period, Algorithm.TOKEN_BUCKET);
  }

  /** An enforced limit whose whole permit count may be taken at once. */
  public static Limit of(long permits, Duration period, Algorithm algorithm) {
    return new Limit(permits, period, permits, algorithm, Enforcement.ENFORCED);
  }
}
