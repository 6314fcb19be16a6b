package io.gatehouse.core.memory;

import java.math.BigInteger;

/** The arithmetic of the sliding window, exact in whole numbers. */
final class Proportion {

  private Proportion() {}

  /** {@code count * left / period}, rounded up. None is negative, {@code left} is at most the period. */
  static long up(long count, long left, long period) {
    if (Math.multiplyHigh(count, left) == 0 && count * left >= 0) {
      long product = count * left;
      return product / period + (product % period == 0 ? 0 : 1);
    }
    BigInteger[] parts =
        BigInteger.valueOf(count).multiply(BigInteger.valueOf(left)).divideAndRemainder(BigInteger.valueOf(period));
    return parts[0].longValueExact() + (parts[1].signum() == 0 ? 0 : 1);
  }

  /** The largest {@code left} up to the period with which {@link #up} is at most {@code room}. */
  static long leftFor(long room, long count, long period) {
    if (count <= room) {
      return period;
    }
    if (Math.multiplyHigh(room, period) == 0 && room * period >= 0) {
      return room * period / count;
    }
    return BigInteger.valueOf(room).multiply(BigInteger.valueOf(period)).divide(BigInteger.valueOf(count))
        .longValueExact();
  }
}
