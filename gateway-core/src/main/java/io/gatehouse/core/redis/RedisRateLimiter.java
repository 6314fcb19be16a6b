package io.gatehouse.core.redis;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.LeaseSource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Limits all nodes together, exactly: one script in Redis decides over all charges of a request in one round trip, by
 * the clock of Redis, so that clocks of nodes that differ do no harm. Requests that come at the same time share a round
 * trip, one that comes alone has its own; for tens of thousands of requests a second lease permits instead of asking for
 * each.
 *
 * <p>A bucket is one key, {@code gatehouse:limit:} with the period in nanoseconds and the name of the bucket, that expires
 * when the bucket is full. Redis must not evict keys under memory pressure ({@code maxmemory-policy noeviction}): an
 * evicted key is a bucket filled too early. After a failover, what the old primary had not replicated yet is forgotten.
 *
 * <p>Every method blocks for one round trip, within the timeout of the connection; under load it may wait as long again for
 * its turn.
 */
public final class RedisRateLimiter implements LeaseSource {

  private static final Script RETURN = Script.named("limit_return");

  /** So that microseconds since then are small enough for the doubles of Lua; the scripts know it too. */
  private static final long EPOCH_SECONDS = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond();

  /** By how much the clocks of callers may differ: {@value} milliseconds. */
  private static final String MOST_SKEW_MILLIS = "60000";

  private final RedisConnection redis;
  private final Optional<InstantSource> clock;
  private final Combiner<Takes.Request, Grants> combiner;

  /** A limiter by the clock of Redis. */
  public RedisRateLimiter(RedisConnection redis) {
    this(redis, Optional.empty());
  }

  /**
   * A limiter by a clock of the caller, for tests and for a managed Redis that refuses {@code TIME} in scripts. The clocks
   * of nodes may differ by up to a minute: the one ahead sets the pace, and what comes back in the time by which they
   * differ may be admitted once too often.
   */
  public RedisRateLimiter(RedisConnection redis, InstantSource clock) {
    this(redis, Optional.of(clock));
  }

  private RedisRateLimiter(RedisConnection redis, Optional<InstantSource> clock) {
    this.redis = redis;
    this.clock = clock;
    this.combiner = new Combiner<>(this::take, redis.timeout());
  }

  @Override
  public Decision tryAcquire(List<Charge> charges) {
    return combiner.ask(Takes.Request.of("take", exactly(charges))).decision();
  }

  @Override
  public Decision peek(List<Charge> charges) {
    return combiner.ask(Takes.Request.of("peek", exactly(charges))).decision();
  }

  @Override
  public Grants lease(List<Lease> leases) {
    return combiner.ask(Takes.Request.of("lease", leases));
  }

  @Override
  public void giveBack(List<Charge> charges) {
    if (charges.isEmpty()) {
      return;
    }
    List<String> keys = new ArrayList<>(charges.size());
    List<String> arguments = new ArrayList<>(2 + 3 * charges.size());
    arguments.add(now());
    arguments.add(skew());
    for (Charge charge : charges) {
      Emission emission = Emission.of(charge.limit());
      keys.add(Takes.key(charge));
      arguments.add(Long.toString(emission.interval()));
      arguments.add(Long.toString(emission.scale()));
      arguments.add(Long.toString(Math.min(charge.cost(), charge.limit().burst())));
    }
    redis.call("give back charges", client -> RETURN.run(client, keys, arguments));
  }

  private List<Grants> take(List<Takes.Request> requests) {
    Takes takes = new Takes(requests, now(), skew());
    return redis.call("take charges", takes::run);
  }

  private static List<Lease> exactly(List<Charge> charges) {
    List<Lease> leases = new ArrayList<>(charges.size());
    for (Charge charge : charges) {
      leases.add(Lease.exactly(charge));
    }
    return leases;
  }

  private String now() {
    if (clock.isEmpty()) {
      return "redis";
    }
    Instant now = clock.get().instant();
    return Long.toString((now.getEpochSecond() - EPOCH_SECONDS) * 1_000_000 + now.getNano() / 1000);
  }

  private String skew() {
    return clock.isEmpty() ? "0" : MOST_SKEW_MILLIS;
  }
}
