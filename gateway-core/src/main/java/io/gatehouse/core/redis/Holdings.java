package io.gatehouse.core.redis;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Limit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * What this node holds of the buckets of CONCURRENCY, by key: the truth, of which Redis is told with every call, always the
 * whole of it and never a change. Each telling has a number, larger than any before of whatever bucket, so that Redis knows
 * the newest.
 *
 * <p>Only buckets of which something is held are in the table. Any number of threads; nothing blocks for long.
 */
final class Holdings {

  /**
   * What Redis is to be told.
   *
   * @param permits held, 0 or more
   */
  record Told(long permits, long version) {}

  /** What is held of a bucket and is to be told again. */
  record Due(String key, Limit limit, Told told) {}

  private record Held(long permits, Limit limit, long toldNanos) {}

  private final ConcurrentMap<String, Held> held = new ConcurrentHashMap<>();
  private final AtomicLong version = new AtomicLong();
  private final LongSupplier nanoTime;

  Holdings(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Holds what a charge costs, for as long as it takes to ask for it or for as long as the request does. */
  Told take(String key, Charge charge) {
    return change(key, charge, charge.cost());
  }

  /** Holds it no longer. */
  Told release(String key, Charge charge) {
    return change(key, charge, -charge.cost());
  }

  /** What would be told if a charge were taken. */
  Told with(String key, Charge charge) {
    Held now = held.get(key);
    return new Told((now == null ? 0 : now.permits) + charge.cost(), version.incrementAndGet());
  }

  /** Those of which nothing was told for a third of their period. */
  List<Due> due() {
    List<Due> due = new ArrayList<>();
    held.forEach((key, one) -> {
      if (nanoTime.getAsLong() - one.toldNanos >= one.limit.period().toNanos() / 3) {
        held.computeIfPresent(key, (same, now) -> {
          due.add(new Due(key, now.limit, new Told(now.permits, version.incrementAndGet())));
          return new Held(now.permits, now.limit, nanoTime.getAsLong());
        });
      }
    });
    return due;
  }

  private Told change(String key, Charge charge, long by) {
    Told[] told = new Told[1];
    held.compute(key, (same, now) -> {
      long permits = Math.max(0, (now == null ? 0 : now.permits) + by);
      // Inside, so that of two changes of a bucket the later one has the larger number.
      told[0] = new Told(permits, version.incrementAndGet());
      return permits == 0 ? null : new Held(permits, charge.limit(), nanoTime.getAsLong());
    });
    return told[0];
  }
}
