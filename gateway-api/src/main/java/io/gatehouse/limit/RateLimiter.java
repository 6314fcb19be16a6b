package io.gatehouse.limit;

import java.util.List;

/**
 * Counts permits. A bucket behaves as a token bucket: it is full from rest, a request passes when its cost is there, and
 * permits come back evenly. Denied requests take nothing.
 *
 * <p>Any number of threads may call at once; for them together the limits hold as for one. A call blocks only as far as
 * the implementation's store does, within its own timeout.
 *
 * <p>A bucket is known by its name and its limit's period: a charge against a known bucket with other permits or another
 * burst counts from what was taken before, under the new limit. No implementation allows because it has no room or has
 * failed: it throws instead, or denies.
 */
public interface RateLimiter {

  /**
   * Takes all the charges or none.
   *
   * @param charges at least one; no two with the same bucket and period
   * @throws io.gatehouse.StoreException when the store cannot answer; the charges may have been taken
   * @throws IllegalArgumentException when there is no charge
   */
  Decision tryAcquire(List<Charge> charges);

  /** Decides as {@link #tryAcquire} would, and takes nothing; {@code remaining} is what would be left. */
  Decision peek(List<Charge> charges);

  /**
   * Gives back what {@link #tryAcquire} took, for a request that did not happen. A bucket never holds more than its
   * burst.
   */
  void giveBack(List<Charge> charges);
}
