package io.gatehouse.jetty.proxy;

import io.gatehouse.core.cache.CacheKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The answers that are being received to be kept: at most one for all requests that it may be the answer to. Any number of
 * threads.
 */
final class Fills {

  /** For so long requests are not made to wait for one another after an answer that could not be kept. */
  private static final long REMEMBER_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final int MOST_REMEMBERED = 10_000;

  private final Map<CacheKey, List<Fill>> running = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();

  /** Until when, on the clock of intervals. Guarded by itself. */
  private final Map<CacheKey, Long> unkept = new LinkedHashMap<>();

  /** What became of a request that wanted to join. */
  enum Joined {
    /** It is told when the answer begins. */
    WAITS,
    /** It can be given the answer that is being received, whose body is held for it. */
    READS,
    /** It is not for this one. */
    NOT
  }

  /** Has a visit wait for the answer that is asked for it, by others or from now on. */
  void join(Visit visit) {
    Fill[] begun = new Fill[1];
    Fill[] read = new Fill[1];
    running.compute(visit.wish().key(), (key, known) -> {
      if (known != null) {
        for (Fill fill : known) {
          Joined joined = fill.join(visit, known);
          if (joined != Joined.NOT) {
            read[0] = joined == Joined.READS ? fill : null;
            return known;
          }
        }
      }
      begun[0] = Fill.of(visit, this, true);
      return with(known, begun[0]);
    });
    if (begun[0] != null) {
      begun[0].begin();
    } else if (read[0] != null) {
      read[0].serve(visit);
    }
  }

  /** Asks for an answer anew that has been given out stale, unless somebody does already, or too many are asked already. */
  void refresh(Visit visit) {
    if (!visit.forwarding().budget().tryTake()) {
      return;
    }
    Fill[] begun = new Fill[1];
    running.compute(visit.wish().key(), (key, known) -> {
      if (known != null) {
        return known;
      }
      begun[0] = Fill.of(visit, this, false);
      return with(known, begun[0]);
    });
    if (begun[0] != null) {
      begun[0].begin();
    } else {
      visit.forwarding().budget().giveBack();
    }
  }

  private List<Fill> with(@Nullable List<Fill> known, Fill more) {
    count.incrementAndGet();
    List<Fill> longer = known == null ? new ArrayList<>(1) : new ArrayList<>(known);
    longer.add(more);
    return longer;
  }

  /** It is over, or nobody else may have its answer. A second call does nothing. */
  void remove(Fill fill) {
    running.computeIfPresent(fill.wish().key(), (key, known) -> {
      List<Fill> left = new ArrayList<>(known);
      if (left.remove(fill)) {
        count.decrementAndGet();
      }
      return left.isEmpty() ? null : left;
    });
  }

  /** What is meant is not to be kept, nor given to others. */
  void outdate(Predicate<CacheKey> meant) {
    running.forEach((key, fills) -> {
      if (meant.test(key)) {
        fills.forEach(Fill::outdate);
      }
    });
  }

  /** Remembers for a while that answers under a key are not kept. */
  void notKept(CacheKey key) {
    synchronized (unkept) {
      unkept.remove(key);
      if (unkept.size() >= MOST_REMEMBERED) {
        unkept.remove(unkept.keySet().iterator().next());
      }
      unkept.put(key, System.nanoTime() + REMEMBER_NANOS);
    }
  }

  /** Whether it would be in vain to wait for another's answer. */
  boolean isUnkept(CacheKey key) {
    synchronized (unkept) {
      Long until = unkept.get(key);
      if (until != null && until - System.nanoTime() <= 0) {
        unkept.remove(key);
        return false;
      }
      return until != null;
    }
  }

  int underWay() {
    return count.get();
  }
}
