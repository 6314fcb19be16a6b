package io.gatehouse.core.memory;

import io.gatehouse.limit.Limit;

/**
 * The arithmetic of the generic cell rate algorithm (ITU-T I.371, ATM Forum TM 4.1), which is a token bucket written
 * as one moment in time.
 *
 * <p>A bucket is the moment at which it will be full again, its <i>theoretical arrival time</i> (tat). A permit is the
 * <i>interval</i> in which one comes back. Taking {@code c} permits moves tat on by {@code c} intervals, counted from
 * now if it lies in the past, and is allowed while tat stays within the <i>tolerance</i>, burst times interval, of now.
 * Nothing else is stored, nothing is ever refilled, and a bucket whose tat has passed is full and can be forgotten.
 *
 * <p><b>Units.</b> Moments are {@link #PER_NANO} to a nanosecond, counted from the start of the limiter. An interval is
 * rounded up to whole units, so a limit is never exceeded by rounding: at a million permits a second it is 0.006 % too
 * strict at the most, and as every cost is a whole number of intervals, a burst is exact. Powers of two keep the sums
 * inside 64 bits: tolerance and cost are at most 2^61, what is owed is no more than that, and now reaches 2^62 after nine
 * years. A bucket that would take more than four years to fill (its burst is millions of times what it gets) is filled
 * within four years instead; its burst stays exact.
 *
 * <p><b>Clamp.</b> What was taken under a limit leaves tat at most the tolerance ahead of now, and what is owed as much
 * again. A tat further ahead means that the limit was lowered or that the clock went back; it counts as now plus twice the
 * tolerance, which bounds the harm of a clock that jumps to the time of two bursts.
 */
final class Gcra {

  /** How many units a nanosecond has. */
  static final long PER_NANO = 16;

  private static final long MOST_TOLERANCE = 1L << 61;

  private Gcra() {}

  /** Units until one permit comes back, 1 or more. */
  static long interval(Limit limit) {
    // A period is at most 366 days, less than 2^55 ns: the product fits.
    long period = nanos(limit) * PER_NANO;
    long interval = period / limit.permits();
    if (interval * limit.permits() < period) {
      interval++;
    }
    boolean fits = Long.numberOfLeadingZeros(interval) + Long.numberOfLeadingZeros(limit.burst()) >= 67;
    return fits ? interval : Math.min(interval, MOST_TOLERANCE / limit.burst());
  }

  /** Nanoseconds of a limit's period. */
  static long nanos(Limit limit) {
    return limit.period().getSeconds() * 1_000_000_000L + limit.period().getNano();
  }

  /** How far tat may lie ahead of now. */
  static long tolerance(Limit limit, long interval) {
    return limit.burst() * interval;
  }

  /** The tat to reckon with: not before now, not beyond what the limit could have left an owing bucket with. */
  static long clamp(long tat, long now, long tolerance) {
    return Math.max(now, Math.min(tat, now + 2 * tolerance));
  }

  /** Units to wait until {@code cost} intervals pass; 0 when they pass now. {@code tat} is clamped. */
  static long delay(long tat, long now, long tolerance, long costUnits) {
    return Math.max(0, costUnits - (tolerance - (tat - now)));
  }

  /** Whole permits left; none of a bucket that owes. {@code tat} is clamped. */
  static long remaining(long tat, long now, long tolerance, long interval) {
    return Math.max(0, tolerance - (tat - now)) / interval;
  }

  /** Whether the room holds fewer than {@code permits}; by multiplication, which is quicker than a division. */
  static boolean isBelow(long room, long interval, long permits) {
    // The product of two positive numbers has up to 126 bits; the room has 62.
    return Math.multiplyHigh(permits, interval) != 0 || Long.compareUnsigned(room, permits * interval) < 0;
  }

  /** Nanoseconds, rounded up so that whoever waits them waits long enough. */
  static long toNanos(long units) {
    return units / PER_NANO + (units % PER_NANO == 0 ? 0 : 1);
  }
}
