package io.gatehouse.core.quota;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Whether a part of the shared counts is there, and when it may be tried again. Any number of threads; never blocks. */
final class Reach {

  private static final long PAUSE_NANOS = Duration.ofMillis(500).toNanos();

  private final LongSupplier nanoTime;
  private final AtomicLong retryAt = new AtomicLong();
  private volatile boolean away;

  Reach(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  boolean isAway() {
    return away;
  }

  /** Everybody while it is there; one caller per pause while it is away. */
  boolean mayTry() {
    if (!away) {
      return true;
    }
    long at = retryAt.get();
    long now = nanoTime.getAsLong();
    return now - at >= 0 && retryAt.compareAndSet(at, now + PAUSE_NANOS);
  }

  /** It has answered. Whether that is news. */
  boolean up() {
    boolean news = away;
    if (news) {
      away = false;
    }
    return news;
  }

  /** It has not answered. Whether that is news. */
  boolean down() {
    retryAt.set(nanoTime.getAsLong() + PAUSE_NANOS);
    boolean news = !away;
    away = true;
    return news;
  }
}
