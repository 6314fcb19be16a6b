package io.gatehouse.core.memory;

import io.gatehouse.limit.Limit;

/**
 * The count of a window and that of the one before, which is weighed by how much of it the last period still covers, as if
 * its requests had come evenly: {@code count + ceil(before * left / period)}, where {@code left} is what is left of the
 * present window. (Known from Cloudflare's "How we built rate limiting capable of scaling to millions of domains", 2017.)
 *
 * <p>In the worst case all of a window comes at its end and all of the next one when it has faded, at the end of that: no
 * span of a period sees more than twice the permits. A clock that goes back takes the counts along into the window in which
 * it lands.
 */
final class SlidingWindow implements Tally {

  private final long period;
  private long index;
  private long before;
  private long count;

  /** An empty bucket. */
  SlidingWindow(long periodNanos, long now) {
    this.period = periodNanos;
    this.index = Math.floorDiv(now, periodNanos);
  }

  @Override
  public View look(Limit limit, long cost, long now) {
    turn(now);
    long permits = limit.permits();
    long left = left(now);
    long free = permits - count - Proportion.up(before, left, period);
    if (cost <= free) {
      return new View(0, free - cost, left + period);
    }
    long reset = count > 0 ? left + period : before > 0 ? left : 0;
    return new View(delay(permits, cost, left), Math.max(0, free), reset);
  }

  private long delay(long permits, long cost, long left) {
    if (cost > permits) {
      return Long.MAX_VALUE;
    }
    long room = permits - cost - count;
    return room >= 0
        ? left - Proportion.leftFor(room, before, period)
        : left + period - Proportion.leftFor(permits - cost, count, period);
  }

  @Override
  public void add(Limit limit, long cost, long now) {
    turn(now);
    long most = 2 * limit.permits() - Proportion.up(before, left(now), period);
    count = Math.max(count, Math.min(count + cost, most));
  }

  @Override
  public void remove(Limit limit, long cost, long now) {
    turn(now);
    long here = Math.min(cost, count);
    count -= here;
    before = Math.max(0, before - (cost - here));
  }

  @Override
  public boolean idle(long now) {
    return Math.floorDiv(now, period) > index + 1;
  }

  private void turn(long now) {
    long present = Math.floorDiv(now, period);
    if (present > index) {
      before = present == index + 1 ? count : 0;
      count = 0;
    }
    index = present;
  }

  private long left(long now) {
    return period - Math.floorMod(now, period);
  }
}
