package io.gatehouse.core.settings;

import io.gatehouse.core.settings.Catalog.Level;
import io.gatehouse.core.settings.DatabaseSettings.Driver;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import io.gatehouse.upstream.Upstream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Puts values into the records, and finds those that are each good and do not go together. */
final class Binder {

  private static final List<Duration> WINDOWS =
      List.of(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofHours(1), Duration.ofDays(1));

  private final Values values;
  private final List<Origin> elements;
  private final List<Fault> faults;

  /**
   * @param elements where the backends begin
   */
  Binder(Values values, List<Origin> elements, List<Fault> faults) {
    this.values = values;
    this.elements = elements;
    this.faults = faults;
  }

  /** The tree; of use only when no fault was added. */
  Settings settings() {
    return new Settings(
        server(),
        values.get(Catalog.DATA_DIR),
        database(),
        redis(),
        backends(),
        healthCheck(),
        proxy(),
        rateLimits(),
        quotas(),
        auth(),
        admin(),
        observability());
  }

  private ServerSettings server() {
    return new ServerSettings(
        values.get(Catalog.SERVER_HOST),
        values.get(Catalog.SERVER_PORT),
        values.get(Catalog.SERVER_READ_TIMEOUT),
        values.get(Catalog.SERVER_WRITE_TIMEOUT),
        values.get(Catalog.SERVER_IDLE_TIMEOUT),
        values.get(Catalog.SERVER_SHUTDOWN_TIMEOUT),
        values.get(Catalog.SERVER_MAX_REQUEST_BODY),
        Math.toIntExact(values.get(Catalog.SERVER_MAX_HEADER_SIZE)),
        values.get(Catalog.SERVER_TRUSTED_PROXIES));
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
      Stream.of(Catalog.REDIS_PASSWORD, Catalog.REDIS_DB, Catalog.REDIS_TIMEOUT, Catalog.REDIS_MAX_CONNECTIONS)
          .filter(other -> values.isSet(other.path())).findFirst().ifPresent(other -> fault(
              address, values.origin(other.path()), "missing (expected: host:port or redis://host:port)",
              "such as localhost:6379"));
    }
    return values.get(Catalog.REDIS_ADDR).map(server -> new RedisSettings(
        server,
        values.get(Catalog.REDIS_PASSWORD),
        values.get(Catalog.REDIS_DB),
        values.get(Catalog.REDIS_TIMEOUT),
        values.get(Catalog.REDIS_MAX_CONNECTIONS)));
  }

  private List<Upstream> backends() {
    List<Upstream> backends = new ArrayList<>();
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < elements.size(); i++) {
      String url = Catalog.BACKEND_URL.at(i);
      Duration interval = interval(Catalog.BACKEND_INTERVAL.at(i));
      if (values.isSet(url)) {
        URI uri = values.get(Catalog.BACKEND_URL, url);
        String first = seen.putIfAbsent(withPort(uri), url);
        if (first != null) {
          fault(url, values.origin(url), uri + " (expected: an address of its own)", "the same as " + first);
        }
        int weight = values.get(Catalog.BACKEND_WEIGHT, Catalog.BACKEND_WEIGHT.at(i));
        backends.add(new Upstream(uri, weight, Upstream.State.ENABLED, interval));
      } else if (values.isSound(url)) {
        fault(url, elements.get(i), "missing (expected: " + Catalog.BACKEND_URL.type().expected() + ")", "");
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
        values.get(Catalog.HEALTH_TIMEOUT),
        values.get(Catalog.HEALTH_FAST_INTERVAL),
        values.get(Catalog.HEALTH_UNHEALTHY_AFTER),
        values.get(Catalog.HEALTH_HEALTHY_AFTER));
  }

  private ProxySettings proxy() {
    return new ProxySettings(
        values.get(Catalog.PROXY_CONNECT_TIMEOUT),
        values.get(Catalog.PROXY_RESPONSE_TIMEOUT),
        values.get(Catalog.PROXY_IDLE_TIMEOUT),
        values.get(Catalog.PROXY_WEBSOCKET_IDLE_TIMEOUT),
        values.get(Catalog.PROXY_MAX_CONNECTIONS),
        values.get(Catalog.PROXY_MAX_ATTEMPTS));
  }

  private RateLimitSettings rateLimits() {
    return new RateLimitSettings(
        limits(Catalog.IP_LEVEL),
        limits(Catalog.USER_LEVEL),
        limits(Catalog.API_LEVEL),
        values.get(Catalog.IPV6_PREFIX),
        values.get(Catalog.WHEN_UNREACHABLE));
  }

  private List<Limit> limits(Level level) {
    if (values.isSet(level.off().path())) {
      level.all().stream().filter(setting -> values.isSet(setting.path())).forEach(setting -> fault(
          setting.path(), values.origin(setting.path()),
          "set, while " + level.off().path() + " is none", "remove one"));
      return List.of();
    }
    List<Limit> limits = new ArrayList<>();
    Optional<Long> burst = values.get(level.burst());
    for (int i = 0; i < WINDOWS.size(); i++) {
      Optional<Long> permits = values.get(level.windows().get(i));
      if (permits.isPresent()) {
        long whole = permits.get();
        limits.add(new Limit(whole, WINDOWS.get(i), limits.isEmpty() ? burst.orElse(whole) : whole));
      }
    }
    boolean sound = level.windows().stream().allMatch(window -> values.isSound(window.path()));
    if (limits.isEmpty() && burst.isPresent() && sound) {
      fault(level.burst().path(), values.origin(level.burst().path()), "a burst of no limit",
          "set " + level.perMinute().path() + ", or another window");
    }
    return values.get(level.shadow()) ? limits.stream().map(Limit::asShadow).toList() : limits;
  }

  private QuotaSettings quotas() {
    List<Quota> quotas = new ArrayList<>();
    values.get(Catalog.REQUESTS_PER_DAY).ifPresent(most -> quotas.add(new Quota(Meter.REQUESTS, Window.DAY, most)));
    values.get(Catalog.REQUESTS_PER_MONTH).ifPresent(most -> quotas.add(new Quota(Meter.REQUESTS, Window.MONTH, most)));
    values.get(Catalog.BYTES_PER_DAY).ifPresent(most -> quotas.add(new Quota(Meter.BYTES, Window.DAY, most)));
    values.get(Catalog.BYTES_PER_MONTH).ifPresent(most -> quotas.add(new Quota(Meter.BYTES, Window.MONTH, most)));
    if (values.get(Catalog.QUOTA_SHADOW)) {
      quotas.replaceAll(Quota::asShadow);
    }
    return new QuotaSettings(quotas, values.get(Catalog.TIME_ZONE), values.get(Catalog.FLUSH_INTERVAL));
  }

  private AuthSettings auth() {
    return new AuthSettings(
        values.get(Catalog.AUTH_REQUIRED),
        values.get(Catalog.AUTH_QUERY_PARAMETER),
        values.get(Catalog.AUTH_KEY_PREFIX),
        values.get(Catalog.AUTH_ENVIRONMENT),
        values.get(Catalog.AUTH_PEPPER),
        values.get(Catalog.AUTH_CACHE_SIZE),
        values.get(Catalog.AUTH_CACHE_TTL),
        values.get(Catalog.AUTH_NEGATIVE_TTL),
        values.get(Catalog.AUTH_STALE_FOR));
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
    return new AdminSettings(listen, values.get(Catalog.ADMIN_TOKEN));
  }

  private ObservabilitySettings observability() {
    return new ObservabilitySettings(
        values.get(Catalog.METRICS_ENABLED),
        values.get(Catalog.PROMETHEUS_PATH),
        values.get(Catalog.METRICS_ALLOW),
        values.get(Catalog.LOG_LEVEL),
        values.get(Catalog.LOG_FORMAT));
  }

  private void fault(String path, Origin origin, String message, String hint) {
    faults.add(origin.fault(path, message, hint));
  }
}
