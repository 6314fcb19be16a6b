package io.gatehouse.core.redis;

import io.gatehouse.limit.Limit;

/**
 * A limit in the numbers that the scripts count with: whole, and such that no sum passes 2^53, beyond which the doubles
 * of Lua merge neighbours.
 *
 * <p>The unit is a microsecond divided by {@code scale}, as fine as the room for debt (burst times interval) allows, down
 * to 2^-20 microseconds. An interval is rounded up to whole units and so never admits too much; it is at the most one
 * part in 1,000 too strict at a thousand million permits a second, and one in 1,000,000 at a million. A bucket that
 * would take more than 285 years to fill is filled within 285 years; its burst stays exact.
 *
 * @param interval units until one permit comes back, 1 or more
 * @param scale units in a microsecond, a power of two
 */
record Emission(long interval, long scale) {

  private static final int EXACT_BITS = 53;
  private static final int FINEST = 20;

  static Emission of(Limit limit) {
    double nanos = limit.period().getSeconds() * 1e9 + limit.period().getNano();
    double micros = nanos / (1000.0 * limit.permits());
    int bitsOfRoom = Math.getExponent(micros * limit.burst()) + 1;
    long scale = 1L << Math.max(0, Math.min(FINEST, EXACT_BITS - 1 - bitsOfRoom));
    double interval = Math.ceil(nanos * scale / (1000.0 * limit.permits()));
    double widest = Math.max(1, (1L << EXACT_BITS) / limit.burst());
    return new Emission((long) Math.min(interval, widest), scale);
  }
}
