package io.gatehouse.core.redis;

import io.gatehouse.quota.Claim;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaDecision.Exhausted;
import io.gatehouse.quota.QuotaDecision.Granted;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Counts use of all nodes together in Redis, each call in one script.
 *
 * <p>Redis is where counts are compared, not where they are kept for good. A count that Redis does not have, because its
 * period is new or because Redis lost its data, begins with what is known elsewhere (the seed), asked for once and put
 * in place by the same script that adds to it; of two nodes that bring a seed at once the first one's stands. A seed that
 * cannot be had is a {@link io.gatehouse.StoreException} of its source: nothing was added.
 *
 * <p>Counts are exact up to 2^53 and stop there. Keys, {@code gatehouse:quota:} with meter, window, period and owner,
 * expire 2 to 4 days after their period, counted from their first use; those of stored bytes after ten years.
 */
public final class RedisQuotaStore implements QuotaStore {

  private static final String PREFIX = "gatehouse:quota:";
  private static final Script ADD = Script.named("quota_add");
  private static final Script RAISE = Script.named("quota_raise");
  private static final String UNKNOWN = "";
  private static final String WITHOUT_ASKING = "";

  private final RedisConnection redis;
  private final ToLongFunction<QuotaKey> seed;

  /** @param seed what is known of a count elsewhere, 0 or more; may block and throw a StoreException */
  public RedisQuotaStore(RedisConnection redis, ToLongFunction<QuotaKey> seed) {
    this.redis = redis;
    this.seed = seed;
  }

  @Override
  public long used(QuotaKey key) {
    String name = name(key);
    String count = redis.call("read a count", client -> client.get(name));
    return count != null ? Long.parseLong(count) : seed.applyAsLong(key);
  }

  @Override
  public long add(QuotaKey key, long amount) {
    return run(List.of(key), List.of(Long.toString(amount)), List.of(WITHOUT_ASKING)).get(2);
  }

  @Override
  public QuotaDecision addWithin(List<Claim> claims) {
    List<Long> reply = run(
        claims.stream().map(Claim::key).toList(),
        claims.stream().map(claim -> Long.toString(claim.amount())).toList(),
        claims.stream().map(claim -> Long.toString(claim.most())).toList());
    return reply.get(0) == 1
        ? new Granted()
        : new Exhausted(claims.get((int) (reply.get(1) - 1)), reply.get(2));
  }

  /**
   * Makes a count at least so large; one that is larger stays as it is.
   *
   * @throws io.gatehouse.StoreException when Redis cannot answer
   */
  public void raise(QuotaKey key, long least) {
    List<String> arguments = List.of(Long.toString(least), Long.toString(secondsToKeep(key)));
    redis.call("raise a count", client -> RAISE.run(client, List.of(name(key)), arguments));
  }

  /** Runs the script, and again with a seed for as long as it asks for one. */
  private List<Long> run(List<QuotaKey> keys, List<String> amounts, List<String> most) {
    List<String> names = keys.stream().map(RedisQuotaStore::name).toList();
    List<String> seeds = new ArrayList<>(Collections.nCopies(keys.size(), UNKNOWN));
    while (true) {
      List<String> arguments = new ArrayList<>(4 * keys.size());
      for (int i = 0; i < keys.size(); i++) {
        arguments.add(amounts.get(i));
        arguments.add(most.get(i));
        arguments.add(seeds.get(i));
        arguments.add(Long.toString(secondsToKeep(keys.get(i))));
      }
      List<Long> reply = redis.call("add to counts", client -> ADD.numbers(client, names, arguments));
      if (reply.get(0) >= 0) {
        return reply;
      }
      int unseeded = (int) (reply.get(1) - 1);
      seeds.set(unseeded, Long.toString(seed.applyAsLong(keys.get(unseeded))));
    }
  }

  private static String name(QuotaKey key) {
    return PREFIX + key.meter() + ":" + key.window() + ":" + key.period() + ":" + key.owner();
  }

  private static long secondsToKeep(QuotaKey key) {
    return switch (key.window()) {
      case DAY -> Duration.ofDays(4).toSeconds();
      case MONTH -> Duration.ofDays(34).toSeconds();
      // For good, but for owners who are gone.
      case LIFETIME -> Duration.ofDays(3650).toSeconds();
    };
  }
}
