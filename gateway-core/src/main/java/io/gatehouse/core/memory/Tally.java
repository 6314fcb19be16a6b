package io.gatehouse.core.memory;

import io.gatehouse.limit.Limit;

/**
 * The count of one bucket by an algorithm that needs more than a word for it. Guarded by the lock of its set in {@link
 * Tallies}. Moments are nanoseconds of the clock of the algorithm, and may go back.
 */
interface Tally {

  /** What a cost meets; takes nothing. */
  View look(Limit limit, long cost, long now);

  /** Counts a cost, unasked; what would leave the bucket owing more than the permits is forgiven. */
  void add(Limit limit, long cost, long now);

  /** Counts so much less, the last that was counted first. */
  void remove(Limit limit, long cost, long now);

  /** Whether it says nothing any more, so that it may be forgotten. */
  boolean idle(long now);

  /** It is forgotten, and gives back what it holds of anything shared. */
  default void discard() {}
}
