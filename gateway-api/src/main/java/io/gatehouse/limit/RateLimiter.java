package io.gatehouse.limit;

import java.util.List;

/**
 * Counts permits, each bucket by the {@link Algorithm} of its limit. Denied requests take nothing.
 *
 * <p>Any number of threads may call at once; for them together the limits hold as for one. A call blocks only as far as
 * the implementation's store does, within its own timeout.
 *
 * <p>A bucket is known by its name, and by the period and the algorithm of its limit: a charge against a known bucket with
 * other permits or another burst counts from what was taken before, under the new limit. No implementation allows because
 * it has no room or has failed: it throws instead, or denies.
 *
 * <p>What is promised of a limit of N permits in a period W, for requests that are admitted and stay so:
 *
 * <ul>
 *   <li>{@link Algorithm#TOKEN_BUCKET}: in any span of time at most the burst and the rate. A bucket is full from rest, and
 *       permits come back evenly.
 *   <li>{@link Algorithm#SLIDING_WINDOW}: at most N in each window of length W, and at most 2 N in any span of W. What was
 *       taken in the last window fades evenly over the present one.
 *   <li>{@link Algorithm#SLIDING_LOG}: at most N in any span of W. A permit comes back W after it was taken, exactly.
 *   <li>{@link Algorithm#FIXED_WINDOW}: at most N from one multiple of W since 1970 UTC to the next, by a wall clock, and so
 *       at most 2 N in any span of W while that clock goes evenly. If it jumps on, a new window begins; if it goes back, what
 *       was counted is counted in the window in which it lands.
 *   <li>{@link Algorithm#CONCURRENCY}: at most N at once. Nobody can tell when a permit comes back; in place of a wait,
 *       {@link Decision#UNFORESEEABLE_NANOS} is told.
 * </ul>
 *
 * <p>Permits that are given back count as if they had been the last that were taken: a span may be off by as much time as
 * lay between taking and giving back.
 */
public interface RateLimiter {

  /**
   * Takes all the charges or none.
   *
   * @param charges at least one; no two with the same bucket, period and algorithm
   * @throws io.gatehouse.StoreException when the store cannot answer; the charges may have been taken
   * @throws IllegalArgumentException when there is no charge
   */
  Decision tryAcquire(List<Charge> charges);

  /** Decides as {@link #tryAcquire} would, and takes nothing; {@code remaining} is what would be left. */
  Decision peek(List<Charge> charges);

  /**
   * Gives back what {@link #tryAcquire} took: for a request that did not happen, or of {@link Algorithm#CONCURRENCY} for
   * one that is over. A bucket never holds more than its burst.
   *
   * @throws io.gatehouse.StoreException when the store cannot answer; the charges may still be taken, and of {@link
   *     Algorithm#CONCURRENCY} no longer than the period
   */
  void giveBack(List<Charge> charges);

  /**
   * Takes the charges without asking, for a request that has turned out costlier than what was taken for it. A bucket may
   * so come to owe permits, at most as many as its burst; what is beyond is forgiven. Nothing passes until what is owed has
   * come back. In a {@link Algorithm#FIXED_WINDOW} it is owed until the window ends.
   *
   * @throws io.gatehouse.StoreException when the store cannot answer; the charges may have been taken
   * @throws IllegalArgumentException when one is of {@link Algorithm#CONCURRENCY}, of which nothing can be owed; nothing was
   *     taken
   */
  void debit(List<Charge> charges);
}
