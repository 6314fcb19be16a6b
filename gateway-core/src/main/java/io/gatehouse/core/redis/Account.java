package io.gatehouse.core.redis;

import io.gatehouse.core.redis.Holdings.Told;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Limit;

/**
 * A bucket in the words of the scripts: its key, and what it is.
 *
 * @param tokens whether it is one of tokens
 * @param first the interval of its tokens, or the letter of its algorithm in limit_counts.lua
 * @param second the scale of its tokens, or the form of limit_counts.lua
 * @param version of what is told of CONCURRENCY, as {@link Told} has it; 0 when nothing is told
 */
record Account(String key, boolean tokens, String first, String second, long version) {

  private static final String PREFIX = "gatehouse:limit:";

  /** Of any algorithm but CONCURRENCY. */
  static Account of(String key, Limit limit) {
    if (limit.algorithm() == Algorithm.TOKEN_BUCKET) {
      Emission emission = Emission.of(limit);
      return new Account(key, true, Long.toString(emission.interval()), Long.toString(emission.scale()), 0);
    }
    return new Account(key, false, letter(limit.algorithm()), Long.toString(micros(limit)), 0);
  }

  /** Of CONCURRENCY: with what this node holds. */
  static Account of(String key, Limit limit, Told told) {
    String form = micros(limit) + ":" + told.version() + ":" + told.permits();
    return new Account(key, false, letter(limit.algorithm()), form, told.version());
  }

  static String key(Charge charge) {
    Limit limit = charge.limit();
    return PREFIX + limit.period().toNanos() + letter(limit.algorithm()) + ":" + charge.bucket();
  }

  /** In a cluster: with the bucket for the hash tag, so that all counts of one bucket are in one slot. */
  static String clusterKey(Charge charge) {
    Limit limit = charge.limit();
    return clusterTag(charge.bucket()) + limit.period().toNanos() + letter(limit.algorithm());
  }

  /** What a key begins with in a cluster, and what decides on its slot. */
  static String clusterTag(String bucket) {
    // Something before the bucket, since an empty tag would be none.
    return PREFIX + "{of:" + bucket + "}";
  }

  private static String letter(Algorithm algorithm) {
    return switch (algorithm) {
      case TOKEN_BUCKET -> "";
      case SLIDING_WINDOW -> "w";
      case SLIDING_LOG -> "l";
      case FIXED_WINDOW -> "f";
      case CONCURRENCY -> "c";
    };
  }

  /** The period, rounded up so that nothing comes back too early. */
  private static long micros(Limit limit) {
    long nanos = limit.period().toNanos();
    return nanos / 1000 + (nanos % 1000 == 0 ? 0 : 1);
  }
}
