package io.gatehouse.core.setup;

import io.gatehouse.Entitlement;
import io.gatehouse.Gate;
import io.gatehouse.Gateway;
import io.gatehouse.Observer;
import io.gatehouse.Subject;
import io.gatehouse.core.access.IdentityGate;
import io.gatehouse.core.access.ScopeGate;
import io.gatehouse.core.access.WhitelistGate;
import io.gatehouse.core.gate.Gates;
import io.gatehouse.core.key.EntitlementCache;
import io.gatehouse.core.key.KeyAuthenticator;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.core.limit.AddressGate;
import io.gatehouse.core.limit.LimitGate;
import io.gatehouse.core.limit.LimitPlan;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.quota.QuotaGate;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.core.settings.AuthSettings;
import io.gatehouse.core.settings.HealthCheckSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.sql.SqlChangeFeed;
import io.gatehouse.core.upstream.HealthCheck;
import io.gatehouse.core.upstream.HealthChecker;
import io.gatehouse.core.upstream.HttpProbe;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.core.upstream.WeightedBalancer;
import io.gatehouse.event.Change;
import io.gatehouse.key.ApiKey;
import io.gatehouse.limit.RateLimiter;
import io.gatehouse.upstream.Balancer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

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
  private final EntitlementCache cache;
  private final LimitPlan limitPlan;
  private final QuotaPlan quotaPlan;
  private final Pool pool;
  private final BackendRoster roster;
  private final HealthChecker checker;
  private final SqlChangeFeed changes;
  private final Balancer balancer;
  private final RetryBudget retryBudget = new RetryBudget();
  private final Gateway gateway;

  private Gatehouse(Settings settings, Stores stores, List<Observer> observers, InstantSource clock) {
    this.settings = settings;
    this.stores = stores;
    this.limitPlan =
        new LimitPlan(settings.rateLimits().userLevel(), settings.rateLimits().apiLevel(), stores.limits());
    this.quotaPlan = new QuotaPlan(settings.quotas().quotas(), stores.quotas());
    this.cache = cache(settings.auth());
    this.counts = Counts.open(settings, stores.usage(), TimeOrderedId.next(clock), clock);
    this.pool = new Pool(healthCheck(settings.healthCheck()));
    this.roster = new BackendRoster(settings.backends(), stores.backends(), pool);
    // The feed starts before the first read: a change between the two is then told, and read again.
    this.changes = SqlChangeFeed.start(stores.database(), CHANGES_EVERY, this::changed);
    roster.refresh();
    this.checker = HealthChecker.start(pool, new HttpProbe());
    this.balancer = new WeightedBalancer(pool);
    this.gateway = new Gates(gates(clock), observers);
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

  private EntitlementCache cache(AuthSettings auth) {
    EntitlementCache.Bounds bounds =
        new EntitlementCache.Bounds(auth.cacheSize(), auth.cacheTtl(), auth.negativeTtl(), auth.staleFor());
    return new EntitlementCache(stores.keys(), this::compile, bounds, System::nanoTime);
  }

  /** What a key may do: its user's limits, quotas and networks, and its own scopes. */
  private Entitlement compile(ApiKey key) {
    String user = key.user();
    return new Entitlement(
        new Subject(user, key.id()),
        limitPlan.chargesFor(user),
        quotaPlan.quotasOf(user),
        stores.whitelist().networksOf(user),
        key.scopes());
  }

  /** The order of the questions: what is cheap and protects the rest comes first. */
  private List<Gate> gates(InstantSource clock) {
    AuthSettings auth = settings.auth();
    List<Gate> gates = new ArrayList<>();
    if (!settings.rateLimits().ipLevel().isEmpty()) {
      RateLimiter addresses = new MemoryRateLimiter();
      gates.add(new AddressGate(addresses, settings.rateLimits().ipLevel(), settings.rateLimits().ipv6Prefix()));
    }
    KeyAuthenticator keys =
        new KeyAuthenticator(
            cache, stores.pepper(), stores.keyFormat(), auth.queryParameter().orElse(""), clock);
    gates.add(
        new IdentityGate(
            List.of(keys), auth.required() ? IdentityGate.Anonymous.REFUSED : IdentityGate.Anonymous.ADMITTED));
    gates.add(new WhitelistGate());
    gates.add(new ScopeGate());
    gates.add(new LimitGate(counts.limiter()));
    gates.add(new QuotaGate(counts.quotas(), settings.quotas().timeZone(), clock));
    return gates;
  }

  private void changed(Change change) {
    cache.changed(change);
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

  public LimitPlan limitPlan() {
    return limitPlan;
  }

  public QuotaPlan quotaPlan() {
    return quotaPlan;
  }

  public EntitlementCache cache() {
    return cache;
  }

  @Override
  public void close() {
    changes.close();
    checker.close();
    cache.close();
    counts.close();
    stores.close();
  }
}
