package io.gatehouse.core.setup;

import io.gatehouse.Gateway;
import io.gatehouse.Inbound;
import io.gatehouse.Observer;
import io.gatehouse.Preview;
import io.gatehouse.core.access.IdentityGate;
import io.gatehouse.core.key.EntitlementCache;
import io.gatehouse.core.limit.LimitPlan;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.core.settings.AuthSettings;
import io.gatehouse.core.settings.HealthCheckSettings;
import io.gatehouse.core.settings.RateLimitSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.sql.SqlChangeFeed;
import io.gatehouse.core.upstream.HealthCheck;
import io.gatehouse.core.upstream.HealthChecker;
import io.gatehouse.core.upstream.HttpProbe;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.core.upstream.WeightedBalancer;
import io.gatehouse.event.Change;
import io.gatehouse.key.User;
import io.gatehouse.upstream.Balancer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * A running gateway: the gates in their order, the stores behind them, the pool, and the threads that keep all of it
 * fresh. Everything that decides can be reached from here; nothing here knows of HTTP servers.
 *
 * <p>Safe for any number of threads. Closing it stops its threads and writes what was used.
 */
public final class Gatehouse implements AutoCloseable {

  private static final Duration CHANGES_EVERY = Duration.ofMillis(SqlChangeFeed.INTERVAL_MILLIS);

  private final Settings settings;
  private final Stores stores;
  private final Counts counts;
  private final RequestLogging requestLogging;
  private final KeyedGateway gateway;
  private final Pool pool;
  private final BackendRoster roster;
  private final HealthChecker checker;
  private final SqlChangeFeed changes;
  private final Balancer balancer;
  private final RetryBudget retryBudget = new RetryBudget();

  private Gatehouse(Settings settings, Stores stores, List<Observer> observers, InstantSource clock) {
    this.settings = settings;
    this.stores = stores;
    this.counts = Counts.open(settings, stores, clock);
    this.requestLogging = RequestLogging.open(settings.requestLog(), stores.requests(), clock);
    this.gateway = gateway(settings, stores, counts, observers, clock);
    this.pool = new Pool(healthCheck(settings.healthCheck()));
    this.roster = new BackendRoster(settings.backends(), stores.backends(), pool);
    // The feed starts before the first read: a change between the two is then told, and read again.
    this.changes = SqlChangeFeed.start(stores.database(), CHANGES_EVERY, this::changed);
    roster.refresh();
    this.checker = HealthChecker.start(pool, new HttpProbe());
    this.balancer = new WeightedBalancer(pool);
  }

  /**
   * Opens the stores, migrates the database and starts.
   *
   * @throws io.gatehouse.StoreException when the database cannot be used; Redis may be away
   */
  public static Gatehouse open(Settings settings, List<Observer> observers) {
    InstantSource clock = InstantSource.system();
    return new Gatehouse(settings, Stores.open(settings, clock), observers, clock);
  }

  private static KeyedGateway gateway(
      Settings settings, Stores stores, Counts counts, List<Observer> observers, InstantSource clock) {
    AuthSettings auth = settings.auth();
    RateLimitSettings limits = settings.rateLimits();
    KeyedGateway.Builder builder =
        KeyedGateway.builder(stores.keys(), stores.pepper())
            .keyForm(stores.keyFormat())
            .keyParameter(auth.queryParameter().orElse(""))
            .anonymous(auth.required() ? IdentityGate.Anonymous.REFUSED : IdentityGate.Anonymous.ADMITTED)
            .remember(
                new EntitlementCache.Bounds(
                    auth.cacheSize(), auth.cacheTtl(), auth.negativeTtl(), auth.staleFor()))
            .networks(stores.whitelist())
            .limits(stores.limits())
            .userLimits(limits.userLevel())
            .apiLimits(limits.apiLevel())
            .addressLimits(limits.ipLevel(), limits.ipv6Prefix())
            .limiter(counts.limiter())
            .quotas(stores.quotas())
            .userQuotas(settings.quotas().quotas())
            .quotaStore(counts.quotas())
            .timeZone(settings.quotas().timeZone())
            .clock(clock);
    builder.observer(counts.meter());
    observers.forEach(builder::observer);
    return builder.build();
  }

  private void changed(Change change) {
    gateway.changed(change);
    if (change.topic() == Change.Topic.BACKENDS) {
      roster.refresh();
    }
  }

  private static HealthCheck healthCheck(HealthCheckSettings settings) {
    return new HealthCheck(
        settings.path(),
        settings.timeout(),
        settings.fastInterval(),
        settings.unhealthyAfter(),
        settings.healthyAfter());
  }

  public Settings settings() {
    return settings;
  }

  public Stores stores() {
    return stores;
  }

  /** Decides. */
  public Gateway gateway() {
    return gateway;
  }

  /**
   * Previews a request as if it carried the key with this id.
   *
   * @return empty when there is no such key
   * @throws io.gatehouse.StoreException when the database cannot say which key that is
   */
  public Optional<Preview> preview(Inbound request, String keyId) {
    return stores.keys().key(keyId).map(key -> {
      boolean userEnabled = stores.users().user(key.user()).map(User::enabled).orElse(false);
      return gateway.preview(request, key.withEnabled(key.enabled() && userEnabled));
    });
  }

  /** Picks backends of the pool. */
  public Balancer balancer() {
    return balancer;
  }

  /** Bounds the retries of all requests together. */
  public RetryBudget retryBudget() {
    return retryBudget;
  }

  /** The backends and how they are. */
  public Pool pool() {
    return pool;
  }

  public BackendRoster roster() {
    return roster;
  }

  /** The rate limiter, the quota store, and whether what they share with other nodes can be reached. */
  public Counts counts() {
    return counts;
  }

  /** The log of single requests; whoever answers requests feeds it. */
  public RequestLogging requestLogging() {
    return requestLogging;
  }

  public LimitPlan limitPlan() {
    return gateway.limitPlan();
  }

  public QuotaPlan quotaPlan() {
    return gateway.quotaPlan();
  }

  public EntitlementCache cache() {
    return gateway.cache();
  }

  @Override
  public void close() {
    changes.close();
    checker.close();
    gateway.close();
    counts.close();
    requestLogging.close();
    stores.close();
  }
}
