package io.gatehouse.core.setup;

import io.gatehouse.core.key.EntitlementCache;
import io.gatehouse.core.key.KeySearch;
import io.gatehouse.core.memory.MemoryQuotaStore;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.quota.CrossingWatch;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.limit.RateLimiter;
import io.gatehouse.quota.QuotaStore;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What gateways that take each other's place have in common: what is counted, what is known of keys, and what was noticed
 * of crossed thresholds. Serves the one that was built last by its rules; that one closes it. Any number of threads.
 */
final class GatewayMemory {

  private final EntitlementCache cache;
  private final CrossingWatch crossings;
  private final RateLimiter limiter;
  private final RateLimiter addressLimiter;
  private final QuotaStore quotaStore;

  /** The gateway that was built last. Guarded by this. */
  private @Nullable KeyedGateway served;

  private GatewayMemory(
      EntitlementCache cache,
      CrossingWatch crossings,
      RateLimiter limiter,
      RateLimiter addressLimiter,
      QuotaStore quotaStore) {
    this.cache = cache;
    this.crossings = crossings;
    this.limiter = limiter;
    this.addressLimiter = addressLimiter;
    this.quotaStore = quotaStore;
  }

  /** Begins with nothing. */
  static GatewayMemory open(KeyedGateway.Builder builder, QuotaPlan plan) {
    return new GatewayMemory(
        new EntitlementCache(
            new KeySearch(builder.stored(), builder.upgrades, builder.peppers, builder.importedForm),
            Optional.ofNullable(builder.signing),
            builder.remember,
            System::nanoTime),
        new CrossingWatch(builder.crossings, plan, builder.thresholds, builder.observers, builder.clock),
        builder.limiter != null ? builder.limiter : new MemoryRateLimiter(),
        builder.addressLimiter != null ? builder.addressLimiter : new MemoryRateLimiter(),
        builder.quotaStore != null ? builder.quotaStore : new MemoryQuotaStore(builder.clock));
  }

  /** Serves this gateway from now on, in place of the one before. */
  synchronized void serve(KeyedGateway gateway, KeyedGateway.Builder builder) {
    if (served != null) {
      cache.become(builder.remember);
      crossings.become(gateway.quotaPlan(), builder.thresholds);
    }
    served = gateway;
  }

  EntitlementCache cache() {
    return cache;
  }

  CrossingWatch crossings() {
    return crossings;
  }

  RateLimiter limiter() {
    return limiter;
  }

  RateLimiter addressLimiter() {
    return addressLimiter;
  }

  QuotaStore quotaStore() {
    return quotaStore;
  }

  /** Ends the background threads, if this is the gateway that is served. */
  synchronized void closeFor(KeyedGateway gateway) {
    if (served == gateway) {
      crossings.close();
      cache.close();
    }
  }
}
