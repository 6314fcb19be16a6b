package io.gatehouse.core.cache;

import java.time.Duration;
import java.util.Objects;

/**
 * How answers on one route are kept.
 *
 * @param partition who is given an answer that was made for somebody
 * @param defaultTtl how long an answer is fresh that says nothing of it, 0 or more; 0: not at all
 * @param staleWhileRevalidate how long an answer that says nothing of it may be given out stale while it is asked for anew
 * @param staleIfError how long one may be given out stale when no backend has a good answer
 * @param mostBytes the largest body that is kept, 1 or more
 * @param heedsClients whether {@code Cache-Control} of requests counts, but for {@code only-if-cached}, which always does
 * @param chargesHits whether quotas are charged for answers that no backend was asked for
 * @param normaliser of the fields of requests
 */
public record CacheRules(
    Partition partition,
    Duration defaultTtl,
    Duration staleWhileRevalidate,
    Duration staleIfError,
    long mostBytes,
    boolean heedsClients,
    boolean chargesHits,
    Normaliser normaliser) {

  /** Who is given an answer that was made for somebody. */
  public enum Partition {
    /** The same user. */
    USER,
    /** All of the same tenant, if the answer says that it may be shared; who has no tenant is alone. */
    TENANT,
    /** Anybody whom the gateway admits, if the answer says that it may be shared. */
    SHARED
  }

  /** Partitioned by tenant, and nothing but what answers say: the rules to begin with. */
  public static final CacheRules DEFAULT = new CacheRules(
      Partition.TENANT, Duration.ZERO, Duration.ZERO, Duration.ZERO, 8L << 20, true, true, Normaliser.ENCODINGS);

  public CacheRules {
    Objects.requireNonNull(partition, "partition");
    check(defaultTtl, "defaultTtl");
    check(staleWhileRevalidate, "staleWhileRevalidate");
    check(staleIfError, "staleIfError");
    if (mostBytes < 1) {
      throw new IllegalArgumentException("mostBytes: " + mostBytes + " (expected: 1 or more)");
    }
    Objects.requireNonNull(normaliser, "normaliser");
  }

  private static void check(Duration duration, String name) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(name + ": " + duration + " (expected: 0 or more)");
    }
  }
}
