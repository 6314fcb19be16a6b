package io.gatehouse.core.setup;

import io.gatehouse.core.limit.FallbackRateLimiter;
import io.gatehouse.core.limit.LeasedRateLimiter;
import io.gatehouse.core.limit.RememberingRateLimiter;
import io.gatehouse.core.limit.WhenUnreachable;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.quota.LedgerQuotaStore;
import io.gatehouse.core.quota.SharedQuotaStore;
import io.gatehouse.core.redis.RedisConnection;
import io.gatehouse.core.redis.RedisNodes;
import io.gatehouse.core.redis.RedisQuotaStore;
import io.gatehouse.core.redis.RedisRateLimiter;
import io.gatehouse.core.settings.RedisSettings;
import io.gatehouse.core.settings.Secret;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.event.UsageLog;
import io.gatehouse.limit.RateLimiter;
import io.gatehouse.quota.QuotaStore;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/**
 * What is counted while requests come in: limits and quotas. In memory by each node alone; with Redis, together with all
 * nodes, and by each node alone while Redis is away.
 */
public final class Counts implements AutoCloseable {

  private final RateLimiter limiter;
  private final QuotaStore quotas;
  private final LedgerQuotaStore ledger;
  private final BooleanSupplier shared;

  /** Closed in this order. */
  private final Deque<AutoCloseable> resources;

  private Counts(
      RateLimiter limiter,
      QuotaStore quotas,
      LedgerQuotaStore ledger,
      BooleanSupplier shared,
      Deque<AutoCloseable> resources) {
    this.limiter = limiter;
    this.quotas = quotas;
    this.ledger = ledger;
    this.shared = shared;
    this.resources = resources;
  }

  /** Starts counting. Does not wait for Redis. */
  static Counts open(Settings settings, UsageLog usage, String node, InstantSource clock) {
    LedgerQuotaStore ledger = new LedgerQuotaStore(usage, node, settings.quotas().flushInterval(), clock);
    Deque<AutoCloseable> resources = new ArrayDeque<>();
    resources.push(ledger);
    if (settings.redis().isEmpty()) {
      return new Counts(new MemoryRateLimiter(), ledger, ledger, () -> true, resources);
    }
    RedisSettings choice = settings.redis().get();
    RedisConnection redis = connect(choice);
    resources.push(redis);
    RedisNodes nodes = new RedisNodes(redis);
    resources.push(nodes);
    FallbackRateLimiter limiter =
        new FallbackRateLimiter(
            new LeasedRateLimiter(new RedisRateLimiter(redis), nodes::count, System::nanoTime),
            new MemoryRateLimiter(),
            WhenUnreachable.valueOf(settings.rateLimits().whenUnreachable().name()),
            nodes::count,
            System::nanoTime);
    RedisQuotaStore counts = new RedisQuotaStore(redis, ledger::total);
    SharedQuotaStore quotas = new SharedQuotaStore(counts, counts::raise, ledger, System::nanoTime);
    resources.push(quotas);
    // Outermost, so that a denial from memory is not taken for a sign of life of Redis.
    RateLimiter remembering = new RememberingRateLimiter(limiter, System::nanoTime);
    return new Counts(remembering, quotas, ledger, () -> limiter.reachable() && quotas.reachable(), resources);
  }

  private static RedisConnection connect(RedisSettings settings) {
    RedisConnection.Builder builder =
        RedisConnection.to(settings.address().getHostString(), settings.address().getPort())
            .database(settings.db())
            .timeout(settings.timeout())
            .connections(settings.maxConnections());
    settings.password().map(Secret::reveal).ifPresent(builder::password);
    return builder.open();
  }

  public RateLimiter limiter() {
    return limiter;
  }

  public QuotaStore quotas() {
    return quotas;
  }

  /** Whether what is shared with other nodes was there when last asked; true when nothing is shared. */
  public boolean sharedReachable() {
    return shared.getAsBoolean();
  }

  /** Writes what was used since the last interval, now. */
  public void flush() {
    ledger.flush();
  }

  /** Stops, and writes what was used. */
  @Override
  public void close() {
    for (AutoCloseable resource : resources) {
      try {
        resource.close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("a resource cannot be closed", e);
      }
    }
  }
}
