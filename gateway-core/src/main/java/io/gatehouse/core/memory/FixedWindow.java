package io.gatehouse.core.memory;

import io.gatehouse.limit.Limit;

/**
 * A count that starts anew at multiples of the period since 1970 UTC, by the wall clock.
 *
 * <p>That clock may be set. When it jumps on, a new window begins, as on any calendar. When it goes back, what was counted
 * is counted in the window in which it lands: nobody gets a second count by it, and nobody waits for longer than one window.
 */
final class FixedWindow implements Tally {

  private final long period;
  private long index;
  private long count;

  /** An empty bucket. */
  FixedWindow(long periodNanos, long now) {
    this.period = periodNanos;
    this.index = Math.floorDiv(now, periodNanos);
  }

  @Override
  public View look(Limit limit, long cost, long now) {
    turn(now);
    long left = period - Math.floorMod(now, period);
    long free = limit.permits() - count;
    if (cost <= free) {
      return new View(0, free - cost, left);
    }
    return new View(cost > limit.permits() ? Long.MAX_VALUE : left, Math.max(0, free), count > 0 ? left : 0);
  }

  @Override
  public void add(Limit limit, long cost, long now) {
    turn(now);
    count = Math.max(count, Math.min(count + cost, 2 * limit.permits()));
  }

  @Override
  public void remove(Limit limit, long cost, long now) {
    turn(now);
    count = Math.max(0, count - cost);
  }

  @Override
  public boolean idle(long now) {
    return Math.floorDiv(now, period) > index;
  }

  private void turn(long now) {
    long present = Math.floorDiv(now, period);
    if (present > index) {
      count = 0;
    }
    index = present;
  }
}
