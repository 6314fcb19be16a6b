package io.gatehouse.core.limit;

import io.gatehouse.StoreException;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides by the shared count, and without it while it is away.
 *
 * <p>After a failure the shared count is left alone for {@value #PAUSE_MILLIS} ms; then one request tries it while the
 * others go on without. So an outage costs each request nothing, and one request per pause the shared store's timeout.
 *
 * <p>Bound of {@link WhenUnreachable#LOCAL}: M nodes of which M were known each admit a bucket of burst/M and a rate of
 * 1/M, together one limit. Because the shared bucket does not see what was admitted meanwhile, an outage of length D
 * admits at most {@code burst + rate * D} beyond what a shared count would have, and never less than one permit per
 * period and node. Nodes that were not known to each other add their share.
 *
 * <p>What is held of CONCURRENCY is given back where it was taken: what the shared count granted to the shared count, even
 * while that is away (it is to remember what it cannot pass on), and what was granted without it to nobody else. Of a bucket
 * of which both have granted something, the latter is given back first. A share is never less than one permit.
 *
 * <p>Any number of threads.
 */
public final class FallbackRateLimiter implements RateLimiter {

  /** How long the shared count is left alone after a failure: {@value} ms. */
  public static final long PAUSE_MILLIS = 500;

  private static final Logger log = LoggerFactory.getLogger(FallbackRateLimiter.class);
  private static final long UP = Long.MIN_VALUE;

  private final RateLimiter shared;
  private final RateLimiter local;
  private final WhenUnreachable policy;
  private final IntSupplier nodes;
  private final LongSupplier nanoTime;

  private final LocalGrants grants = new LocalGrants();

  /** When the shared count may be tried again, or {@link #UP}. */
  private final AtomicLong retryAt = new AtomicLong(UP);

  /**
   * A limiter over two.
   *
   * @param local in memory, used by nobody else
   * @param nodes how many nodes share the limits, as last known, 1 or more; must not block
   * @param nanoTime as {@link System#nanoTime}
   */
  public FallbackRateLimiter(
      RateLimiter shared, RateLimiter local, WhenUnreachable policy, IntSupplier nodes, LongSupplier nanoTime) {
    this.shared = shared;
    this.local = local;
    this.policy = policy;
    this.nodes = nodes;
    this.nanoTime = nanoTime;
  }

  /** Whether the shared count answered when it was last asked. */
  public boolean reachable() {
    return retryAt.get() == UP;
  }

  @Override
  public Decision tryAcquire(List<Charge> charges) {
    Decision decision = decide(() -> shared.tryAcquire(charges), () -> local.tryAcquire(share(charges)), charges);
    if (decision instanceof Decision.Allowed && decision.mode() == Decision.Mode.LOCAL) {
      grants.add(charges);
    }
    return decision;
  }

  @Override
  public Decision peek(List<Charge> charges) {
    return decide(() -> shared.peek(charges), () -> local.peek(share(charges)), charges);
  }

  @Override
  public void giveBack(List<Charge> charges) {
    List<Charge> granted = grants.remove(charges);
    if (!granted.isEmpty() && policy == WhenUnreachable.LOCAL) {
      local.giveBack(share(granted));
    }
    List<Charge> others = granted.isEmpty() ? charges : without(charges, granted);
    List<Charge> held = Held.of(others);
    if (held.size() < others.size() && mayTry()) {
      try {
        shared.giveBack(others);
        up();
      } catch (StoreException e) {
        down(e); // the permits stay taken: on the side of refusing
      }
      return;
    }
    if (!held.isEmpty()) {
      release(held);
    }
    if (held.size() < others.size() && policy == WhenUnreachable.LOCAL) {
      local.giveBack(share(without(others, held)));
    }
  }

  /** Whether or not the shared count is away, and so no sign of its life. */
  private void release(List<Charge> held) {
    try {
      shared.giveBack(held);
    } catch (StoreException e) {
      down(e);
    }
  }

  @Override
  public void debit(List<Charge> charges) {
    for (Charge charge : charges) {
      if (charge.limit().algorithm().isHeld()) {
        throw new IllegalArgumentException(
            "charge: " + charge + " (expected: none of CONCURRENCY, of which nothing can be owed)");
      }
    }
    if (mayTry()) {
      try {
        shared.debit(charges);
        up();
        return;
      } catch (StoreException e) {
        down(e);
        if (policy == WhenUnreachable.CLOSED) {
          throw e;
        }
      }
    }
    switch (policy) {
      case LOCAL -> local.debit(share(charges));
      case OPEN -> log.debug("Not debited, the shared count of the limits is away: {}", charges);
      case CLOSED -> throw away();
    }
  }

  private static List<Charge> without(List<Charge> charges, List<Charge> some) {
    return charges.stream().filter(charge -> !some.contains(charge)).toList();
  }

  private Decision decide(Supplier<Decision> byShared, Supplier<Decision> byLocal, List<Charge> charges) {
    if (mayTry()) {
      try {
        Decision decision = byShared.get();
        up();
        return decision;
      } catch (StoreException e) {
        down(e);
        if (policy == WhenUnreachable.CLOSED) {
          throw e;
        }
      }
    }
    return switch (policy) {
      case LOCAL -> asLocal(byLocal.get());
      case OPEN -> new Decision.Allowed(charges.get(0), charges.get(0).limit().burst(), 0, Decision.Mode.LOCAL);
      case CLOSED -> throw away();
    };
  }

  private static StoreException away() {
    return new StoreException("The shared count of the limits is away", null);
  }

  /** Everybody while it is up; one thread per pause while it is down. */
  private boolean mayTry() {
    long at = retryAt.get();
    if (at == UP) {
      return true;
    }
    long now = nanoTime.getAsLong();
    return now - at >= 0 && retryAt.compareAndSet(at, pauseFrom(now));
  }

  private void up() {
    if (retryAt.get() != UP && retryAt.getAndSet(UP) != UP) {
      log.info("The shared count of the limits is back");
    }
  }

  private void down(StoreException cause) {
    if (retryAt.getAndSet(pauseFrom(nanoTime.getAsLong())) == UP) {
      log.warn("The shared count of the limits is away, deciding {}: {}", policy, cause.getMessage());
    }
  }

  private static long pauseFrom(long now) {
    long at = now + Duration.ofMillis(PAUSE_MILLIS).toNanos();
    return at == UP ? at + 1 : at;
  }

  private List<Charge> share(List<Charge> charges) {
    int count = Math.max(1, nodes.getAsInt());
    return count == 1 ? charges : charges.stream().map(charge -> share(charge, count)).toList();
  }

  private static Charge share(Charge charge, int count) {
    Limit limit = charge.limit();
    long permits = Math.max(1, limit.permits() / count);
    long burst = Math.max(1, limit.burst() / count); // of all algorithms but tokens that is the permits
    Limit share = new Limit(permits, limit.period(), burst, limit.algorithm(), limit.enforcement());
    return new Charge(charge.policy(), charge.bucket(), share, charge.cost());
  }

  private static Decision asLocal(Decision decision) {
    if (decision instanceof Decision.Allowed allowed) {
      return new Decision.Allowed(
          allowed.tightest(), allowed.remaining(), allowed.resetAfterNanos(), Decision.Mode.LOCAL);
    }
    Decision.Denied denied = (Decision.Denied) decision;
    return new Decision.Denied(
        denied.tightest(), denied.remaining(), denied.retryAfterNanos(), denied.resetAfterNanos(), Decision.Mode.LOCAL);
  }
}
