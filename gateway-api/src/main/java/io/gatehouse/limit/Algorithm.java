package io.gatehouse.limit;

/** How a bucket counts: what a limit promises for any span of time, and what it costs to keep the promise. */
public enum Algorithm {
  /**
   * A bucket of {@code burst} permits that is refilled evenly: GCRA (ITU-T I.371) in one number. In any span W at most
   * burst + rate * W. Costs one number a bucket.
   */
  TOKEN_BUCKET,
  /**
   * This window's count plus the last one's, weighed by how much of it the last period still covers. Smooth, and in the
   * worst case twice the permits in one period. Costs two counts a bucket.
   */
  SLIDING_WINDOW,
  /**
   * The moments of the last {@code permits} requests. The only one that never admits more than the permits in any span
   * of one period. Costs 8 bytes for each permit that is taken, so at most {@value Limit#MOST_LOGGED} of them.
   */
  SLIDING_LOG,
  /**
   * A count that starts anew at multiples of the period since 1970 UTC. Up to twice the permits around the turn of a
   * window. Costs one count a bucket.
   */
  FIXED_WINDOW,
  /**
   * How many requests are under way. A permit is held until it is given back; the period is how long a holder that is
   * heard of no more, such as a killed node, is still counted.
   */
  CONCURRENCY;

  /** Whether permits are held until they are given back, and not spent. */
  public boolean isHeld() {
    return this == CONCURRENCY;
  }
}
