package io.gatehouse.core.upstream;

import io.gatehouse.Inbound;
import io.gatehouse.upstream.Balancer;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntUnaryOperator;

/**
 * Picks from a pool: looks which backends may be used, lets an algorithm choose, and gives the request to the chosen
 * one, or looks again if that has changed meanwhile. One per pool.
 *
 * <p>A pick costs a loop over the backends without a lock, and what the algorithm adds; what it allocates does not grow
 * with the pool. Empty when every backend is
 * unhealthy, ejected, draining, full or tried, and while the pool's breaker is open.
 */
public final class PoolBalancer implements Balancer {

  /** How often a choice by load is made anew because others were faster, before it is taken as it is: {@value}. */
  private static final int MOST_LOOKS = 64;

  private static final Duration SOON = Duration.ofSeconds(1);
  private static final IntUnaryOperator RANDOM = bound -> ThreadLocalRandom.current().nextInt(bound);

  private final Pool pool;
  private final Choice choice;
  private final Spares spares = new Spares();

  private PoolBalancer(Pool pool, Choice choice) {
    this.pool = Objects.requireNonNull(pool, "pool");
    this.choice = choice;
  }

  /** Smooth weighted round robin: exact shares, whatever the backends are doing. */
  public static PoolBalancer weightedRoundRobin(Pool pool) {
    return new PoolBalancer(pool, pool.turns());
  }

  /** The fewest requests for the weight: for requests of unequal cost, such as pictures. */
  public static PoolBalancer leastRequest(Pool pool) {
    return new PoolBalancer(pool, new LeastRequest());
  }

  /** The less loaded of two drawn by weight: for many gateways before the same backends. */
  public static PoolBalancer powerOfTwo(Pool pool) {
    return powerOfTwo(pool, RANDOM);
  }

  /**
   * The same with a source of chance.
   *
   * @param random gives a number from 0 to below its argument, to as many threads as pick
   */
  public static PoolBalancer powerOfTwo(Pool pool, IntUnaryOperator random) {
    return new PoolBalancer(pool, new PowerOfTwo(random));
  }

  /** The one of two that is expected to answer sooner: for backends of unequal speed. */
  public static PoolBalancer peakEwma(Pool pool) {
    return peakEwma(pool, RANDOM);
  }

  /**
   * The same with a source of chance.
   *
   * @param random gives a number from 0 to below its argument, to as many threads as pick
   */
  public static PoolBalancer peakEwma(Pool pool, IntUnaryOperator random) {
    return new PoolBalancer(pool, new PeakEwma(random));
  }

  /** The same backend for the same key while it is not too busy: for backends that cache. */
  public static PoolBalancer rendezvous(Pool pool, HashKey key) {
    return new PoolBalancer(pool, new Rendezvous(Objects.requireNonNull(key, "key")));
  }

  @Override
  public Optional<Pick> pick(Inbound request, Set<URI> tried) {
    PoolBreaker.Pass pass = pool.breaker().pass(pool.nanos());
    if (pass == PoolBreaker.Pass.REFUSED) {
      return Optional.empty();
    }
    Candidates among = spares.take();
    try {
      return pick(request, tried, pass, among);
    } finally {
      spares.giveBack(among);
    }
  }

  private Optional<Pick> pick(Inbound request, Set<URI> tried, PoolBreaker.Pass pass, Candidates among) {
    for (int look = 1;; look++) {
      among.look(pool, tried, pool.nanos());
      if (among.size() == 0) {
        if (pass == PoolBreaker.Pass.TRIAL) {
          pool.breaker().trialOver();
        }
        return Optional.empty();
      }
      int chosen = choice.choose(among, request);
      Turn turn = among.take(chosen, choice.goesByLoad() && look < MOST_LOOKS, pass);
      if (turn != null) {
        return Optional.of(turn);
      }
    }
  }

  @Override
  public Duration retryAfter() {
    Duration left = pool.breaker().left(pool.nanos());
    return left.isZero() ? SOON : left;
  }
}
