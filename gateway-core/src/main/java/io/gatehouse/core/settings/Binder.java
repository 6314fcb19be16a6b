package io.gatehouse.core.settings;

import io.gatehouse.Enforcement;
import io.gatehouse.core.settings.Catalog.Level;
import io.gatehouse.core.settings.DatabaseSettings.Driver;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Endpoint;
import io.gatehouse.limit.EndpointLimits;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import io.gatehouse.upstream.Upstream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Puts values into the records, and finds those that are each good and do not go together. */
final class Binder {

  private static final List<Duration> WINDOWS =
      List.of(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofDays(1));

  private final Values values;
  private final Map<String, List<Origin>> elements;
  private final Checks checks;
  private final RoutingBinder routing;

  /**
   * @param elements where the elements of each list begin
   */
  Binder(Values values, Map<String, List<Origin>> elements, List<Fault> faults) {
    this.values = values;
    this.elements = elements;
    this.checks = new Checks(values, faults);
    this.routing = new RoutingBinder(values, elements, checks);
  }

  /** The tree; of use only when no fault was added. */
  Settings settings() {
    HealthCheckSettings healthCheck = healthCheck();
    BalancerSettings balancer = balancer();
    List<RouteSettings> routes = routing.routes();
    return new Settings(
        server(),
        values.get(Catalog.DATA_DIR),
        database(),
        redis(),
        backends(),
        routing.pools(balancer, healthCheck),
        routes,
        healthCheck,
        balancer,
        discovery(),
        proxy(),
        new ImageBinder(values, routing, checks, elements.get(Catalog.IMAGE_TENANTS)).images(routes),
        new CacheSettings(values.get(Catalog.CACHE_MEMORY), values.get(Catalog.CACHE_DISK)),
        rateLimits(),
        abuse(),
        quotas(),
        auth(),
        admin(),
        observability(),
        requestLog(),
        upload());
  }

  private ServerSettings server() {
    return new ServerSettings(
        values.get(Catalog.SERVER_HOST),
        values.get(Catalog.SERVER_PORT),
        values.get(Catalog.SERVER_READ_TIMEOUT),
        values.get(Catalog.SERVER_WRITE_TIMEOUT),
        values.get(Catalog.SERVER_IDLE_TIMEOUT),
        values.get(Catalog.SERVER_SHUTDOWN_TIMEOUT),
        values.get(Catalog.SERVER_DRAIN_DELAY),
        values.get(Catalog.SERVER_RELOAD_INTERVAL),
        values.get(Catalog.SERVER_MAX_REQUEST_BODY),
        values.get(Catalog.SERVER_MIN_BODY_RATE),
        Math.toIntExact(values.get(Catalog.SERVER_MAX_HEADER_SIZE)),
        values.get(Catalog.SERVER_TRUSTED_PROXIES),
        values.get(Catalog.SERVER_HTTP2),
        tls());
  }

  private Optional<TlsSettings> tls() {
    Optional<Path> certificate = values.get(Catalog.SERVER_TLS_CERTIFICATE);
    Optional<Path> key = values.get(Catalog.SERVER_TLS_PRIVATE_KEY);
    needs(Catalog.SERVER_TLS_PRIVATE_KEY, Catalog.SERVER_TLS_CERTIFICATE);
    needs(Catalog.SERVER_TLS_CERTIFICATE, Catalog.SERVER_TLS_PRIVATE_KEY);
    return certificate.flatMap(chain -> key.map(
        its -> new TlsSettings(chain, its, values.get(Catalog.SERVER_TLS_MINIMUM_VERSION))));
  }

  /** A setting that is of use only together with the path of a file. */
  private void needs(Setting<?> one, Setting<Optional<Path>> other) {
    if (values.isSet(one.path()) && !values.isMentioned(other.path())) {
      fault(other.path(), values.origin(one.path()), "missing (expected: the path of a file, with " + one.path() + ")",
          "");
    }
  }

  private DatabaseSettings database() {
    String driverPath = Catalog.DATABASE_DRIVER.path();
    Optional<Secret> dsn = values.get(Catalog.DATABASE_DSN);
    boolean postgresDsn = dsn.map(Secret::reveal).filter(Binder::isPostgres).isPresent();
    if (postgresDsn && !values.isMentioned(driverPath)) {
      values.derive(Catalog.DATABASE_DRIVER, "postgres", Catalog.DATABASE_DSN);
    }
    Driver driver = values.get(Catalog.DATABASE_DRIVER);
    if (values.isSound(driverPath) && values.isSound(Catalog.DATABASE_DSN.path())) {
      if (driver == Driver.POSTGRES && dsn.isEmpty()) {
        fault(
            Catalog.DATABASE_DSN.path(), values.origin(driverPath),
            "missing (expected: with driver postgres, its address)",
            "such as postgres://user:password@localhost:5432/gatehouse");
      } else if (driver == Driver.POSTGRES && !postgresDsn) {
        fault(Catalog.DATABASE_DSN.path(), values.origin(Catalog.DATABASE_DSN.path()),
            "not an address of PostgreSQL (expected: postgres://..., postgresql://... or jdbc:postgresql://...)", "");
      } else if (driver == Driver.SQLITE && (postgresDsn || dsn.filter(Binder::isAddress).isPresent())) {
        fault(Catalog.DATABASE_DSN.path(), values.origin(Catalog.DATABASE_DSN.path()),
            "not the path of a file (expected: one, with driver sqlite)",
            postgresDsn ? "did you mean database.driver: postgres?" : "");
      }
    }
    return new DatabaseSettings(
        driver,
        dsn,
        values.get(Catalog.DATABASE_MAX_CONNECTIONS),
        values.get(Catalog.DATABASE_CONNECT_TIMEOUT),
        values.get(Catalog.DATABASE_QUERY_TIMEOUT));
  }

  private static boolean isPostgres(String dsn) {
    return dsn.startsWith("postgres://") || dsn.startsWith("postgresql://") || dsn.startsWith("jdbc:postgresql:");
  }

  private static boolean isAddress(Secret dsn) {
    return dsn.reveal().contains("://");
  }

  private Optional<RedisSettings> redis() {
    String address = Catalog.REDIS_ADDR.path();
    if (!values.isMentioned(address) && !values.isEmptied(address)) {
      Stream.of(Catalog.REDIS_PASSWORD, Catalog.REDIS_DB, Catalog.REDIS_CLUSTER, Catalog.REDIS_TIMEOUT,
              Catalog.REDIS_MAX_CONNECTIONS)
          .filter(other -> values.isSet(other.path())).findFirst().ifPresent(other -> fault(
              address, values.origin(other.path()), "missing (expected: host:port or redis://host:port)",
              "such as localhost:6379"));
    }
    if (values.get(Catalog.REDIS_CLUSTER) && values.get(Catalog.REDIS_DB) != 0) {
      fault(
          Catalog.REDIS_DB.path(), values.origin(Catalog.REDIS_DB.path()),
          values.get(Catalog.REDIS_DB) + " (expected: 0 with redis.cluster)", "a cluster has one database");
    }
    return values.get(Catalog.REDIS_ADDR).map(server -> new RedisSettings(
        server,
        values.get(Catalog.REDIS_PASSWORD),
        values.get(Catalog.REDIS_DB),
        values.get(Catalog.REDIS_CLUSTER),
        values.get(Catalog.REDIS_TIMEOUT),
        values.get(Catalog.REDIS_MAX_CONNECTIONS)));
  }

  private List<Upstream> backends() {
    List<Upstream> backends = new ArrayList<>();
    Map<String, String> seen = new HashMap<>();
    List<Origin> begins = elements.get(Catalog.BACKENDS);
    for (int i = 0; i < begins.size(); i++) {
      String url = Catalog.BACKEND_URL.at(i);
      Duration interval = interval(Catalog.BACKEND_INTERVAL.at(i));
      if (values.isSet(url)) {
        URI uri = values.get(Catalog.BACKEND_URL, url);
        String first = seen.putIfAbsent(withPort(uri), url);
        if (first != null) {
          fault(url, values.origin(url), uri + " (expected: an address of its own)", "the same as " + first);
        }
        int weight = values.get(Catalog.BACKEND_WEIGHT, Catalog.BACKEND_WEIGHT.at(i));
        String pool = routing.pool(Catalog.BACKEND_POOL, Catalog.BACKEND_POOL.at(i));
        backends.add(new Upstream(uri, weight, Upstream.State.ENABLED, interval, pool));
      } else if (values.isSound(url)) {
        fault(url, begins.get(i), "missing (expected: " + Catalog.BACKEND_URL.type().expected() + ")", "");
      }
    }
    return backends;
  }

  private Duration interval(String path) {
    Duration interval = values.get(Catalog.BACKEND_INTERVAL, path);
    Duration timeout = values.get(Catalog.HEALTH_TIMEOUT);
    if (interval.compareTo(timeout) < 0 && values.isSound(path) && values.isSound(Catalog.HEALTH_TIMEOUT.path())) {
      boolean said = values.isSet(path);
      fault(
          path, values.origin(said ? path : Catalog.HEALTH_TIMEOUT.path()),
          Catalog.BACKEND_INTERVAL.type().write(interval) + " (expected: no less than health_check.timeout, "
              + Catalog.HEALTH_TIMEOUT.type().write(timeout) + ")", "");
    }
    return interval;
  }

  private static String withPort(URI uri) {
    int usual = uri.getScheme().equals("https") ? 443 : 80;
    return uri.getScheme() + "://" + uri.getHost() + ":" + (uri.getPort() < 0 ? usual : uri.getPort());
  }

  private HealthCheckSettings healthCheck() {
    return new HealthCheckSettings(
        values.get(Catalog.HEALTH_PATH),
        values.get(Catalog.HEALTH_RENDER_PATH),
        values.get(Catalog.HEALTH_TIMEOUT),
        values.get(Catalog.HEALTH_FAST_INTERVAL),
        values.get(Catalog.HEALTH_UNHEALTHY_AFTER),
        values.get(Catalog.HEALTH_HEALTHY_AFTER));
  }

  private BalancerSettings balancer() {
    return new BalancerSettings(
        values.get(Catalog.BALANCER_ALGORITHM),
        values.get(Catalog.BALANCER_HASH_KEY),
        values.get(Catalog.BALANCER_SLOW_START),
        values.get(Catalog.BALANCER_PANIC_THRESHOLD),
        new BalancerSettings.Outliers(
            values.get(Catalog.OUTLIER_ANSWERS),
            values.get(Catalog.OUTLIER_FAILURES),
            values.get(Catalog.OUTLIER_BASE),
            maxEjection(),
            values.get(Catalog.OUTLIER_SHARE)),
        new BalancerSettings.Breaker(
            values.get(Catalog.BREAKER_MAX_REQUESTS),
            values.get(Catalog.BREAKER_TRIALS),
            values.get(Catalog.BREAKER_SHARE),
            values.get(Catalog.BREAKER_MIN_REQUESTS),
            values.get(Catalog.BREAKER_OPEN_FOR)));
  }

  private Duration maxEjection() {
    Duration most = values.get(Catalog.OUTLIER_MAX);
    Duration base = values.get(Catalog.OUTLIER_BASE);
    String path = Catalog.OUTLIER_MAX.path();
    String basePath = Catalog.OUTLIER_BASE.path();
    if (most.compareTo(base) < 0 && values.isSound(path) && values.isSound(basePath)) {
      fault(
          path, values.origin(values.isSet(path) ? path : basePath),
          Catalog.OUTLIER_MAX.type().write(most) + " (expected: no less than " + basePath + ", "
              + Catalog.OUTLIER_BASE.type().write(base) + ")", "");
    }
    return most;
  }

  private DiscoverySettings discovery() {
    return new DiscoverySettings(
        values.get(Catalog.DISCOVERY_DNS),
        values.get(Catalog.DISCOVERY_SRV),
        values.get(Catalog.DISCOVERY_FILE),
        values.get(Catalog.DISCOVERY_INTERVAL),
        routing.pool(Catalog.DISCOVERY_POOL, Catalog.DISCOVERY_POOL.path()));
  }

  private ProxySettings proxy() {
    return new ProxySettings(
        values.get(Catalog.PROXY_CONNECT_TIMEOUT),
        values.get(Catalog.PROXY_RESPONSE_TIMEOUT),
        values.get(Catalog.PROXY_IDLE_TIMEOUT),
        values.get(Catalog.PROXY_WEBSOCKET_IDLE_TIMEOUT),
        values.get(Catalog.PROXY_TOTAL_TIMEOUT),
        values.get(Catalog.PROXY_HEDGE_AFTER),
        values.get(Catalog.PROXY_MAX_CONNECTIONS),
        values.get(Catalog.PROXY_MAX_ATTEMPTS),
        values.get(Catalog.PROXY_TLS_CA_CERTIFICATES),
        proxyVerify(),
        values.get(Catalog.IMGPROXY_DEBUG_FIELDS));
  }

  private boolean proxyVerify() {
    boolean verify = values.get(Catalog.PROXY_TLS_VERIFY);
    if (!verify && values.isSet(Catalog.PROXY_TLS_CA_CERTIFICATES.path())) {
      fault(Catalog.PROXY_TLS_CA_CERTIFICATES.path(), values.origin(Catalog.PROXY_TLS_CA_CERTIFICATES.path()),
          "set, while " + Catalog.PROXY_TLS_VERIFY.path() + " is false", "remove one");
    }
    return verify;
  }

  private RateLimitSettings rateLimits() {
    return new RateLimitSettings(
        limits(Catalog.IP_LEVEL),
        limits(Catalog.USER_LEVEL),
        limits(Catalog.KEY_LEVEL),
        limits(Catalog.TENANT_LEVEL),
        limits(Catalog.API_LEVEL),
        endpoints(),
        values.get(Catalog.CONCURRENCY_TIMEOUT),
        values.get(Catalog.REFUSALS_PER_MINUTE),
        values.get(Catalog.IPV6_PREFIX),
        values.get(Catalog.WHEN_UNREACHABLE));
  }

  private List<Limit> limits(Level level) {
    if (values.isSet(level.off().path())) {
      level.rules().all().stream().filter(setting -> values.isSet(setting.path())).forEach(setting -> fault(
          setting.path(), values.origin(setting.path()),
          "set, while " + level.off().path() + " is none", "remove one"));
      return List.of();
    }
    return limits(level.rules(), Setting::path);
  }

  /** @param at where a setting of the rules stands */
  private List<Limit> limits(Catalog.Rules rules, Function<Setting<?>, String> at) {
    Optional<Long> burst = values.get(rules.burst(), at.apply(rules.burst()));
    Algorithm algorithm = values.get(rules.algorithm(), at.apply(rules.algorithm()));
    if (burst.isPresent() && algorithm != Algorithm.TOKEN_BUCKET) {
      String path = at.apply(rules.burst());
      boolean said = values.isSet(path);
      fault(path, values.origin(said ? path : at.apply(rules.algorithm())),
          "a burst, while algorithm is " + rules.algorithm().type().write(algorithm),
          "only a token-bucket has a burst");
      burst = Optional.empty();
    }
    List<Limit> limits = new ArrayList<>();
    for (int i = 0; i < WINDOWS.size(); i++) {
      String path = at.apply(rules.windows().get(i));
      Optional<Long> permits = values.get(rules.windows().get(i), path);
      if (permits.isPresent() && isCountable(permits.get(), algorithm, path)) {
        long whole = permits.get();
        long atOnce = limits.isEmpty() ? burst.orElse(whole) : whole;
        limits.add(new Limit(whole, WINDOWS.get(i), atOnce, algorithm, Enforcement.ENFORCED));
      }
    }
    boolean sound = rules.windows().stream().allMatch(window -> values.isSound(at.apply(window)));
    boolean none = rules.windows().stream().noneMatch(window -> values.get(window, at.apply(window)).isPresent());
    if (none && sound) {
      Stream.of(rules.burst(), rules.algorithm()).filter(setting -> values.isSet(at.apply(setting))).forEach(
          setting -> fault(at.apply(setting), values.origin(at.apply(setting)),
              (setting == rules.burst() ? "a burst" : "an algorithm") + " of no limit",
              "set " + at.apply(rules.perMinute()) + ", or another window"));
    }
    values.get(rules.concurrent(), at.apply(rules.concurrent())).ifPresent(permits ->
        limits.add(Limit.of(permits, values.get(Catalog.CONCURRENCY_TIMEOUT), Algorithm.CONCURRENCY)));
    return values.get(rules.shadow(), at.apply(rules.shadow())) ? limits.stream().map(Limit::asShadow).toList() : limits;
  }

  private boolean isCountable(long permits, Algorithm algorithm, String path) {
    if (algorithm != Algorithm.SLIDING_LOG || permits <= Limit.MOST_LOGGED) {
      return true;
    }
    fault(path, values.origin(path), permits + " (expected: 1 to " + Limit.MOST_LOGGED + " with a sliding-log)", "");
    return false;
  }

  private List<EndpointLimits> endpoints() {
    List<EndpointLimits> endpoints = new ArrayList<>();
    Map<String, String> seen = new HashMap<>();
    List<Origin> begins = elements.get(Catalog.ENDPOINTS);
    for (int i = 0; i < begins.size(); i++) {
      int index = i;
      List<Limit> limits = limits(Catalog.ENDPOINT_RULES, setting -> setting.at(index));
      String cost = Catalog.ENDPOINT_COST.at(i);
      requirePassable(values.get(Catalog.ENDPOINT_COST, cost), limits, cost);
      if (checks.require(Catalog.ENDPOINT_NAME, i, begins) & checks.require(Catalog.ENDPOINT_PATH, i, begins)) {
        String name = checks.requireUnique(Catalog.ENDPOINT_NAME, Catalog.ENDPOINT_NAME.at(i), seen);
        endpoints.add(new EndpointLimits(
            new Endpoint(
                name,
                values.get(Catalog.ENDPOINT_PATH, Catalog.ENDPOINT_PATH.at(i)),
                Set.copyOf(values.get(Catalog.ENDPOINT_METHODS, Catalog.ENDPOINT_METHODS.at(i)))),
            values.get(Catalog.ENDPOINT_COST, cost),
            values.get(Catalog.ENDPOINT_PER, Catalog.ENDPOINT_PER.at(i)),
            limits));
      }
    }
    return endpoints;
  }

  private void requirePassable(long cost, List<Limit> limits, String path) {
    limits.stream()
        .filter(limit -> limit.algorithm() != Algorithm.CONCURRENCY && limit.burst() < cost)
        .findFirst()
        .ifPresent(limit -> fault(path, values.origin(path),
            cost + " (expected: at most " + limit.burst() + ", which may come at once)",
            "no request would ever pass"));
  }

  private AbuseSettings abuse() {
    return new AbuseSettings(
        values.get(Catalog.ABUSE_MODE),
        values.get(Catalog.ABUSE_BAD_KEYS),
        values.get(Catalog.ABUSE_KEY_REFUSALS),
        values.get(Catalog.ABUSE_SPIKE_FACTOR),
        values.get(Catalog.ABUSE_SPIKE_REQUESTS),
        values.get(Catalog.ABUSE_FIRST),
        longestSuspension(),
        values.get(Catalog.ABUSE_MEMORY),
        values.get(Catalog.ABUSE_EXEMPT),
        values.get(Catalog.ABUSE_COUNTRIES_FILE));
  }

  private Duration longestSuspension() {
    Duration longest = values.get(Catalog.ABUSE_LONGEST);
    Duration first = values.get(Catalog.ABUSE_FIRST);
    String path = Catalog.ABUSE_LONGEST.path();
    String firstPath = Catalog.ABUSE_FIRST.path();
    if (longest.compareTo(first) < 0 && values.isSound(path) && values.isSound(firstPath)) {
      fault(
          path, values.origin(values.isSet(path) ? path : firstPath),
          Catalog.ABUSE_LONGEST.type().write(longest) + " (expected: no less than " + firstPath + ", "
              + Catalog.ABUSE_FIRST.type().write(first) + ")", "");
    }
    return longest;
  }

  private QuotaSettings quotas() {
    List<Quota> quotas = new ArrayList<>();
    add(quotas, Meter.REQUESTS, Window.DAY, values.get(Catalog.REQUESTS_PER_DAY));
    add(quotas, Meter.REQUESTS, Window.MONTH, values.get(Catalog.REQUESTS_PER_MONTH));
    add(quotas, Meter.BYTES, Window.DAY, values.get(Catalog.BYTES_PER_DAY));
    add(quotas, Meter.BYTES, Window.MONTH, values.get(Catalog.BYTES_PER_MONTH));
    add(quotas, Meter.REQUEST_BYTES, Window.DAY, values.get(Catalog.REQUEST_BYTES_PER_DAY));
    add(quotas, Meter.REQUEST_BYTES, Window.MONTH, values.get(Catalog.REQUEST_BYTES_PER_MONTH));
    add(quotas, Meter.RESPONSE_BYTES, Window.DAY, values.get(Catalog.RESPONSE_BYTES_PER_DAY));
    add(quotas, Meter.RESPONSE_BYTES, Window.MONTH, values.get(Catalog.RESPONSE_BYTES_PER_MONTH));
    add(quotas, Meter.PIXELS, Window.DAY, pixels(Catalog.MEGAPIXELS_PER_DAY));
    add(quotas, Meter.PIXELS, Window.MONTH, pixels(Catalog.MEGAPIXELS_PER_MONTH));
    add(quotas, Meter.STORED_BYTES, Window.LIFETIME, values.get(Catalog.STORED_BYTES));
    return new QuotaSettings(
        values.get(Catalog.QUOTA_SHADOW) ? shadows(quotas) : quotas,
        new BillingCalendar(values.get(Catalog.TIME_ZONE), values.get(Catalog.BILLING_DAY)),
        values.get(Catalog.WHEN_EXHAUSTED),
        values.get(Catalog.THRESHOLDS),
        values.get(Catalog.FLUSH_INTERVAL));
  }

  private void add(List<Quota> quotas, Meter meter, Window window, Optional<Long> most) {
    most.ifPresent(amount -> quotas.add(new Quota(meter, window, amount, values.get(Catalog.QUOTA_BEYOND))));
  }

  private Optional<Long> pixels(Setting<Optional<Long>> megapixels) {
    return values.get(megapixels).map(amount -> amount * Meter.MEGAPIXEL);
  }

  private List<Quota> shadows(List<Quota> quotas) {
    if (values.get(Catalog.QUOTA_BEYOND) != Beyond.HARD) {
      fault(Catalog.QUOTA_BEYOND.path(), values.origin(Catalog.QUOTA_BEYOND.path()),
          "set, while " + Catalog.QUOTA_SHADOW.path() + " is true (expected: hard)", "remove one");
      return quotas;
    }
    // What is stored is stored, shadow or not, and so its quota has none.
    return quotas.stream().map(quota -> quota.meter().isTransferred() ? quota.asShadow() : quota).toList();
  }

  private AuthSettings auth() {
    int pepperVersion = Math.toIntExact(values.get(Catalog.AUTH_PEPPER_VERSION));
    if (values.get(Catalog.AUTH_OTHER_PEPPERS).containsKey(pepperVersion)) {
      String path = Catalog.AUTH_OTHER_PEPPERS.path();
      fault(path, values.origin(path), "one has the number " + pepperVersion + " (expected: other numbers than "
          + Catalog.AUTH_PEPPER_VERSION.path() + ")", "");
    }
    return new AuthSettings(
        values.get(Catalog.AUTH_REQUIRED),
        values.get(Catalog.AUTH_QUERY_PARAMETER),
        values.get(Catalog.AUTH_KEY_PREFIX),
        values.get(Catalog.AUTH_ENVIRONMENT),
        values.get(Catalog.AUTH_PEPPER),
        pepperVersion,
        values.get(Catalog.AUTH_OTHER_PEPPERS),
        values.get(Catalog.AUTH_IMPORTED_KEYS),
        values.get(Catalog.AUTH_CACHE_SIZE),
        values.get(Catalog.AUTH_CACHE_TTL),
        values.get(Catalog.AUTH_NEGATIVE_TTL),
        values.get(Catalog.AUTH_STALE_FOR),
        Math.toIntExact(values.get(Catalog.AUTH_WARM_KEYS)));
  }

  private AdminSettings admin() {
    Optional<InetSocketAddress> listen = values.get(Catalog.ADMIN_LISTEN);
    int port = values.get(Catalog.SERVER_PORT);
    if (port != 0 && listen.isPresent() && listen.get().getPort() == port
        && values.isSound(Catalog.SERVER_PORT.path())) {
      fault(Catalog.ADMIN_LISTEN.path(), values.origin(Catalog.ADMIN_LISTEN.path()),
          "port " + port + " (expected: another than server.port)",
          "leave it out to serve administration on the server's port");
    }
    boolean tls = values.get(Catalog.ADMIN_TLS);
    if (tls) {
      needs(Catalog.ADMIN_TLS, Catalog.SERVER_TLS_CERTIFICATE);
      if (!values.isMentioned(Catalog.ADMIN_LISTEN.path())) {
        fault(Catalog.ADMIN_TLS.path(), values.origin(Catalog.ADMIN_TLS.path()),
            "true (expected: false, without admin.listen)", "administration speaks what the server's port speaks");
      }
    }
    Optional<Secret> token = values.get(Catalog.ADMIN_TOKEN);
    Optional<Secret> registrationToken = values.get(Catalog.ADMIN_REGISTRATION_TOKEN);
    if (token.isPresent() && registrationToken.equals(token)) {
      fault(Catalog.ADMIN_REGISTRATION_TOKEN.path(), values.origin(Catalog.ADMIN_REGISTRATION_TOKEN.path()),
          "the same as " + Catalog.ADMIN_TOKEN.path(), "backends must not be administrators; give them another");
    }
    return new AdminSettings(
        listen,
        tls,
        token,
        registrationToken,
        values.get(Catalog.ADMIN_CONSOLE),
        values.get(Catalog.ADMIN_AUDIT_KEEP));
  }

  private ObservabilitySettings observability() {
    return new ObservabilitySettings(
        values.get(Catalog.METRICS_ENABLED),
        values.get(Catalog.PROMETHEUS_PATH),
        values.get(Catalog.METRICS_ALLOW),
        values.get(Catalog.LOG_LEVEL),
        values.get(Catalog.LOG_FORMAT));
  }

  private RequestLogSettings requestLog() {
    return new RequestLogSettings(
        values.get(Catalog.REQUEST_LOG_ENABLED),
        values.get(Catalog.REQUEST_LOG_SAMPLE),
        values.get(Catalog.REQUEST_LOG_ALWAYS_ERRORS),
        values.get(Catalog.REQUEST_LOG_QUERY),
        values.get(Catalog.REQUEST_LOG_KEEP),
        values.get(Catalog.REQUEST_LOG_MAX_ROWS));
  }

  private UploadSettings upload() {
    return new UploadSettings(
        values.get(Catalog.UPLOAD_DIRECTORY),
        uploadS3(),
        values.get(Catalog.UPLOAD_MAX_BYTES),
        values.get(Catalog.UPLOAD_MAX_PIXELS),
        values.get(Catalog.UPLOAD_MAX_SIDE),
        values.get(Catalog.UPLOAD_MAX_FRAMES),
        values.get(Catalog.UPLOAD_MAX_CONCURRENT),
        values.get(Catalog.UPLOAD_URLS),
        values.get(Catalog.UPLOAD_URLS_EXPIRE_IN));
  }

  private Optional<UploadSettings.S3> uploadS3() {
    Optional<URI> endpoint = values.get(Catalog.UPLOAD_S3_ENDPOINT);
    Optional<String> bucket = values.get(Catalog.UPLOAD_S3_BUCKET);
    Optional<Secret> accessKey = values.get(Catalog.UPLOAD_S3_ACCESS_KEY);
    Optional<Secret> secretKey = values.get(Catalog.UPLOAD_S3_SECRET_KEY);
    if (endpoint.isEmpty()) {
      Stream.of(Catalog.UPLOAD_S3_ACCESS_KEY, Catalog.UPLOAD_S3_SECRET_KEY, Catalog.UPLOAD_S3_BUCKET)
          .filter(other -> values.isSet(other.path())).findFirst().ifPresent(other -> fault(
              Catalog.UPLOAD_S3_ENDPOINT.path(), values.origin(other.path()),
              "missing (expected: " + Catalog.UPLOAD_S3_ENDPOINT.type().expected() + ")", ""));
      return Optional.empty();
    }
    Origin origin = values.origin(Catalog.UPLOAD_S3_ENDPOINT.path());
    if (values.get(Catalog.UPLOAD_DIRECTORY).isPresent()) {
      fault(
          Catalog.UPLOAD_S3_ENDPOINT.path(), origin, endpoint.get() + " (expected: either this or upload.directory)", "");
    }
    boolean whole = requireWithEndpoint(Catalog.UPLOAD_S3_BUCKET, bucket, origin)
        & requireWithEndpoint(Catalog.UPLOAD_S3_ACCESS_KEY, accessKey, origin)
        & requireWithEndpoint(Catalog.UPLOAD_S3_SECRET_KEY, secretKey, origin);
    if (!whole) {
      return Optional.empty();
    }
    return Optional.of(new UploadSettings.S3(
        endpoint.get(),
        values.get(Catalog.UPLOAD_S3_REGION),
        bucket.orElseThrow(),
        values.get(Catalog.UPLOAD_S3_PREFIX),
        accessKey.orElseThrow(),
        secretKey.orElseThrow()));
  }

  private boolean requireWithEndpoint(Setting<?> setting, Optional<?> value, Origin endpoint) {
    if (value.isEmpty() && values.isSound(setting.path())) {
      fault(setting.path(), endpoint, "missing (expected: " + setting.type().expected() + ")", "");
    }
    return value.isPresent();
  }

  private void fault(String path, Origin origin, String message, String hint) {
    checks.fault(path, origin, message, hint);
  }
}
