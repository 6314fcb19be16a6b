package io.gatehouse.jetty.proxy;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Tells a body that is slow from one that is dripped in order to hold what it passes through. Only the time counts in
 * which the client is waited for; what a backend takes to want more is not the client's. The rate begins to count when
 * a body has been waited for {@value #GRACE_SECONDS} s in all, as long as the pauses of an honest client are (Kestrel
 * and Apache have the like).
 *
 * <p>For one thread at a time, under the lock of its owner for {@link #waits} and {@link #waited}.
 */
public final class BodyPace {

  static final int GRACE_SECONDS = 10;

  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(GRACE_SECONDS);

  private final long leastRate;
  private final LongSupplier nanoTime;

  private long sinceNanos;
  private volatile long waitedNanos;

  /**
   * Nothing was waited for yet.
   *
   * @param leastRate bytes a second, 0: any
   */
  public BodyPace(long leastRate, LongSupplier nanoTime) {
    this.leastRate = leastRate;
    this.nanoTime = nanoTime;
  }

  /** The client owes more, from now on. */
  public void waits() {
    sinceNanos = nanoTime.getAsLong();
  }

  /** Some of it came. */
  public void waited() {
    waitedNanos += nanoTime.getAsLong() - sinceNanos;
  }

  /** Whether so few bytes are too few for the time that they were waited for. */
  public boolean tooSlow(long bytes) {
    long nanos = waitedNanos;
    return nanos > GRACE_NANOS && bytes / (nanos / 1e9) < leastRate;
  }
}
