package io.gatehouse.core.setup;

import io.gatehouse.Observer;
import io.gatehouse.StoreException;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.core.limit.FallbackRateLimiter;
import io.gatehouse.core.limit.LeasedRateLimiter;
import io.gatehouse.core.limit.RememberingRateLimiter;
import io.gatehouse.core.limit.WhenUnreachable;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.metrics.MeteredRateLimiter;
import io.gatehouse.core.quota.LedgerQuotaStore;
import io.gatehouse.core.quota.SharedQuotaStore;
import io.gatehouse.core.redis.BucketwiseRateLimiter;
import io.gatehouse.core.redis.ClusterRateLimiter;
import io.gatehouse.core.redis.RedisConnection;
import io.gatehouse.core.redis.RedisMemory;
import io.gatehouse.core.redis.RedisNodes;
import io.gatehouse.core.redis.RedisQuotaStore;
import io.gatehouse.core.redis.RedisRateLimiter;
import io.gatehouse.core.settings.RedisSettings;
import io.gatehouse.core.settings.Secret;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.usage.Chore;
import io.gatehouse.core.usage.CoarseClock;
import io.gatehouse.core.usage.CounterDirectory;
import io.gatehouse.core.usage.FileQuotaCounts;
import io.gatehouse.core.usage.KeyUseNotes;
import io.gatehouse.core.usage.Leftovers;
import io.gatehouse.core.usage.TrafficMeter;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.limit.RateLimiter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * What is counted while requests come in. Limits and quotas decide: in memory by each node alone; with Redis, together
 * with all nodes, and by each node alone while Redis is away. Traffic is only counted. What quotas and traffic count is in
 * mapped files below the data directory until the database has it.
 */
public final class Counts implements AutoCloseable {

  /** How long minutes of traffic and violations are kept: 35 days. */
  public static final Duration TRAFFIC_KEPT = Duration.ofDays(35);

  /** The folder of the data directory with what is not in the database yet. */
  private static final String FOLDER = "usage";

  private static final Duration TRAFFIC_WRITTEN_EVERY = Duration.ofSeconds(1);
  private static final Duration TOLD_AGAIN_EVERY = Duration.ofSeconds(1);
  private static final Duration TRAFFIC_FORGOTTEN_EVERY = Duration.ofHours(1);

  private final MeteredRateLimiter limiter;
  private final QuotaStore quotas;
  private final LedgerQuotaStore ledger;
  private final Leftovers leftovers;
  private final TrafficMeter meter;
  private final BooleanSupplier shared;

  /** Closed in this order. */
  private final Deque<AutoCloseable> resources;

  private Counts(
      RateLimiter limiter,
      QuotaStore quotas,
      LedgerQuotaStore ledger,
      Leftovers leftovers,
      TrafficMeter meter,
      BooleanSupplier shared,
      Deque<AutoCloseable> resources) {
    this.limiter = new MeteredRateLimiter(limiter);
    this.quotas = quotas;
    this.ledger = ledger;
    this.leftovers = leftovers;
    this.meter = meter;
    this.shared = shared;
    this.resources = resources;
  }

  /** Starts counting. Waits neither for Redis nor for the database. */
  static Counts open(Settings settings, Stores stores, InstantSource clock) {
    Deque<AutoCloseable> resources = new ArrayDeque<>();
    String node = TimeOrderedId.next(clock);
    CounterDirectory directory = CounterDirectory.at(settings.dataDir().resolve(FOLDER));
    TrafficLog traffic = new KeyUseNotes(stores.traffic(), stores.keys());
    Set<QuotaKey> missed = ConcurrentHashMap.newKeySet();
    Leftovers leftovers =
        new Leftovers(
            directory,
            stores.usage(),
            traffic,
            key -> {
              if (settings.redis().isPresent()) {
                missed.add(key);
              }
            });
    resources.push(leftovers);
    FileQuotaCounts counts = new FileQuotaCounts(directory, node);
    resources.push(counts);
    LedgerQuotaStore ledger =
        new LedgerQuotaStore(leftovers, node, counts, settings.quotas().flushInterval(), clock);
    resources.push(ledger);
    CoarseClock minutes = CoarseClock.start();
    resources.push(minutes);
    TrafficMeter meter = new TrafficMeter(directory, traffic, () -> TimeOrderedId.next(clock), minutes);
    resources.push(meter);
    resources.push(
        Chore.start(
            "traffic is written",
            TRAFFIC_WRITTEN_EVERY,
            () -> {
              try {
                leftovers.settle();
                meter.flush();
              } catch (StoreException e) {
                counts.force();
                meter.force();
                throw e;
              }
            }));
    resources.push(
        Chore.start(
            "old traffic is forgotten",
            TRAFFIC_FORGOTTEN_EVERY,
            () -> stores.traffic().forget(clock.instant().minus(TRAFFIC_KEPT))));
    if (settings.redis().isEmpty()) {
      return new Counts(new MemoryRateLimiter(), ledger, ledger, leftovers, meter, () -> true, resources);
    }
    RedisSettings choice = settings.redis().get();
    RedisConnection redis = connect(choice);
    resources.push(redis);
    RedisNodes nodes = new RedisNodes(redis);
    resources.push(nodes);
    RedisRateLimiter exact = new RedisRateLimiter(redis);
    resources.push(Chore.start("requests under way are told to Redis", TOLD_AGAIN_EVERY, exact::tellAgain));
    // In a cluster, each part of the buckets is there or away by itself, and decided by itself.
    RateLimiter leased = new LeasedRateLimiter(
        choice.cluster() ? new ClusterRateLimiter(exact) : exact, nodes::count, System::nanoTime);
    RateLimiter local = new MemoryRateLimiter();
    WhenUnreachable policy = WhenUnreachable.valueOf(settings.rateLimits().whenUnreachable().name());
    List<FallbackRateLimiter> parts = Stream
        .generate(() -> new FallbackRateLimiter(leased, local, policy, nodes::count, System::nanoTime))
        .limit(redis.parts()).toList();
    RateLimiter limiter = choice.cluster()
        ? new BucketwiseRateLimiter(bucket -> parts.get(redis.partOfBucket(bucket)))
        : parts.get(0);
    SharedQuotaStore quotas = new SharedQuotaStore(
        new RedisCounts(new RedisQuotaStore(redis, ledger::own, ledger::records), new RedisMemory(redis)),
        ledger,
        missed,
        redis.parts(),
        redis::partOfOwner,
        System::nanoTime);
    resources.push(quotas);
    // Outermost, so that a denial from memory is not taken for a sign of life of Redis.
    RateLimiter remembering = new RememberingRateLimiter(limiter, System::nanoTime);
    BooleanSupplier reachable =
        () -> quotas.reachable() && parts.stream().allMatch(FallbackRateLimiter::reachable);
    return new Counts(remembering, quotas, ledger, leftovers, meter, reachable, resources);
  }

  private static RedisConnection connect(RedisSettings settings) {
    String host = settings.address().getHostString();
    int port = settings.address().getPort();
    RedisConnection.Builder builder =
        (settings.cluster() ? RedisConnection.toCluster(host, port) : RedisConnection.to(host, port))
            .database(settings.db())
            .timeout(settings.timeout())
            .connections(settings.maxConnections());
    settings.password().map(Secret::reveal).ifPresent(builder::password);
    return builder.open();
  }

  public RateLimiter limiter() {
    return limiter;
  }

  /** How the limits of users and of the API were decided so far. */
  public MeteredRateLimiter decisions() {
    return limiter;
  }

  public QuotaStore quotas() {
    return quotas;
  }

  /** Counts traffic; to be told of every request. */
  Observer meter() {
    return meter;
  }

  /** Whether what is shared with other nodes was there when last asked; true when nothing is shared. */
  public boolean sharedReachable() {
    return shared.getAsBoolean();
  }

  /** Writes what was used and transferred since the last interval, now. */
  public void flush() {
    leftovers.settle();
    ledger.flush();
    meter.flush();
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
