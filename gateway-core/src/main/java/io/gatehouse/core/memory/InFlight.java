package io.gatehouse.core.memory;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * How many permits of each bucket are held. Whoever holds one lives in this process, so nothing is ever given up for lost.
 *
 * <p>Only buckets with something under way are in the table: it is no larger than the number of requests under way, and at
 * most {@value #MOST_BUCKETS}; a bucket that finds no place is denied. Any number of threads.
 */
final class InFlight {

  private static final int MOST_BUCKETS = 1 << 20;

  private final ConcurrentMap<Long, Long> held = new ConcurrentHashMap<>();

  View take(Charge charge, long id) {
    View[] met = new View[1];
    boolean full = held.size() >= MOST_BUCKETS;
    held.compute(id, (key, count) -> {
      long before = count != null ? count : full ? Limit.MOST : 0;
      met[0] = view(charge, before);
      return met[0].passes() ? Long.valueOf(before + charge.cost()) : count;
    });
    return met[0];
  }

  View look(Charge charge, long id) {
    return view(charge, held.getOrDefault(id, 0L));
  }

  void giveBack(Charge charge, long id) {
    held.computeIfPresent(id, (key, count) -> count > charge.cost() ? Long.valueOf(count - charge.cost()) : null);
  }

  private static View view(Charge charge, long count) {
    Limit limit = charge.limit();
    long free = Math.max(0, limit.permits() - count);
    if (charge.cost() <= free) {
      return new View(0, free - charge.cost(), Decision.UNFORESEEABLE_NANOS);
    }
    long delay = charge.cost() > limit.permits() ? Long.MAX_VALUE : Decision.UNFORESEEABLE_NANOS;
    return new View(delay, free, count == 0 ? 0 : Decision.UNFORESEEABLE_NANOS);
  }
}
