package io.gatehouse.core.settings;

import io.gatehouse.upstream.Upstream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * All that can be set, complete and checked: made by {@link SettingsReader}, which fills in the defaults and refuses
 * what is impossible. Immutable; its text holds no secret.
 *
 * @param server how clients are served
 * @param dataDir where the embedded database, the pepper and other state live; default {@code data}
 * @param database where users, keys, limits and usage are kept
 * @param redis where limits are counted for all nodes; empty: in memory, by each node alone
 * @param backends of all pools, in the order written, no two with the same address; default none
 * @param pools the pools, that named {@code default} first
 * @param routes in the order in which they are looked at; empty: everything goes to the pool {@code default}
 * @param healthCheck how backends are probed
 * @param balancer how a backend is picked
 * @param discovery where backends are looked for
 * @param proxy how requests are sent to backends
 * @param images how images are signed and policed; empty: not at all
 * @param cache where answers are kept, of routes that say so
 * @param rateLimits how fast callers may be
 * @param abuse who is suspended for what
 * @param quotas how much callers may use who have no quotas of their own
 * @param auth how callers are known
 * @param admin how administration is reached
 * @param observability what is measured and logged
 * @param requestLog which requests are kept in the database
 * @param upload what may be uploaded, and where it is kept
 */
public record Settings(
    ServerSettings server,
    Path dataDir,
    DatabaseSettings database,
    Optional<RedisSettings> redis,
    List<Upstream> backends,
    List<PoolSettings> pools,
    List<RouteSettings> routes,
    HealthCheckSettings healthCheck,
    BalancerSettings balancer,
    DiscoverySettings discovery,
    ProxySettings proxy,
    Optional<ImageSettings> images,
    CacheSettings cache,
    RateLimitSettings rateLimits,
    AbuseSettings abuse,
    QuotaSettings quotas,
    AuthSettings auth,
    AdminSettings admin,
    ObservabilitySettings observability,
    RequestLogSettings requestLog,
    UploadSettings upload) {

  public Settings {
    Objects.requireNonNull(server, "server");
    Objects.requireNonNull(dataDir, "dataDir");
    Objects.requireNonNull(database, "database");
    Objects.requireNonNull(redis, "redis");
    backends = List.copyOf(backends);
    pools = List.copyOf(pools);
    routes = List.copyOf(routes);
    Objects.requireNonNull(healthCheck, "healthCheck");
    Objects.requireNonNull(balancer, "balancer");
    Objects.requireNonNull(discovery, "discovery");
    Objects.requireNonNull(proxy, "proxy");
    Objects.requireNonNull(images, "images");
    Objects.requireNonNull(cache, "cache");
    Objects.requireNonNull(rateLimits, "rateLimits");
    Objects.requireNonNull(abuse, "abuse");
    Objects.requireNonNull(quotas, "quotas");
    Objects.requireNonNull(auth, "auth");
    Objects.requireNonNull(admin, "admin");
    Objects.requireNonNull(observability, "observability");
    Objects.requireNonNull(requestLog, "requestLog");
    Objects.requireNonNull(upload, "upload");
  }

  /** What holds when nothing is set. */
  public static Settings defaults() {
    return SettingsReader.read(Optional.empty(), Map.of()).settings();
  }
}
