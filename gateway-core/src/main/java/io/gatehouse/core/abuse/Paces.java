package io.gatehouse.core.abuse;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How often each key is used in a minute, and on average over the minutes before: an exponentially weighted mean in which a
 * minute weighs a tenth, minutes without a request included. A spike is a minute with many times the average; of a key that
 * was first seen less than ten minutes ago nothing is a spike, for it has no past.
 *
 * <p>Of {@value #MOST} keys at the most, on this node. When there are more, those that were not used for an hour give way, and
 * until there is room again the others are not watched.
 *
 * <p>Any number of threads; a request costs one look-up and one addition.
 */
final class Paces {

  /** How many keys are watched: {@value}. */
  static final int MOST = 50_000;

  private static final int MINUTES = 10;
  private static final int IDLE_MINUTES = 60;

  /** Bits of a count in {@link Pace#now}. */
  private static final int COUNT = 32;

  private final ConcurrentHashMap<String, Pace> paces = new ConcurrentHashMap<>();

  /** When those that are idle were last looked for. */
  private final AtomicLong swept = new AtomicLong(Long.MIN_VALUE);

  /** When one minute of a key is a spike. */
  record Rule(long factor, long least) {}

  /**
   * Counts a request.
   *
   * @param minute since 1970
   * @return the average in a minute before, when this request makes the minute a spike: told once in a minute
   */
  OptionalLong count(String key, long minute, Rule rule) {
    Pace pace = paces.get(key);
    if (pace == null) {
      Optional<Pace> fresh = watch(key, minute);
      if (fresh.isEmpty()) {
        return OptionalLong.empty();
      }
      pace = fresh.get();
    }
    return pace.count(minute, rule);
  }

  private Optional<Pace> watch(String key, long minute) {
    if (paces.size() >= MOST && !hasRoom(minute)) {
      return Optional.empty();
    }
    return Optional.of(paces.computeIfAbsent(key, id -> new Pace(minute)));
  }

  private boolean hasRoom(long minute) {
    long before = swept.get();
    if (before != minute && swept.compareAndSet(before, minute)) {
      paces.values().removeIf(pace -> minute - pace.minute() > IDLE_MINUTES);
    }
    return paces.size() < MOST;
  }

  /** How many keys are watched. */
  int size() {
    return paces.size();
  }

  /** Of one key. */
  private static final class Pace {

    private final long since;

    /** The minute, and how often in it: one word, so that a request adds one and reads both. */
    private final AtomicLong now;

    /** Of the minutes before. Guarded by this. */
    private double average;

    /** What is more than this in a minute is a spike; written with the minute. */
    private volatile @Nullable Bound bound;

    private record Bound(Rule rule, long most, long average) {}

    Pace(long minute) {
      this.since = minute;
      this.now = new AtomicLong(minute << COUNT);
    }

    long minute() {
      return now.get() >>> COUNT;
    }

    OptionalLong count(long minute, Rule rule) {
      if (minute() < minute) {
        turn(minute);
      }
      long count = now.incrementAndGet() & (1L << COUNT) - 1;
      if (minute - since < MINUTES) {
        return OptionalLong.empty();
      }
      Bound by = bound;
      if (by == null || !by.rule.equals(rule)) {
        by = bound(rule);
      }
      return count == by.most + 1 ? OptionalLong.of(by.average) : OptionalLong.empty();
    }

    private synchronized void turn(long minute) {
      long word = now.get();
      while (word >>> COUNT < minute) {
        if (now.compareAndSet(word, minute << COUNT)) {
          long last = word >>> COUNT;
          long whole = word & (1L << COUNT) - 1;
          // The first minutes weigh more, so that the mean is not held down by a zero that never was.
          double weight = 1.0 / Math.min(last - since + 1, MINUTES);
          average += (whole - average) * weight;
          average *= Math.pow(1 - 1.0 / MINUTES, minute - last - 1.0);
          bound = null;
          return;
        }
        word = now.get();
      }
    }

    private synchronized Bound bound(Rule rule) {
      long mean = Math.round(average);
      Bound fresh = new Bound(rule, Math.max(rule.least(), rule.factor() * Math.max(1, mean)), mean);
      bound = fresh;
      return fresh;
    }
  }
}
