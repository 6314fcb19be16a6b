package io.gatehouse.core.upstream;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many requests may be tried again at the same time: a share of those under way, so that trying again
 * cannot multiply the load on backends that fail because of it; and a few in any case, so that it works when
 * there is little traffic. The idea is Envoy's and Finagle's.
 *
 * <p>Any number of threads may call at once. Never blocks.
 */
public final class RetryBudget {

  /** The default share, in per cent of the requests under way: {@value}. */
  public static final int DEFAULT_PERCENT = 20;

  /** How many may be tried again in any case, by default: {@value}. */
  public static final int DEFAULT_FLOOR = 3;

  private final int percent;
  private final int floor;
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();

  /** {@value #DEFAULT_PERCENT} per cent, and {@value #DEFAULT_FLOOR} in any case. */
  public RetryBudget() {
    this(DEFAULT_PERCENT, DEFAULT_FLOOR);
  }

  /**
   * A budget of the given size.
   *
   * @param percent of the requests under way, 0 to 100
   * @param floor how many in any case, 0 or more
   */
  public RetryBudget(int percent, int floor) {
    if (percent < 0 || percent > 100) {
      throw new IllegalArgumentException("percent: " + percent + " (expected: 0 to 100)");
    }
    if (floor < 0) {
      throw new IllegalArgumentException("floor: " + floor + " (expected: 0 or more)");
    }
    this.percent = percent;
    this.floor = floor;
  }

  /** A request begins; the caller owes {@link #ended}. */
  public void began() {
    active.incrementAndGet();
  }

  /** A request is over. */
  public void ended() {
    active.decrementAndGet();
  }

  /**
   * Takes leave to try one request again; when true, the caller owes {@link #giveBack} once that attempt is
   * over.
   */
  public boolean tryTake() {
    long most = Math.max(floor, (long) active.get() * percent / 100);
    int taken;
    do {
      taken = retries.get();
      if (taken >= most) {
        return false;
      }
    } while (!retries.compareAndSet(taken, taken + 1));
    return true;
  }

  /** An attempt that was begun with leave is over. */
  public void giveBack() {
    retries.decrementAndGet();
  }
}
