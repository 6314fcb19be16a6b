package io.gatehouse.core.memory;

/**
 * What a charge meets in a bucket.
 *
 * @param delayNanos until it passes, 0 when it passes now, {@link Long#MAX_VALUE} when it never does
 * @param left permits left afterwards, or now if it does not pass; 0 or more
 * @param resetNanos until the bucket is full again, as {@code left}
 */
record View(long delayNanos, long left, long resetNanos) {

  boolean passes() {
    return delayNanos == 0;
  }
}
