package io.gatehouse.core.metrics;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Mode;
import io.gatehouse.limit.RateLimiter;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts how a limiter decides, so that it can be seen how many of its decisions are exact. A look that takes nothing is not
 * counted, nor is a question that was not answered. Threads, blocking and failures are those of the limiter.
 */
public final class MeteredRateLimiter implements RateLimiter {

  private final RateLimiter limiter;

  /** By mode. */
  private final LongAdder[] allowed = adders();

  /** By mode. */
  private final LongAdder[] denied = adders();

  public MeteredRateLimiter(RateLimiter limiter) {
    this.limiter = limiter;
  }

  /** How many lists of charges were taken so. */
  public long allowed(Mode mode) {
    return allowed[mode.ordinal()].sum();
  }

  /** How many lists of charges were refused so. */
  public long denied(Mode mode) {
    return denied[mode.ordinal()].sum();
  }

  @Override
  public Decision tryAcquire(List<Charge> charges) {
    Decision decision = limiter.tryAcquire(charges);
    LongAdder[] counts = decision instanceof Decision.Allowed ? allowed : denied;
    counts[decision.mode().ordinal()].increment();
    return decision;
  }

  @Override
  public Decision peek(List<Charge> charges) {
    return limiter.peek(charges);
  }

  @Override
  public void giveBack(List<Charge> charges) {
    limiter.giveBack(charges);
  }

  @Override
  public void debit(List<Charge> charges) {
    limiter.debit(charges);
  }

  private static LongAdder[] adders() {
    LongAdder[] adders = new LongAdder[Mode.values().length];
    for (int i = 0; i < adders.length; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }
}
