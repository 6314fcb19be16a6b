package io.gatehouse.core.memory;

import io.gatehouse.limit.Limit;

/**
 * The moments of the last {@value Limit#MOST_LOGGED} permits that were taken by buckets without a place of their own,
 * whichever they were. A charge passes when all of them together would leave it the permits of its limit: by the rule of
 * the sliding log, which is no laxer than that of a window. What drops out is older than all that is left, so a limit that
 * still counts it finds the log full and denies. Any number of threads.
 */
final class SharedLog {

  private static final int CAPACITY = (int) Limit.MOST_LOGGED;

  /** Guarded by this; empty until the first bucket needs it. */
  private long[] moments = {};

  /** Guarded by this. */
  private int head;

  /** Guarded by this. */
  private int size;

  synchronized View take(Limit limit, long cost, long now) {
    View view = look(limit, cost, now);
    if (view.passes()) {
      add(cost, now);
    }
    return view;
  }

  synchronized View look(Limit limit, long cost, long now) {
    long period = Gcra.nanos(limit);
    int count = (int) within(period, now);
    long free = count == CAPACITY ? 0 : Math.max(0, limit.permits() - count);
    if (cost <= free) {
      return new View(0, free - cost, period);
    }
    long reset = count == 0 ? 0 : period - (now - moment(size - 1));
    if (cost > limit.permits()) {
      return new View(Long.MAX_VALUE, free, reset);
    }
    int over = (int) Math.max(1, Math.min(count, count + cost - limit.permits()));
    return new View(period - (now - moment(size - count + over - 1)), free, reset);
  }

  synchronized void add(long cost, long now) {
    if (moments.length == 0) {
      moments = new long[CAPACITY];
    }
    for (long i = 0; i < Math.min(cost, CAPACITY); i++) {
      if (size == CAPACITY) {
        head = (head + 1) % CAPACITY;
        size--;
      }
      moments[(head + size++) % CAPACITY] = now;
    }
  }

  /** How many moments lie in a span before now. */
  synchronized long within(long span, long now) {
    for (int i = size - 1; i >= 0 && moment(i) > now; i--) {
      moments[(head + i) % CAPACITY] = now; // the clock has gone back
    }
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = low + high >>> 1;
      if (now - moment(middle) < span) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return size - low;
  }

  private long moment(int index) {
    return moments[(head + index) % CAPACITY];
  }
}
