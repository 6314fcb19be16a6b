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
 * <p>A request that asks is counted as one that holds, until it is denied. Whatever is told of the bucket meanwhile is too
 * much then, and is told again; the denied question itself has left nothing in Redis.
 *
 * <p>Only buckets of which something is held, or too much was told, are in the table. Any number of threads; nothing blocks
 * for long.
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

  /**
   * One bucket.
   *
   * @param toldNanos when something was told for certain, or the bucket came into the table
   * @param version of the last that may have been told
   * @param overtold whether that was more than is held
   */
  private record Held(long permits, Limit limit, long toldNanos, long version, boolean overtold) {

    boolean due(long now) {
      return overtold || now - toldNanos >= limit.period().toNanos() / 3;
    }
  }

  private final ConcurrentMap<String, Held> held = new ConcurrentHashMap<>();
  private final AtomicLong version = new AtomicLong();
  private final LongSupplier nanoTime;

  Holdings(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Holds what a charge costs, for as long as it takes to ask for it or for as long as the request does. Whoever is denied
   * owes {@link #denied}.
   */
  Told take(String key, Charge charge) {
    Told[] told = new Told[1];
    held.compute(key, (same, now) -> {
      long permits = (now == null ? 0 : now.permits) + charge.cost();
      // Inside, so that of two changes of a bucket the later one has the larger number.
      told[0] = new Told(permits, version.incrementAndGet());
      long toldNanos = now == null ? nanoTime.getAsLong() : now.toldNanos;
      return new Held(permits, charge.limit(), toldNanos, told[0].version, now != null && now.overtold);
    });
    return told[0];
  }

  /**
   * Holds what was asked for no longer.
   *
   * @param asked the version of what was told with the question; 0 when it is not known what has become of it
   */
  void denied(String key, Charge charge, long asked) {
    held.computeIfPresent(key, (same, now) -> {
      long permits = Math.max(0, now.permits - charge.cost());
      boolean overtold = now.overtold || now.version > asked;
      return permits == 0 && !overtold ? null : new Held(permits, now.limit, now.toldNanos, now.version, overtold);
    });
  }

  /** Holds what was taken no longer. */
  Told release(String key, Charge charge) {
    Told[] told = new Told[1];
    held.compute(key, (same, now) -> {
      long permits = Math.max(0, (now == null ? 0 : now.permits) - charge.cost());
      told[0] = new Told(permits, version.incrementAndGet());
      return permits == 0 ? null : new Held(permits, charge.limit(), nanoTime.getAsLong(), told[0].version, false);
    });
    return told[0];
  }

  /** What would be told if a charge were taken. */
  Told with(String key, Charge charge) {
    Held now = held.get(key);
    return new Told((now == null ? 0 : now.permits) + charge.cost(), version.incrementAndGet());
  }

  /** Those of which nothing was told for a third of their period, or too much. */
  List<Due> due() {
    List<Due> due = new ArrayList<>();
    held.forEach((key, one) -> {
      if (one.due(nanoTime.getAsLong())) {
        held.computeIfPresent(key, (same, now) -> {
          Told told = new Told(now.permits, version.incrementAndGet());
          due.add(new Due(key, now.limit, told));
          return now.permits == 0 ? null : new Held(now.permits, now.limit, nanoTime.getAsLong(), told.version, false);
        });
      }
    });
    return due;
  }
}
