package io.gatehouse.core.redis;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Decision.Mode;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Limits all nodes together, exactly: one script in Redis decides over all charges of a request in one round trip, by
 * the clock of Redis, so that clocks of nodes that differ do no harm. Twenty microseconds on a quick network; for tens of
 * thousands of requests a second lease permits instead of asking for each.
 *
 * <p>A bucket is one key, {@code gatehouse:limit:} with the period in nanoseconds and the name of the bucket, that expires
 * when the bucket is full. Redis must not evict keys under memory pressure ({@code maxmemory-policy noeviction}): an
 * evicted key is a bucket filled too early. After a failover, what the old primary had not replicated yet is forgotten.
 *
 * <p>Every method blocks for one round trip, within the timeout of the connection.
 */
public final class RedisRateLimiter implements RateLimiter {

  private static final String PREFIX = "gatehouse:limit:";
  private static final Script TAKE = Script.named("limit_take");
  private static final Script RETURN = Script.named("limit_return");

  /** So that microseconds since then are small enough for the doubles of Lua; the scripts know it too. */
  private static final long EPOCH_SECONDS = Instant.parse("2026-01-01T00:00:00Z").getEpochSecond();

  /** By how much the clocks of callers may differ: {@value} milliseconds. */
  private static final String MOST_SKEW_MILLIS = "60000";

  private final RedisConnection redis;
  private final Optional<InstantSource> clock;

  /** A limiter by the clock of Redis. */
  public RedisRateLimiter(RedisConnection redis) {
    this.redis = redis;
    this.clock = Optional.empty();
  }

  /**
   * A limiter by a clock of the caller, for tests and for a managed Redis that refuses {@code TIME} in scripts. The clocks
   * of nodes may differ by up to a minute: the one ahead sets the pace, and what comes back in the time by which they
   * differ may be admitted once too often.
   */
  public RedisRateLimiter(RedisConnection redis, InstantSource clock) {
    this.redis = redis;
    this.clock = Optional.of(clock);
  }

  @Override
  public Decision tryAcquire(List<Charge> charges) {
    return decide("take", charges);
  }

  @Override
  public Decision peek(List<Charge> charges) {
    return decide("peek", charges);
  }

  @Override
  public void giveBack(List<Charge> charges) {
    if (charges.isEmpty()) {
      return;
    }
    List<String> arguments = new ArrayList<>(2 + 3 * charges.size());
    arguments.add(now());
    arguments.add(skew());
    for (Charge charge : charges) {
      Emission emission = Emission.of(charge.limit());
      arguments.add(Long.toString(emission.interval()));
      arguments.add(Long.toString(emission.scale()));
      arguments.add(Long.toString(Math.min(charge.cost(), charge.limit().burst())));
    }
    redis.call("give back charges", client -> RETURN.run(client, keys(charges), arguments));
  }

  private Decision decide(String verb, List<Charge> charges) {
    if (charges.isEmpty()) {
      throw new IllegalArgumentException("charges: none (expected: at least one)");
    }
    List<String> keys = keys(charges);
    List<String> arguments = new ArrayList<>(3 + 4 * charges.size());
    arguments.add(verb);
    arguments.add(now());
    arguments.add(skew());
    for (Charge charge : charges) {
      Limit limit = charge.limit();
      Emission emission = Emission.of(limit);
      arguments.add(Long.toString(emission.interval()));
      arguments.add(Long.toString(emission.scale()));
      arguments.add(Long.toString(limit.burst()));
      arguments.add(Long.toString(charge.cost()));
    }
    List<Long> reply = redis.call(verb + " charges", client -> TAKE.numbers(client, keys, arguments));
    Charge tightest = charges.get((int) (reply.get(1) - 1));
    long remaining = reply.get(2);
    long resetAfterNanos = reply.get(4) * 1000;
    if (reply.get(0) == 1) {
      return new Allowed(tightest, remaining, resetAfterNanos, Mode.EXACT);
    }
    long retryAfterNanos = reply.get(3) < 0 ? Long.MAX_VALUE : reply.get(3) * 1000;
    return new Denied(tightest, remaining, retryAfterNanos, resetAfterNanos, Mode.EXACT);
  }

  private static List<String> keys(List<Charge> charges) {
    List<String> keys = new ArrayList<>(charges.size());
    for (Charge charge : charges) {
      Limit limit = charge.limit();
      keys.add(PREFIX + limit.period().toNanos() + ":" + charge.bucket());
    }
    if (new HashSet<>(keys).size() < keys.size()) {
      // The script reads all before it writes any: of two charges on one key it would forget the first.
      throw new IllegalArgumentException("charges: two on one bucket and period (expected: one)");
    }
    return keys;
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
