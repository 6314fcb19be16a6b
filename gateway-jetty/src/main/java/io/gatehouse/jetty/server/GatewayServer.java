package io.gatehouse.jetty.server;

import io.gatehouse.Observer;
import io.gatehouse.StoreException;
import io.gatehouse.core.cache.AnswerCache;
import io.gatehouse.core.metrics.Metrics;
import io.gatehouse.core.metrics.PrometheusMetrics;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.settings.Effective;
import io.gatehouse.core.settings.Secret;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.settings.SettingsSource;
import io.gatehouse.core.setup.Configuration;
import io.gatehouse.core.setup.DataDirectory;
import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.core.upstream.CircuitBreaker;
import io.gatehouse.core.upstream.FairQueue;
import io.gatehouse.jetty.account.AccountServlet;
import io.gatehouse.jetty.admin.AdminServlet;
import io.gatehouse.jetty.admin.Administrators;
import io.gatehouse.jetty.admin.LiveServlet;
import io.gatehouse.jetty.admin.MetricsServlet;
import io.gatehouse.jetty.console.ConsoleServlet;
import io.gatehouse.jetty.filter.CorrelationFilter;
import io.gatehouse.jetty.live.LiveCounts;
import io.gatehouse.jetty.live.LiveFeed;
import io.gatehouse.jetty.log.AccessLog;
import io.gatehouse.jetty.log.LoggedTarget;
import io.gatehouse.jetty.log.Logging;
import io.gatehouse.jetty.proxy.UpstreamServlet;
import io.gatehouse.jetty.upload.UploadServlet;
import io.gatehouse.jetty.websocket.Tunnels;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The standalone gateway: one Jetty server around one {@link Gatehouse}. The way of a request can be read off
 * {@link #handler}: correlation, then the reserved paths, then the gateway, then the backend.
 *
 * <p>Its {@link #configuration} can be read again while it runs.
 */
public final class GatewayServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(GatewayServer.class);
  private static final int MOST_THREADS = 256;

  /** So many addresses that send wrong tokens are told apart. */
  private static final int GUESSERS = 1 << 14;

  /** How often to look, while draining, who can be told to go. */
  private static final Duration LOOK = Duration.ofMillis(100);

  private final Gatehouse gatehouse;
  private final Configuration configuration;
  private final ServingFilter serving;
  private final UpstreamServlet proxy;
  private final Optional<String> freshAdminToken;
  private final ReservedPaths reserved;
  private final DrainHandler drain;
  private final Tunnels tunnels;
  private final LiveFeed live;
  private final Server server;
  private final ServerConnector connector;
  private final @Nullable ServerConnector adminConnector;

  /** Null when no port speaks TLS. */
  private final @Nullable ReloadingTls tls;

  /** Null when nothing is measured. */
  private final @Nullable PrometheusMetrics metrics;

  /** Null while nobody looks at the file of settings. Guarded by the configuration, which is changed by one at a time. */
  private @Nullable FileWatch watch;

  private GatewayServer(
      SettingsSource source,
      Effective effective,
      Gatehouse gatehouse,
      @Nullable ReloadingTls tls,
      @Nullable PrometheusMetrics metrics,
      LiveCounts liveCounts,
      DataDirectory.Kept token) {
    Settings settings = effective.settings();
    this.tls = tls;
    this.metrics = metrics;
    this.gatehouse = gatehouse;
    this.configuration =
        new Configuration(source, effective, GatewayServer::check, this::apply, InstantSource.system());
    this.freshAdminToken = token.fresh() ? Optional.of(token.secret()) : Optional.empty();
    this.reserved = new ReservedPaths(settings.admin().listen().isPresent());
    this.tunnels = new Tunnels(settings.proxy().websocketIdleTimeout());
    Serving first = Serving.of(gatehouse.snapshot(), gatehouse);
    this.serving = new ServingFilter(first);
    this.proxy = new UpstreamServlet(first.lanes(), tunnels, threads(settings));
    this.live =
        new LiveFeed(
            liveCounts,
            () -> gatehouse.pools().standings(),
            this::breakers,
            InstantSource.system());
    this.drain = new DrainHandler(
        new TargetHandler(new ConnectionHandler(handler(settings, metrics, administrators(settings, token.secret())))));
    this.server = new Server(new PromptThreads(MOST_THREADS));
    server.setHandler(new LingeringHandler(drain));
    server.setErrorHandler(new ProblemErrors());
    server.setRequestLog(new AccessLog());
    this.connector = connector(settings, tls);
    connector.setHost(settings.server().host());
    connector.setPort(settings.server().port());
    server.addConnector(connector);
    this.adminConnector = settings.admin().listen().map(listen -> adminConnector(settings, listen)).orElse(null);
  }

  /**
   * Reads the settings, opens the stores and serves.
   *
   * @throws SettingsException when the settings have faults, or a file of certificates or keys cannot be used
   * @throws StoreException when the database or the data directory cannot be used
   * @throws IOException when a port cannot be had
   */
  public static GatewayServer start(SettingsSource source) throws IOException {
    return start(source, source.read());
  }

  /**
   * The same with what was read of the settings already.
   *
   * @param source where they are read again
   */
  public static GatewayServer start(SettingsSource source, Effective effective) throws IOException {
    Settings settings = effective.settings();
    PrometheusMetrics metrics = settings.observability().metricsEnabled() ? Metrics.prometheus() : null;
    DataDirectory.Kept token = adminToken(settings);
    ReloadingTls tls = settings.server().tls().map(ReloadingTls::start).orElse(null);
    LoggedTarget paths = Serving.loggedTarget(settings, false);
    LiveCounts liveCounts = new LiveCounts(path -> paths.of(path, ""), InstantSource.system());
    List<Observer> observers = new ArrayList<>(List.of(liveCounts));
    if (metrics != null) {
      observers.add(metrics);
    }
    Gatehouse gatehouse;
    try {
      gatehouse = Gatehouse.open(settings, observers);
    } catch (RuntimeException e) {
      if (tls != null) {
        tls.close();
      }
      throw e;
    }
    GatewayServer gateway = new GatewayServer(source, effective, gatehouse, tls, metrics, liveCounts, token);
    try {
      gateway.server.start();
    } catch (Exception e) {
      gateway.close();
      throw e instanceof IOException io ? io : new IOException("the server cannot be started: " + e.getMessage(), e);
    }
    gateway.reserved.adminPort(
        gateway.adminConnector == null
            ? OptionalInt.empty()
            : OptionalInt.of(gateway.adminConnector.getLocalPort()));
    gateway.watch(settings.server().reloadInterval());
    return gateway;
  }

  /** What the settings name has to be of use before they are. */
  private static void check(Settings settings) {
    Gatehouse.check(settings);
    settings.server().tls().ifPresent(ReloadingTls::check);
  }

  /** Called by the configuration, for one change at a time. */
  private void apply(Settings settings) {
    Settings before = gatehouse.settings();
    Serving next = Serving.of(gatehouse.become(settings), gatehouse);
    proxy.prepare(next.lanes());
    tunnels.idleTimeout(settings.proxy().websocketIdleTimeout());
    serving.become(next);
    proxy.keepOnly(next.lanes());
    if (before.observability().logLevel() != settings.observability().logLevel()) {
      Logging.level(settings.observability().logLevel().name().toLowerCase(Locale.ROOT));
    }
    if (!before.server().reloadInterval().equals(settings.server().reloadInterval())) {
      watch(settings.server().reloadInterval());
    }
  }

  /** @param interval zero: never */
  private void watch(Duration interval) {
    synchronized (configuration) {
      if (watch != null) {
        watch.close();
        watch = null;
      }
      Optional<Path> file = configuration.source().file();
      if (!interval.isZero() && file.isPresent()) {
        watch = FileWatch.start(file.get(), interval, () -> configuration.tryReload("a change of " + file.get()));
      }
    }
  }

  private static DataDirectory.Kept adminToken(Settings settings) {
    return settings
        .admin()
        .token()
        .map(token -> new DataDirectory.Kept(token.reveal(), false))
        .orElseGet(() -> new DataDirectory(settings.dataDir()).secret(DataDirectory.ADMIN_TOKEN));
  }

  private Administrators administrators(Settings settings, String token) {
    return new Administrators(
        token,
        settings.admin().registrationToken().map(Secret::reveal),
        gatehouse.stores(),
        new MemoryRateLimiter(GUESSERS, System::nanoTime),
        serving::proxies,
        settings.rateLimits().ipv6Prefix());
  }

  private ServletContextHandler handler(
      Settings settings, @Nullable PrometheusMetrics metrics, Administrators administrator) {
    ServletContextHandler context = new PromptContext(
        threads(settings), request -> reserved.covers(request.path()) || serving.mayWait(request));
    Connectors.keepTargets(context);
    context.setErrorHandler(new ProblemErrors());
    HealthServlet health =
        new HealthServlet(() -> drain.ready(), gatehouse.pools(), administrator);
    for (String path : List.of("/health", "/health/live", "/health/ready", "/health/backends")) {
      reserved.everywhere(path, health);
    }
    AccountServlet account = new AccountServlet(gatehouse, serving::proxies);
    reserved.everywhere(AccountServlet.PATH, account);
    reserved.everywhere(AccountServlet.PATH + "/", account);
    gatehouse.uploads().ifPresent(uploads -> {
      UploadServlet upload = new UploadServlet(gatehouse, uploads, serving::proxies);
      reserved.everywhere(UploadServlet.PATH, upload);
      reserved.everywhere(UploadServlet.PATH + "/", upload);
      if (metrics != null) {
        metrics.watchUploads(upload.figures().outcomes(), upload.figures()::bytes);
      }
    });
    reserved.administration("/api/v1/", new AdminServlet(gatehouse, configuration, administrator));
    reserved.administration(LiveServlet.PATH, new LiveServlet(live, administrator));
    reserved.administration(
        ConsoleServlet.ROOT,
        settings.admin().console()
            ? new ConsoleServlet(settings.admin().token().isEmpty())
            : new NotFoundServlet());
    if (metrics != null) {
      watch(metrics);
      reserved.administration(
          settings.observability().prometheusPath(),
          new MetricsServlet(
              metrics::scrape,
              PrometheusMetrics.CONTENT_TYPE,
              administrator,
              () -> gatehouse.settings().observability().metricsAllow()));
    }
    add(context, new CorrelationFilter());
    add(context, reserved);
    add(context, serving);
    if (metrics != null) {
      metrics.watchHedges(proxy::hedges, proxy::hedgesWon);
      metrics.watchImgproxy(proxy::imgproxyRefusals);
    }
    ServletHolder backends = new ServletHolder("proxy", proxy);
    backends.setAsyncSupported(true);
    context.addServlet(backends, "/*");
    return context;
  }

  /** Whether requests, and the ends of answers, may keep threads waiting: for Redis, or for kept answers on a disk. */
  private static InvocationType threads(Settings settings) {
    return settings.redis().isPresent() || settings.cache().diskBytes() > 0
        ? InvocationType.BLOCKING : InvocationType.NON_BLOCKING;
  }

  private Map<String, CircuitBreaker.State> breakers() {
    Map<String, CircuitBreaker.State> breakers = new LinkedHashMap<>();
    gatehouse.pools().all().forEach(entry -> breakers.put(entry.name(), entry.pool().breakerState()));
    return breakers;
  }

  private void watch(Metrics metrics) {
    metrics.watchBackends(
        () ->
            gatehouse.pools().standings().stream()
                .map(
                    standing ->
                        new Metrics.BackendRow(
                            standing.upstream().uri().toString(),
                            standing.upstream().pool(),
                            standing.usable(),
                            standing.inFlight(),
                            standing.ejectedUntil().isPresent(),
                            standing.upstream().weight() * standing.share() / 100.0))
                .toList());
    metrics.watchPools(
        () ->
            gatehouse.pools().all().stream()
                .map(
                    entry ->
                        new Metrics.PoolRow(
                            entry.name(), Metrics.Breaker.valueOf(entry.pool().breakerState().name())))
                .toList());
    metrics.watchTunnels(tunnels::openNow, tunnels::openedEver, tunnels::bytesToBackends, tunnels::bytesToClients);
    metrics.watchCache("keys", gatehouse.cache()::hits, gatehouse.cache()::misses);
    AnswerCache answers = gatehouse.answers();
    metrics.watchCache("answers", () -> answers.figures().hits(), () -> answers.figures().misses());
    FairQueue queue = gatehouse.imageQueue();
    metrics.watchImageQueue(
        queue::waiting,
        queue::taken,
        () -> queue.figures().waits(),
        () -> queue.figures().waitedNanos(),
        Map.of(
            "full", () -> queue.figures().full(),
            "tenant_full", () -> queue.figures().fullOfTenant(),
            "slow", () -> queue.figures().slow()));
    metrics.watchAnswers(
        () -> answers.figures().bytes(),
        () -> answers.figures().entries(),
        () -> answers.figures().stale(),
        () -> answers.figures().coalesced(),
        () -> answers.figures().evictions());
    metrics.watchDecisions(gatehouse.counts().decisions());
    gatehouse
        .requestLogging()
        .writer()
        .ifPresent(
            writer ->
                metrics.watchRequestLog(writer::written, writer::dropped, gatehouse.requestLogging()::ready));
    metrics.watchBlocks(
        gatehouse.abuse().blocksInForce(), gatehouse.abuse().suspensions(), gatehouse.abuse()::suspensionsDropped);
    metrics.watchConfiguration(
        () -> configuration.state().successful(),
        () -> configuration.state().loadedAt(),
        () -> configuration.state().lastRead().atRestart().size());
    if (gatehouse.settings().redis().isPresent()) {
      metrics.watchStore("redis", gatehouse.counts()::sharedReachable);
    }
  }

  private static void add(ServletContextHandler context, Filter filter) {
    FilterHolder holder = new FilterHolder(filter);
    holder.setAsyncSupported(true);
    context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST));
  }

  private ServerConnector connector(Settings settings, @Nullable ReloadingTls secured) {
    return secured == null
        ? Connectors.plain(server, settings.server())
        : Connectors.secure(server, settings.server(), secured.factory());
  }

  private ServerConnector adminConnector(Settings settings, InetSocketAddress listen) {
    ServerConnector admin = connector(settings, settings.admin().tls() ? tls : null);
    admin.setName("admin");
    admin.setHost(listen.getHostString().isEmpty() ? null : listen.getHostString());
    admin.setPort(listen.getPort());
    server.addConnector(admin);
    return admin;
  }

  public Gatehouse gatehouse() {
    return gatehouse;
  }

  /** The settings, and how they are read again. */
  public Configuration configuration() {
    return configuration;
  }

  /** The open WebSockets. */
  public Tunnels tunnels() {
    return tunnels;
  }

  /** Where the traffic goes, with a host that can be opened from this machine. */
  public URI uri() {
    return uri(connector);
  }

  /** Where administration is, when it has a port of its own. */
  public Optional<URI> adminUri() {
    return Optional.ofNullable(adminConnector).map(GatewayServer::uri);
  }

  /** The administrator's token, when this start has made it. */
  public Optional<String> freshAdminToken() {
    return freshAdminToken;
  }

  private static URI uri(ServerConnector connector) {
    String host = connector.getHost();
    boolean any = host == null || host.equals("0.0.0.0") || host.equals("::");
    String shown = any ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
    boolean secure = connector.getConnectionFactory(SslConnectionFactory.class) != null;
    return URI.create((secure ? "https://" : "http://") + shown + ":" + connector.getLocalPort());
  }

  /** Waits until the server has stopped. */
  public void join() throws InterruptedException {
    server.join();
  }

  /**
   * Drains and stops: readiness turns 503, and the drain delay goes by while all is served as ever. Then no more
   * connections are taken, requests under way and those that still arrive on open connections are answered, WebSockets are
   * closed with 1001, at the latest until the shutdown timeout is over. A second call does nothing.
   */
  @Override
  public void close() {
    if (!drain.beginLeaving()) {
      return;
    }
    try {
      if (server.isStarted()) {
        Thread.sleep(gatehouse.settings().server().drainDelay().toMillis());
      }
      drain.beginDrain();
      connector.close();
      live.close();
      tunnels.drain();
      Duration deadline = gatehouse.settings().server().shutdownTimeout();
      long begin = System.nanoTime();
      if (!awaitIdle(deadline)) {
        log.warn("{} requests were still under way after {} and were cut off", drain.underWay(), deadline);
      }
      if (!tunnels.awaitNone(deadline.minusNanos(System.nanoTime() - begin))) {
        log.warn("{} WebSockets were still open after {} and were cut off", tunnels.openNow(), deadline);
        tunnels.cut();
      }
      server.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      log.error("The server did not stop cleanly", e);
    } finally {
      watch(Duration.ZERO);
      if (tls != null) {
        tls.close();
      }
      if (metrics != null) {
        metrics.close(); // or the JVM would tell it of every collection, and keep all of this, for good
      }
      gatehouse.close();
    }
  }

  /**
   * Waits for what is under way, and tells the clients of HTTP/2 to go: each when it has nothing under way, and at half
   * time the rest. A client may go on with what it has asked for when it is told, but some give it up, that of Java 17
   * among them.
   */
  private boolean awaitIdle(Duration deadline) throws InterruptedException {
    Duration left = deadline;
    while (left.compareTo(LOOK) > 0) {
      Connectors.sayGoodbye(connector, left.multipliedBy(2).compareTo(deadline) <= 0);
      if (drain.awaitIdle(LOOK)) {
        return true;
      }
      left = left.minus(LOOK);
    }
    return drain.awaitIdle(left);
  }
}
