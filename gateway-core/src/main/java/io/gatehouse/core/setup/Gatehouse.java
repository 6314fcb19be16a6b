package io.gatehouse.core.setup;

import io.gatehouse.Gateway;
import io.gatehouse.Inbound;
import io.gatehouse.Observer;
import io.gatehouse.Preview;
import io.gatehouse.StoreException;
import io.gatehouse.admin.GivenAnswers;
import io.gatehouse.core.access.IdentityGate;
import io.gatehouse.core.key.EntitlementCache;
import io.gatehouse.core.quota.QuotaAccounts;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.core.quota.StoredBytes;
import io.gatehouse.core.quota.WhenExhausted;
import io.gatehouse.core.route.Routes;
import io.gatehouse.core.settings.AuthSettings;
import io.gatehouse.core.settings.Fault;
import io.gatehouse.core.settings.ProxySettings;
import io.gatehouse.core.settings.RateLimitSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.sql.SqlChangeFeed;
import io.gatehouse.core.tls.PemException;
import io.gatehouse.core.tls.Trust;
import io.gatehouse.core.upstream.HttpProbe;
import io.gatehouse.core.upstream.Lookout;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.core.usage.Chore;
import io.gatehouse.event.Change;
import io.gatehouse.key.User;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway: the gates in their order, the stores behind them, the pools, and the threads that keep all of it
 * fresh. Everything that decides can be reached from here; nothing here knows of HTTP servers.
 *
 * <p>Safe for any number of threads. Closing it stops its threads and writes what was used.
 */
public final class Gatehouse implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Gatehouse.class);
  private static final Duration FORGET_EVERY = Duration.ofMinutes(10);
  private static final Duration CHANGES_EVERY = Duration.ofMillis(SqlChangeFeed.INTERVAL_MILLIS);

  private static final Duration WARMED_FOR = Duration.ofSeconds(10);

  private final Settings settings;
  private final Stores stores;
  private final Counts counts;
  private final RequestLogging requestLogging;
  private final KeyedGateway gateway;
  private final QuotaAccounts quotaAccounts;
  private final Routes routes;
  private final Pools pools;
  private final BackendRoster roster;
  private final Lookout lookout;
  private final SqlChangeFeed changes;
  private final Chore forgetting;
  private final Trust backendTrust;

  private Gatehouse(
      Settings settings, Trust backendTrust, Stores stores, List<Observer> observers, InstantSource clock) {
    this.settings = settings;
    this.backendTrust = backendTrust;
    this.stores = stores;
    // What has become due while no gateway ran holds from the first request on.
    stores.plans().carryOut();
    this.counts = Counts.open(settings, stores, clock);
    this.requestLogging = RequestLogging.open(settings.requestLog(), stores.requests(), clock);
    this.routes = Upstreams.routes(settings);
    this.gateway = gateway(settings, routes, stores, counts, observers, clock);
    warm(settings.auth().warmKeys());
    this.quotaAccounts =
        new QuotaAccounts(counts.quotas(), stores.quotas(), gateway.quotaPlan(), stores.crossings(), clock);
    this.pools = new Pools(settings);
    this.roster =
        new BackendRoster(settings.backends(), stores.backends(), stores.registrations(), pools::replace);
    // The feed starts before the first read: a change between the two is then told, and read again.
    this.changes = SqlChangeFeed.start(stores.database(), CHANGES_EVERY, this::changed, this::upToDate);
    // What is found at once is there from the start, with its whole share.
    this.lookout = Lookout.start(
        Upstreams.discoveries(settings), settings.discovery().interval(),
        found -> roster.discover(found.stream().map(each -> each.in(settings.discovery().pool())).toList()));
    roster.refresh();
    pools.probe(new HttpProbe(backendTrust.context(), backendTrust.verified()));
    this.forgetting = Chore.start("old changes and answers are forgotten", FORGET_EVERY, () -> {
      stores.audit().forget(clock.instant().minus(settings.admin().auditKeep()));
      stores.answers().forget(clock.instant().minus(GivenAnswers.KEPT));
    });
  }

  /**
   * Opens the stores, migrates the database and starts.
   *
   * @throws SettingsException when the file of the backends' authorities cannot be used; nothing is open then
   * @throws StoreException when the database cannot be used; Redis may be away
   */
  public static Gatehouse open(Settings settings, List<Observer> observers) {
    InstantSource clock = InstantSource.system();
    Trust trust = trust(settings.proxy());
    return new Gatehouse(settings, trust, Stores.open(settings, clock), observers, clock);
  }

  private static Trust trust(ProxySettings settings) {
    if (!settings.verify()) {
      return Trust.ofAnybody();
    }
    if (settings.caCertificates().isEmpty()) {
      return Trust.ofJava();
    }
    try {
      return Trust.of(settings.caCertificates().get());
    } catch (PemException e) {
      throw new SettingsException(
          List.of(new Fault(e.file().toString(), 0, 0, "proxy.tls.ca_certificates", e.fault(), e.hint())));
    }
  }

  private static KeyedGateway gateway(
      Settings settings,
      Routes routes,
      Stores stores,
      Counts counts,
      List<Observer> observers,
      InstantSource clock) {
    AuthSettings auth = settings.auth();
    RateLimitSettings limits = settings.rateLimits();
    KeyedGateway.Builder builder =
        KeyedGateway.builder(stores.keys(), stores.peppers())
            .upgrades(stores.keys())
            .importedForm(stores.importedForm())
            .keyForm(stores.keyFormat())
            .keyParameter(auth.queryParameter().orElse(""))
            .anonymous(auth.required() ? IdentityGate.Anonymous.REFUSED : IdentityGate.Anonymous.ADMITTED)
            .remember(
                new EntitlementCache.Bounds(
                    auth.cacheSize(), auth.cacheTtl(), auth.negativeTtl(), auth.staleFor()))
            .networks(stores.whitelist())
            .tenants(stores.users())
            .routes(routes)
            .limits(stores.limits())
            .userLimits(limits.userLevel())
            .keyLimits(limits.keyLevel())
            .tenantLimits(limits.tenantLevel())
            .endpointLimits(limits.endpoints())
            .apiLimits(limits.apiLevel())
            .addressLimits(limits.ipLevel(), limits.ipv6Prefix())
            .refusalsPerMinute(limits.refusalsPerMinute())
            .limiter(counts.limiter())
            .quotas(stores.quotas())
            .plans(stores.plans())
            .userQuotas(settings.quotas().quotas())
            .quotaStore(counts.quotas())
            .calendar(settings.quotas().calendar())
            .whenExhausted(WhenExhausted.valueOf(settings.quotas().whenExhausted().name()))
            .thresholds(stores.crossings(), settings.quotas().thresholds())
            .clock(clock);
    builder.observer(counts.meter());
    observers.forEach(builder::observer);
    return builder.build();
  }

  private void warm(int most) {
    if (most > 0) {
      int version = stores.peppers().inUse().version();
      // The others are cached by a digest that only their text can tell.
      gateway.cache().warm(
          () -> stores.keys().usedLast(most).stream().filter(digest -> digest.version() == version).toList(),
          WARMED_FOR);
    }
  }

  private void changed(Change change) {
    gateway.changed(change);
    if (change.topic() == Change.Topic.BACKENDS) {
      if (change.reference().isEmpty()) {
        roster.refreshAfterSilence();
      } else {
        roster.refresh();
      }
    }
  }

  /** After each look that the database answered: does what is due by now. */
  private void upToDate() {
    roster.look();
    try {
      int carriedOut = stores.plans().carryOut();
      if (carriedOut > 0) {
        log.info("{} scheduled changes of plans happened", carriedOut);
      }
    } catch (StoreException e) {
      // The next look tries again, and tells at length when the database is away.
      log.debug("Scheduled changes of plans are late: {}", e.getMessage());
    }
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
   * @throws StoreException when the database cannot say which key that is
   */
  public Optional<Preview> preview(Inbound request, String keyId) {
    return stores.keys().key(keyId).map(key -> {
      boolean userEnabled = stores.users().user(key.user()).map(User::enabled).orElse(false);
      return gateway.preview(request, key.withEnabled(key.enabled() && userEnabled));
    });
  }

  /** Which pool the requests go to; empty when all go to that named {@code default}. */
  public Routes routes() {
    return routes;
  }

  /** The backends, how they are, and how one of them is picked. */
  public Pools pools() {
    return pools;
  }

  /** Which backends that speak TLS are believed to be who they say. */
  public Trust backendTrust() {
    return backendTrust;
  }

  /** The pool named {@code default}. */
  public Pool pool() {
    return pools.usual().pool();
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

  public QuotaPlan quotaPlan() {
    return gateway.quotaPlan();
  }

  /** What users have used, and the changes that touch it. */
  public QuotaAccounts quotaAccounts() {
    return quotaAccounts;
  }

  /** How many bytes users hold, for whoever stores something for them. */
  public StoredBytes storedBytes() {
    return gateway.storedBytes();
  }

  public EntitlementCache cache() {
    return gateway.cache();
  }

  @Override
  public void close() {
    forgetting.close();
    changes.close();
    lookout.close();
    pools.close();
    gateway.close();
    counts.close();
    requestLogging.close();
    stores.close();
  }
}
