package io.gatehouse.core.memory;

import io.gatehouse.limit.Limit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The moment of every permit taken, oldest first, in a ring: exact, at 8 bytes a permit. The ring grows with what is in it,
 * up to twice the permits of a bucket that owes, and all rings together within a common store of room. When that is used
 * up, a bucket that would have to grow denies.
 *
 * <p>Moments never fall: one that is behind the last counts as the last, and when the clock has gone back, those ahead of it
 * count as now, so that nobody waits for longer than one period.
 */
final class SlidingLog implements Tally {

  private static final int SMALLEST = 8;

  private final long period;
  private final AtomicLong room;
  private long[] moments = {};
  private int head;
  private int size;

  /**
   * An empty bucket.
   *
   * @param room how many more moments all logs together may have room for
   */
  SlidingLog(long periodNanos, AtomicLong room) {
    this.period = periodNanos;
    this.room = room;
  }

  @Override
  public View look(Limit limit, long cost, long now) {
    expire(now);
    long free = limit.permits() - size;
    if (cost <= free && grow(size + (int) cost)) {
      return new View(0, free - cost, period);
    }
    long reset = size == 0 ? 0 : moment(size - 1) + period - now;
    return new View(delay(limit.permits(), cost, now), Math.max(0, free), reset);
  }

  private long delay(long permits, long cost, long now) {
    if (cost > permits) {
      return Long.MAX_VALUE;
    }
    int over = (int) (size + cost - permits);
    if (over > 0) {
      return moment(over - 1) + period - now;
    }
    // No room: when the next permit comes back is as good a time as any.
    return size == 0 ? period : moment(0) + period - now;
  }

  @Override
  public void add(Limit limit, long cost, long now) {
    expire(now);
    int most = (int) Math.min(size + cost, 2 * limit.permits());
    int more = most - size;
    if (more <= 0 || !grow(most) && moments.length == 0) {
      return;
    }
    for (int i = 0; i < more; i++) {
      if (size == moments.length) { // no room for a debt: it is owed in place of what comes back first
        head = (head + 1) % moments.length;
        size--;
      }
      moments[(head + size++) % moments.length] = now;
    }
  }

  @Override
  public void remove(Limit limit, long cost, long now) {
    expire(now);
    size -= (int) Math.min(cost, size);
  }

  @Override
  public boolean idle(long now) {
    return size == 0 || now - moment(size - 1) >= period;
  }

  @Override
  public void discard() {
    room.addAndGet(moments.length);
    moments = new long[0];
    size = 0;
  }

  private void expire(long now) {
    for (int i = size - 1; i >= 0 && moment(i) > now; i--) {
      moments[(head + i) % moments.length] = now;
    }
    while (size > 0 && now - moments[head] >= period) {
      head = (head + 1) % moments.length;
      size--;
    }
  }

  private boolean grow(int needed) {
    int length = Math.max(SMALLEST, moments.length);
    while (length < needed) {
      length *= 2;
    }
    int more = length - moments.length;
    if (more == 0) {
      return true;
    }
    if (room.addAndGet(-more) < 0) {
      room.addAndGet(more);
      return false;
    }
    long[] wider = new long[length];
    for (int i = 0; i < size; i++) {
      wider[i] = moment(i);
    }
    moments = wider;
    head = 0;
    return true;
  }

  private long moment(int index) {
    return moments[(head + index) % moments.length];
  }
}
