package io.gatehouse.core.upstream;

import io.gatehouse.core.upstream.CircuitBreaker.State;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The breaker of one backend: open while it is ejected, then half open until a trial tells. All that changes its state
 * is called under the lock of the member; reading needs no lock.
 */
final class Ejection {

  private final Supplier<PoolRules> rules;
  private final AtomicInteger trials = new AtomicInteger();

  /** Read first: what follows is of meaning while it is true. */
  private volatile boolean opened;
  private volatile long untilNanos;

  /** Written under the lock of the member. */
  private volatile int faults;

  // Guarded by the member.
  private int times;
  private long closedNanos;

  /** @param rules those that hold when they are asked for */
  Ejection(Supplier<PoolRules> rules) {
    this.rules = rules;
  }

  State state(long now) {
    if (!opened) {
      return State.CLOSED;
    }
    return untilNanos - now > 0 ? State.OPEN : State.HALF_OPEN;
  }

  /** Whether a request may be given to it; while it is half open, {@link #tryTrial} is to be asked as well. */
  boolean admits(long now) {
    return switch (state(now)) {
      case CLOSED -> true;
      case OPEN -> false;
      case HALF_OPEN -> trials.get() < rules.get().breaker().trialRequests();
    };
  }

  /** Takes a trial; whoever gets true owes {@link #trialOver}. */
  boolean tryTrial() {
    int taken;
    do {
      taken = trials.get();
      if (taken >= rules.get().breaker().trialRequests()) {
        return false;
      }
    } while (!trials.compareAndSet(taken, taken + 1));
    return true;
  }

  void trialOver() {
    trials.decrementAndGet();
  }

  /** Counts a fault. True when there were enough of them. */
  boolean fault() {
    int enough = rules.get().outliers().consecutiveFailures();
    faults++;
    return enough > 0 && faults >= enough;
  }

  void well() {
    faults = 0;
  }

  /** Ejects, and returns for how long. */
  Duration open(long now) {
    Duration base = rules.get().outliers().baseEjection();
    long calm = opened || times == 0 ? 0 : (now - closedNanos) / base.toNanos();
    times = (int) Math.max(0, times - calm) + 1;
    Duration most = rules.get().outliers().maxEjection();
    Duration ejection = base.compareTo(most.dividedBy(times)) > 0 ? most : base.multipliedBy(times);
    faults = 0;
    untilNanos = now + ejection.toNanos();
    opened = true;
    return ejection;
  }

  void close(long now) {
    faults = 0;
    opened = false;
    closedNanos = now;
  }

  /** Nanoseconds that are left of the ejection; of meaning while it is open. */
  long left(long now) {
    return untilNanos - now;
  }

  /** Faults in a row since it was last opened or closed; a hint when asked without the lock. */
  int faults() {
    return faults;
  }
}
