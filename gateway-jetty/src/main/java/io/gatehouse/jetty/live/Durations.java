package io.gatehouse.jetty.live;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long things took, counted in slots whose width grows with what they hold: 16 for each power of two of microseconds,
 * so that a value is known to about 3 %. What takes more than 19 hours counts as that.
 *
 * <p>Any number of threads may count. Nothing is ever set back; who wants to know of a span takes the difference of two
 * readings.
 */
final class Durations {

  private static final int FINE_BITS = 4;
  private static final int FINE = 1 << FINE_BITS;
  private static final int MOST_BITS = 36;
  private static final int SLOTS = (MOST_BITS - FINE_BITS + 1) * FINE;

  private final AtomicLongArray counts = new AtomicLongArray(SLOTS);

  void add(Duration elapsed) {
    counts.incrementAndGet(slot(elapsed.toNanos() / 1_000));
  }

  /** What was counted so far, by slot. */
  long[] reading() {
    long[] reading = new long[SLOTS];
    for (int i = 0; i < SLOTS; i++) {
      reading[i] = counts.get(i);
    }
    return reading;
  }

  /**
   * The value that a share of all does not exceed, in microseconds.
   *
   * @param from an earlier reading
   * @param to a later one; something was counted in between
   * @param share more than 0, at most 1
   */
  static long quantile(long[] from, long[] to, double share) {
    long rank = (long) Math.ceil(total(from, to) * share);
    long seen = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      seen += to[slot] - from[slot];
      if (seen >= rank && rank > 0) {
        return middle(slot);
      }
    }
    throw new IllegalArgumentException("to: the same as from (expected: something counted in between)");
  }

  /** How many were counted between two readings. */
  static long total(long[] from, long[] to) {
    long total = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      total += to[slot] - from[slot];
    }
    return total;
  }

  private static int slot(long micros) {
    if (micros < FINE) {
      return (int) Math.max(0, micros);
    }
    int highest = 63 - Long.numberOfLeadingZeros(micros);
    if (highest >= MOST_BITS) {
      return SLOTS - 1;
    }
    int shift = highest - FINE_BITS;
    return (shift + 1) * FINE + (int) (micros >>> shift & FINE - 1);
  }

  private static long middle(int slot) {
    if (slot < FINE) {
      return slot;
    }
    int shift = slot / FINE - 1;
    long least = (long) (FINE + slot % FINE) << shift;
    return least + (1L << shift) / 2;
  }
}
