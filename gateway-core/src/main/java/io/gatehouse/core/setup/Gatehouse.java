package io.gatehouse.core.setup;

import io.gatehouse.Admission;
import io.gatehouse.Gateway;
import io.gatehouse.Inbound;
import io.gatehouse.Observer;
import io.gatehouse.Preview;
import io.gatehouse.StoreException;
import io.gatehouse.access.Countries;
import io.gatehouse.admin.GivenAnswers;
import io.gatehouse.core.access.IdentityGate;
import io.gatehouse.core.cache.AnswerCache;
import io.gatehouse.core.cache.Purge;
import io.gatehouse.core.key.EntitlementCache;
import io.gatehouse.core.key.SignedUrlAuthenticator.Endless;
import io.gatehouse.core.quota.QuotaAccounts;
import io.gatehouse.core.quota.QuotaPlan;
import io.gatehouse.core.quota.StoredBytes;
import io.gatehouse.core.quota.WhenExhausted;
import io.gatehouse.core.route.Routes;
import io.gatehouse.core.settings.AuthSettings;
import io.gatehouse.core.settings.CacheSettings;
import io.gatehouse.core.settings.Fault;
import io.gatehouse.core.settings.ProxySettings;
import io.gatehouse.core.settings.RateLimitSettings;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.sql.SqlAnnouncements;
import io.gatehouse.core.sql.SqlChangeFeed;
import io.gatehouse.core.tls.PemException;
import io.gatehouse.core.tls.Trust;
import io.gatehouse.core.upload.Uploads;
import io.gatehouse.core.upstream.FairQueue;
import io.gatehouse.core.upstream.HttpProbe;
import io.gatehouse.core.upstream.Lookout;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.core.usage.Chore;
import io.gatehouse.event.Change;
import io.gatehouse.key.User;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway: what lasts as long as the process, which is the stores, what is counted, the pools and the threads
 * that keep all of it fresh; and the {@link Snapshot} in force, which is how it decides and picks. Everything that decides
 * can be reached from here; nothing here knows of HTTP servers.
 *
 * <p>{@link #become} puts another snapshot in force, in one step: whoever asks gets the old one or the new one. Requests
 * under way keep theirs, and so nothing of them is dropped.
 *
 * <p>Safe for any number of threads. Closing it stops its threads and writes what was used.
 */
public final class Gatehouse implements Administrable, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Gatehouse.class);
  private static final Duration FORGET_EVERY = Duration.ofMinutes(10);
  private static final Duration CHANGES_EVERY = Duration.ofMillis(SqlChangeFeed.INTERVAL_MILLIS);

  /** Where answers are kept on the disk. */
  private static final String ANSWERS = "answers";

  /** By how much the clocks of nodes may. */
  private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(5);

  private static final Duration WARMED_FOR = Duration.ofSeconds(10);

  private final Stores stores;
  private final Counts counts;
  private final RequestLogging requestLogging;
  private final Abuse abuse;
  private final List<Observer> observers;
  private final InstantSource clock;
  private final Pools pools;
  private final FairQueue imageQueue;
  private final BackendRoster roster;
  private final SqlChangeFeed changes;
  private final Chore forgetting;
  private final Trust backendTrust;
  private final StoredBytes storedBytes;
  private final Optional<Uploading> uploading;
  private final AnswerCache answers;
  private final Gateway gateway = new InForce();

  /** What is in force: the only thing that a change of the settings replaces for those who decide. */
  private final AtomicReference<Snapshot> current;

  /** Guarded by this. */
  private Lookout lookout;

  /** Guarded by this. */
  private boolean closed;

  private Gatehouse(
      Settings settings, Trust backendTrust, Stores stores, List<Observer> observers, InstantSource clock) {
    this.backendTrust = backendTrust;
    this.stores = stores;
    this.observers = List.copyOf(observers);
    this.clock = clock;
    // What has become due while no gateway ran holds from the first request on.
    stores.plans().carryOut();
    this.abuse = Abuse.open(settings, stores, clock);
    this.counts = Counts.open(settings, stores, clock);
    Instant heard = AnswerCache.heard(answersOf(settings)).minus(CLOCKS_DIFFER);
    this.answers = answers(settings, missed(settings, heard));
    this.requestLogging = RequestLogging.open(settings.requestLog(), stores.requests(), clock);
    this.pools = new Pools(settings.pools());
    this.imageQueue = new FairQueue(Images.queue(settings));
    Routes routes = Upstreams.routes(settings);
    KeyedGateway first = builder(settings, routes).build();
    this.current = new AtomicReference<>(snapshot(settings, first, routes, List.copyOf(pools.all())));
    this.storedBytes =
        new StoredBytes(
            counts.quotas(), user -> snapshot().quotaPlan().quotasOf(user), first.memory().crossings());
    this.uploading = Uploading.open(settings, this::settings, stores, storedBytes, clock);
    this.roster =
        new BackendRoster(settings.backends(), stores.backends(), stores.registrations(), pools::replace);
    // The feed starts before the first read: a change between the two is then told, and read again.
    this.changes = SqlChangeFeed.start(stores.database(), CHANGES_EVERY, this::changed, this::upToDate);
    // What was told between the first look and the start of the feed.
    missed(settings, heard).forEach(answers::purge);
    warm(settings.auth().warmKeys());
    // What is found at once is there from the start, with its whole share.
    this.lookout = lookout(settings);
    roster.refresh();
    pools.probe(new HttpProbe(backendTrust.context(), backendTrust.verified()));
    this.forgetting = Chore.start("old changes, answers and blocks are forgotten", FORGET_EVERY, () -> {
      stores.audit().forget(clock.instant().minus(settings().admin().auditKeep()));
      stores.answers().forget(clock.instant().minus(GivenAnswers.KEPT));
      abuse.forget();
    });
  }

  /**
   * Opens the stores, migrates the database and starts.
   *
   * @throws SettingsException when the file of the backends' authorities or of countries cannot be used
   * @throws StoreException when the database cannot be used; Redis may be away
   */
  public static Gatehouse open(Settings settings, List<Observer> observers) {
    InstantSource clock = InstantSource.system();
    Trust trust = trust(settings.proxy());
    Images.check(settings);
    Abuse.check(settings);
    return new Gatehouse(settings, trust, Stores.open(settings, clock), observers, clock);
  }

  /**
   * Whether a gateway could be opened with the files and policies that these settings name.
   *
   * @throws SettingsException when not
   */
  public static void check(Settings settings) {
    trust(settings.proxy());
    Images.check(settings);
    Abuse.check(settings);
  }

  /** What was to be forgotten while this node was away is not on its disk any more when it is back. */
  private static AnswerCache answers(Settings settings, List<Purge> missed) {
    CacheSettings cache = settings.cache();
    return cache.diskBytes() == 0
        ? new AnswerCache(cache.memoryBytes())
        : AnswerCache.withDisk(cache.memoryBytes(), answersOf(settings), cache.diskBytes(), missed);
  }

  private static Path answersOf(Settings settings) {
    return settings.dataDir().resolve(ANSWERS);
  }

  /** What of the disk is to be forgotten by who has heard of everything until a moment. */
  private List<Purge> missed(Settings settings, Instant heard) {
    if (settings.cache().diskBytes() == 0) {
      return List.of();
    }
    if (!heard.isAfter(clock.instant().minus(SqlAnnouncements.KEPT))) {
      return List.of(Purge.ALL);
    }
    return stores.announcements().since(Change.Topic.ANSWERS, heard).stream().map(Purge::parse).toList();
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

  private Lookout lookout(Settings settings) {
    return Lookout.start(
        Upstreams.discoveries(settings), settings.discovery().interval(),
        found -> roster.discover(found.stream().map(each -> each.in(settings.discovery().pool())).toList()));
  }

  /** What decides by these settings and stores; the limiter and the quota store are still to be named. */
  static KeyedGateway.Builder rules(Settings settings, Stores stores, Routes routes, InstantSource clock) {
    AuthSettings auth = settings.auth();
    RateLimitSettings limits = settings.rateLimits();
    KeyedGateway.Builder builder = KeyedGateway.builder(stores.keys(), stores.peppers())
        .upgrades(stores.keys())
        .signingSecrets(stores.signing())
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
        .quotas(stores.quotas())
        .plans(stores.plans())
        .userQuotas(settings.quotas().quotas())
        .calendar(settings.quotas().calendar())
        .whenExhausted(WhenExhausted.valueOf(settings.quotas().whenExhausted().name()))
        .thresholds(stores.crossings(), settings.quotas().thresholds())
        .clock(clock);
    settings.images().ifPresent(images -> builder
        .signedUrls(images.path(), images.endlessUrls() ? Endless.ADMITTED : Endless.REFUSED)
        .earlyGate(Images.gate(settings, images)));
    return builder;
  }

  private KeyedGateway.Builder builder(Settings settings, Routes routes) {
    KeyedGateway.Builder builder =
        rules(settings, stores, routes, clock)
            .dossiers(stores.dossiers())
            .blocks(abuse.blocklist(), abuse.countries())
            .limiter(counts.limiter())
            .quotaStore(counts.quotas())
            .countsInMemory(settings.redis().isEmpty());
    builder.observer(counts.meter());
    builder.observer(abuse.watch());
    observers.forEach(builder::observer);
    return builder;
  }

  private Snapshot snapshot(Settings settings, KeyedGateway gateway, Routes routes, List<Pools.Entry> entries) {
    QuotaAccounts accounts =
        new QuotaAccounts(counts.quotas(), stores.quotas(), gateway.quotaPlan(), stores.crossings(), clock);
    return new Snapshot(settings, gateway, routes, entries, accounts, Images.urls(settings, stores, gateway));
  }

  /**
   * Puts other settings in force, in one step. What they share with those before goes on: counts, remembered keys, the
   * health and the requests under way of backends that stay. Waits for the database and for the look-ups of discovery, if
   * backends, pools or discovery have changed; one that is away is no reason to fail. Settings that only a restart can
   * change have no effect here and are to be as they were.
   *
   * @return what is in force now
   * @throws IllegalStateException after {@link #close}
   */
  public synchronized Snapshot become(Settings settings) {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    Snapshot before = current.get();
    Settings old = before.settings();
    List<Pools.Entry> entries = pools.planned(settings.pools());
    Routes routes = Upstreams.routes(settings);
    KeyedGateway next = builder(settings, routes).inPlaceOf(before.gateway()).build();
    Snapshot after = snapshot(settings, next, routes, entries);
    requestLogging.become(settings.requestLog());
    abuse.become(settings);
    pools.become(entries);
    imageQueue.become(Images.queue(settings));
    if (!settings.backends().equals(old.backends()) || !names(entries).equals(names(before.pools()))) {
      roster.configure(settings.backends());
    }
    current.set(after);
    if (!Upstreams.discoveredAlike(settings, old)) {
      lookout.close();
      if (Upstreams.discoveries(settings).isEmpty()) {
        roster.discover(List.of());
      }
      lookout = lookout(settings);
    }
    return after;
  }

  private static List<String> names(List<Pools.Entry> entries) {
    return entries.stream().map(Pools.Entry::name).toList();
  }

  private void warm(int most) {
    if (most > 0) {
      int version = stores.peppers().inUse().version();
      // The others are cached by a digest that only their text can tell.
      cache().warm(
          () -> stores.keys().usedLast(most).stream().filter(digest -> digest.version() == version).toList(),
          WARMED_FOR);
    }
  }

  private void changed(Change change) {
    if (change.topic() == Change.Topic.ANSWERS) {
      answers.purge(Purge.parse(change.reference()));
      return;
    }
    snapshot().gateway().changed(change);
    abuse.changed(change);
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
    abuse.upToDate();
    answers.heard(clock.instant());
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

  @Override
  public Snapshot snapshot() {
    return current.get();
  }

  /** The settings in force. */
  public Settings settings() {
    return snapshot().settings();
  }

  @Override
  public Stores stores() {
    return stores;
  }

  /** Decides each request by the snapshot that is in force when it comes. */
  @Override
  public Gateway gateway() {
    return gateway;
  }

  @Override
  public boolean runs() {
    return true;
  }

  @Override
  public Optional<Preview> preview(Inbound request, String keyId) {
    return stores.keys().key(keyId).map(key -> {
      boolean userEnabled = stores.users().user(key.user()).map(User::enabled).orElse(false);
      return snapshot().gateway().preview(request, key.withEnabled(key.enabled() && userEnabled));
    });
  }

  /** Which pool requests go to, by the snapshot in force; empty when all go to that named {@code default}. */
  public Routes routes() {
    return snapshot().routes();
  }

  @Override
  public Pools pools() {
    return pools;
  }

  /** Where requests for images wait for their turn at the backends of their pool. */
  public FairQueue imageQueue() {
    return imageQueue;
  }

  /** Which backends that speak TLS are believed to be who they say. */
  public Trust backendTrust() {
    return backendTrust;
  }

  /** The pool named {@code default}. */
  public Pool pool() {
    return pools.usual().pool();
  }

  @Override
  public BackendRoster roster() {
    return roster;
  }

  /** The rate limiter, the quota store, and whether what they share with other nodes can be reached. */
  public Counts counts() {
    return counts;
  }

  /** Who is kept out. */
  public Abuse abuse() {
    return abuse;
  }

  @Override
  public Optional<Countries> countries() {
    return abuse.knowsCountries() ? Optional.of(abuse.countries()) : Optional.empty();
  }

  /** The log of single requests; whoever answers requests feeds it. */
  public RequestLogging requestLogging() {
    return requestLogging;
  }

  /** That of the snapshot in force. */
  public QuotaPlan quotaPlan() {
    return snapshot().quotaPlan();
  }

  /** What users have used, and the changes that touch it, by the snapshot in force. */
  public QuotaAccounts quotaAccounts() {
    return snapshot().quotaAccounts();
  }

  /** How many bytes users hold, for whoever stores something for them. */
  public StoredBytes storedBytes() {
    return storedBytes;
  }

  /** What users store; empty when the settings say of no place for it. */
  public Optional<Uploads> uploads() {
    return uploading.map(Uploading::uploads);
  }

  /** The answers of backends that are kept, of routes that say so. */
  @Override
  public AnswerCache answers() {
    return answers;
  }

  public EntitlementCache cache() {
    return snapshot().gateway().memory().cache();
  }

  @Override
  public void close() {
    forgetting.close();
    changes.close();
    uploading.ifPresent(Uploading::close);
    synchronized (this) {
      closed = true;
      lookout.close();
    }
    pools.close();
    snapshot().gateway().close();
    abuse.close();
    counts.close();
    requestLogging.close();
    answers.close();
    stores.close();
  }

  /** Asks the gateway that is in force when a request comes, which then has the request to its end. */
  private final class InForce implements Gateway {

    @Override
    public Admission admit(Inbound request) {
      return snapshot().gateway().admit(request);
    }

    @Override
    public boolean mayWait(Inbound request) {
      return snapshot().gateway().mayWait(request);
    }

    @Override
    public Preview preview(Inbound request) {
      return snapshot().gateway().preview(request);
    }
  }
}
