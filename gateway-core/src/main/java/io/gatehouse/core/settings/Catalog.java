package io.gatehouse.core.settings;

import static io.gatehouse.core.settings.Types.backend;
import static io.gatehouse.core.settings.Types.bool;
import static io.gatehouse.core.settings.Types.choice;
import static io.gatehouse.core.settings.Types.count;
import static io.gatehouse.core.settings.Types.duration;
import static io.gatehouse.core.settings.Types.fieldNames;
import static io.gatehouse.core.settings.Types.fields;
import static io.gatehouse.core.settings.Types.file;
import static io.gatehouse.core.settings.Types.hexSecrets;
import static io.gatehouse.core.settings.Types.list;
import static io.gatehouse.core.settings.Types.listen;
import static io.gatehouse.core.settings.Types.networks;
import static io.gatehouse.core.settings.Types.number;
import static io.gatehouse.core.settings.Types.only;
import static io.gatehouse.core.settings.Types.optional;
import static io.gatehouse.core.settings.Types.optionsByName;
import static io.gatehouse.core.settings.Types.path;
import static io.gatehouse.core.settings.Types.peppers;
import static io.gatehouse.core.settings.Types.presets;
import static io.gatehouse.core.settings.Types.percentages;
import static io.gatehouse.core.settings.Types.redis;
import static io.gatehouse.core.settings.Types.regularExpression;
import static io.gatehouse.core.settings.Types.secret;
import static io.gatehouse.core.settings.Types.share;
import static io.gatehouse.core.settings.Types.size;
import static io.gatehouse.core.settings.Types.text;
import static io.gatehouse.core.settings.Types.timeZone;
import static io.gatehouse.core.settings.Types.tlsVersion;

import io.gatehouse.access.Cidr;
import io.gatehouse.core.settings.BalancerSettings.Answers;
import io.gatehouse.core.settings.DatabaseSettings.Driver;
import io.gatehouse.core.settings.ObservabilitySettings.LogFormat;
import io.gatehouse.core.settings.ObservabilitySettings.LogLevel;
import io.gatehouse.core.settings.ProxySettings.DebugFields;
import io.gatehouse.core.settings.QuotaSettings.WhenExhausted;
import io.gatehouse.core.settings.RateLimitSettings.WhenUnreachable;
import io.gatehouse.core.settings.RouteSettings.Partition;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Endpoint;
import io.gatehouse.limit.EndpointLimits.Per;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.Meter;
import io.gatehouse.upstream.Upstream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All settings there are. The only list of them: what the reader accepts, the names in the environment, the printed
 * configuration, the JSON Schema and the table of the documentation all follow from it.
 */
final class Catalog {

  private static final Map<String, Setting<?>> ALL = new LinkedHashMap<>();

  private static final List<Algorithm> WINDOW_ALGORITHMS = List.of(
      Algorithm.TOKEN_BUCKET, Algorithm.SLIDING_WINDOW, Algorithm.SLIDING_LOG, Algorithm.FIXED_WINDOW);

  /** Counts are exact up to 2^53. */
  private static final long MOST_MEGAPIXELS = Limit.MOST / Meter.MEGAPIXEL;

  /** What begins a path that the gateway answers itself. */
  private static final List<String> RESERVED = List.of("/health", "/admin", "/api/v1");

  static final Setting<String> SERVER_HOST = setting("server.host", host(), "0.0.0.0",
      "The address to listen on; 0.0.0.0 is all of the machine.");
  static final Setting<Integer> SERVER_PORT = setting("server.port", number(0, 65535), "8080",
      "The port to listen on; 0 picks a free one.");
  static final Setting<Duration> SERVER_READ_TIMEOUT = setting("server.read_timeout", duration("1ms", "1d"), "30s",
      "How long to wait for the next bytes of a request, for the whole of its head, and for a TLS handshake.");
  static final Setting<Duration> SERVER_WRITE_TIMEOUT = setting("server.write_timeout", duration("1ms", "1d"), "30s",
      "How long a client may take to accept the next bytes of an answer.");
  static final Setting<Duration> SERVER_IDLE_TIMEOUT = setting("server.idle_timeout", duration("1ms", "1d"), "60s",
      "How long a connection may rest between two requests.");
  static final Setting<Duration> SERVER_SHUTDOWN_TIMEOUT = setting("server.shutdown_timeout", duration("0s", "1h"),
      "30s", "How long requests under way may take to end when the server stops.");
  static final Setting<Duration> SERVER_DRAIN_DELAY = setting("server.drain_delay", duration("0s", "1h"), "0s",
      "How long a server that is to stop says so at `/health/ready` while it still takes connections.");
  static final Setting<Duration> SERVER_RELOAD_INTERVAL = setting("server.reload_interval", duration("0s", "1d"), "0s",
      "How often the file of settings is looked at; when its content has changed, it becomes active. 0s is never.");
  static final Setting<Long> SERVER_MAX_REQUEST_BODY = setting("server.max_request_body", size("0", "1024TiB"), "0",
      "The largest request body; 0 is no cap.");
  static final Setting<Long> SERVER_MIN_BODY_RATE = setting("server.min_body_rate", size("0", "1GiB"), "240",
      "How many bytes a second a request body must bring, once it was waited for 10 s in all; 0 is any.");
  static final Setting<Long> SERVER_MAX_HEADER_SIZE = setting("server.max_header_size", size("1KiB", "1MiB"), "16KiB",
      "The largest head of a request: its first line and all fields together.");
  static final Setting<List<Cidr>> SERVER_TRUSTED_PROXIES = setting("server.trusted_proxies", networks(), "",
      "Whose `Forwarded` and `X-Forwarded-*` fields are believed; nobody's by default.");
  static final Setting<Boolean> SERVER_HTTP2 = setting("server.http2", bool(), "true",
      "Whether clients may speak HTTP/2, besides HTTP/1.1 and on the same port.");
  static final Setting<Optional<Path>> SERVER_TLS_CERTIFICATE = setting("server.tls.certificate", optional(file()), "",
      "The PEM file of the server's certificate and those between it and its authority; with it the port speaks TLS.");
  static final Setting<Optional<Path>> SERVER_TLS_PRIVATE_KEY = setting("server.tls.private_key", optional(file()), "",
      "The PEM file of the key of the certificate: PKCS#8, not encrypted; RSA, EC or Ed25519.");
  static final Setting<TlsSettings.Version> SERVER_TLS_MINIMUM_VERSION = setting("server.tls.minimum_version",
      tlsVersion(), "1.3", "The oldest version of TLS that clients may speak.");

  static final Setting<Path> DATA_DIR = setting("data_dir", path(), "data",
      "Where the embedded database, generated secrets and other state live; made when it is not there.");

  static final Setting<Driver> DATABASE_DRIVER = setting("database.driver", choice(Driver.class), "sqlite",
      "Where users, keys, limits and usage are kept; need not be said when `dsn` begins with `postgres`.");
  static final Setting<Optional<Secret>> DATABASE_DSN = setting("database.dsn", optional(secret(1)), "",
      "With postgres, and then required: its address, `postgres://user:password@host:5432/name`. With sqlite: the path"
          + " of its file, by default in `data_dir`.");
  static final Setting<Integer> DATABASE_MAX_CONNECTIONS = setting("database.max_connections", number(1, 1000), "10",
      "The largest number of connections to the database.");
  static final Setting<Duration> DATABASE_CONNECT_TIMEOUT = setting("database.connect_timeout", duration("1ms", "5m"),
      "2s", "How long to wait for a connection to the database.");
  static final Setting<Duration> DATABASE_QUERY_TIMEOUT = setting("database.query_timeout", duration("1ms", "5m"),
      "2s", "How long one statement may take.");

  static final Setting<Optional<InetSocketAddress>> REDIS_ADDR = setting("redis.addr", optional(redis()), "",
      "The Redis server that counts limits for all nodes; without it each node counts in memory.");
  static final Setting<Optional<Secret>> REDIS_PASSWORD = setting("redis.password", optional(secret(1)), "",
      "The password of Redis, when it asks for one.");
  static final Setting<Integer> REDIS_DB = setting("redis.db", number(0, 65535), "0",
      "The number of the Redis database.");
  static final Setting<Boolean> REDIS_CLUSTER = setting("redis.cluster", bool(), "false",
      "Whether the server is a node of a Redis Cluster, by way of which the others are found.");
  static final Setting<Duration> REDIS_TIMEOUT = setting("redis.timeout", duration("1ms", "1m"), "100ms",
      "How long to connect to Redis or to wait for its answer before a limit is decided without it.");
  static final Setting<Integer> REDIS_MAX_CONNECTIONS = setting("redis.max_connections", number(1, 10000), "32",
      "The largest number of connections to Redis.");

  static final String BACKENDS = "backends";
  static final String POOLS = "pools";
  static final String ROUTES = "routes";
  static final String ENDPOINTS = "rate_limits.endpoints";

  static final String IMAGE_TENANTS = "images.tenants";

  /** The paths of the lists of groups. */
  static final List<String> LISTS = List.of(BACKENDS, POOLS, ROUTES, IMAGE_TENANTS, ENDPOINTS);

  static final Setting<URI> BACKEND_URL = setting("backends[].url", backend(), null,
      "The address of a backend; no two backends may have the same.");
  static final Setting<Integer> BACKEND_WEIGHT = setting("backends[].weight", number(1, 100), "1",
      "Its share of the requests against the weights of the others.");
  static final Setting<Duration> BACKEND_INTERVAL = setting("backends[].health_check_interval",
      duration("100ms", "1d"), "30s", "How often it is probed while nothing changes; no less than"
          + " `health_check.timeout`.");
  static final Setting<String> BACKEND_POOL = setting("backends[].pool", word(Upstream.POOL), Upstream.DEFAULT_POOL,
      "The pool that it belongs to: `default`, or one of `pools`.");

  static final Setting<String> HEALTH_PATH = setting("health_check.path", urlPath(), "/health",
      "What is asked of a backend to see whether it is well.");
  static final Setting<Optional<String>> HEALTH_RENDER_PATH = setting("health_check.render_path",
      optional(text("a path such as /insecure/rs:fit:1:1/plain/local:///probe.png", "/[!-~]*")), "",
      "A picture that is asked for at every probe as well; it has to come with 200 and a type of image/*.");
  static final Setting<Duration> HEALTH_TIMEOUT = setting("health_check.timeout", duration("1ms", "1h"), "2s",
      "How long a backend may take to answer a probe.");
  static final Setting<Duration> HEALTH_FAST_INTERVAL = setting("health_check.fast_interval", duration("10ms", "1h"),
      "1s", "How often a backend is probed while its state is changing.");
  static final Setting<Integer> HEALTH_UNHEALTHY_AFTER = setting("health_check.unhealthy_after", number(1, 100), "3",
      "How many failures in a row take a backend out.");
  static final Setting<Integer> HEALTH_HEALTHY_AFTER = setting("health_check.healthy_after", number(1, 100), "2",
      "How many successes in a row bring a backend back.");

  static final Setting<BalancerSettings.Algorithm> BALANCER_ALGORITHM = setting("balancer.algorithm",
      choice(BalancerSettings.Algorithm.class), "weighted-round-robin", "How one of the usable backends is chosen; `least-request` is the choice for imgproxy.");
  static final Setting<String> BALANCER_HASH_KEY = setting("balancer.hash_key", hashKey(), "source",
      "With `rendezvous`, what equal requests have in common: the path, the source in a path of imgproxy, the client's"
          + " address, or a header.");
  static final Setting<Duration> BALANCER_SLOW_START = setting("balancer.slow_start", duration("0s", "1h"), "0s",
      "Over how long the share of a backend that is back or was added grows from a tenth to its weight; 0s is at once.");
  static final Setting<Integer> BALANCER_PANIC_THRESHOLD = setting("balancer.panic_threshold", number(0, 100), "0",
      "When less than this per cent of the backends is usable, all are used; 0 is never.");

  static final Setting<Answers> OUTLIER_ANSWERS = setting("outlier_detection.answers", choice(Answers.class),
      "imgproxy", "Who answers: imgproxy speaks of the source with 502 and 504; of http, 502, 503 and 504 are faults.");
  static final Setting<Integer> OUTLIER_FAILURES = setting("outlier_detection.consecutive_failures", number(0, 1000),
      "5", "How many faulty answers or failures in a row eject a backend for a time; 0 is never.");
  static final Setting<Duration> OUTLIER_BASE = setting("outlier_detection.base_ejection", duration("1s", "1d"), "30s",
      "How long the first ejection lasts; the n-th in a row lasts n times as long.");
  static final Setting<Duration> OUTLIER_MAX = setting("outlier_detection.max_ejection", duration("1s", "1d"), "5m",
      "How long any ejection lasts at the most; no less than `base_ejection`.");
  static final Setting<Integer> OUTLIER_SHARE = setting("outlier_detection.max_ejected_share", number(0, 100), "50",
      "How much of the pool may be ejected at once, in per cent; one backend may be, but never the last usable one.");

  static final Setting<Integer> BREAKER_MAX_REQUESTS = setting("circuit_breaker.max_requests", number(1, 1_000_000),
      "1024", "The largest number of requests at one backend at once; what goes beyond is sent to others, or 503.");
  static final Setting<Integer> BREAKER_TRIALS = setting("circuit_breaker.trial_requests", number(1, 1000), "3",
      "How many requests at once find out whether an ejected backend, or a pool, is well again.");
  static final Setting<Integer> BREAKER_SHARE = setting("circuit_breaker.failure_share", number(0, 100), "0",
      "Which per cent of faults within 10 s makes the pool answer 503 without asking a backend; 0 is never.");
  static final Setting<Integer> BREAKER_MIN_REQUESTS = setting("circuit_breaker.min_requests", number(1, 1_000_000),
      "20", "How many answers within 10 s there must be for `failure_share`.");
  static final Setting<Duration> BREAKER_OPEN_FOR = setting("circuit_breaker.open_for", duration("10ms", "1h"), "5s",
      "How long the pool answers so before it tries again.");

  static final Setting<Optional<String>> DISCOVERY_DNS = setting("discovery.dns",
      optional(only(text("host:port", "[A-Za-z0-9._-]{1,253}:[1-9][0-9]{0,4}"), "host:port", Catalog::hasPort)), "",
      "A host whose every address is a backend, looked up again and again.");
  static final Setting<Optional<String>> DISCOVERY_SRV = setting("discovery.srv",
      optional(text("a name such as _http._tcp.imgproxy.example", "[A-Za-z0-9._-]{1,253}")), "",
      "A name whose every SRV record of the best priority is a backend with its weight.");
  static final Setting<Optional<Path>> DISCOVERY_FILE = setting("discovery.file",
      optional(file()), "",
      "A file with a backend in each line, its weight behind it: `http://10.0.0.5:8080 2`.");
  static final Setting<Duration> DISCOVERY_INTERVAL = setting("discovery.interval", duration("100ms", "1d"), "5s",
      "How often names are looked up and the file is read.");
  static final Setting<String> DISCOVERY_POOL = setting("discovery.pool", word(Upstream.POOL), Upstream.DEFAULT_POOL,
      "The pool that discovered backends belong to: `default`, or one of `pools`.");

  static final Setting<String> POOL_NAME = setting(POOLS + "[].name", word(Upstream.POOL), null,
      "What the pool is called; no two may have the same. `default` is there without being named.");
  static final Setting<Optional<BalancerSettings.Algorithm>> POOL_ALGORITHM = setting(POOLS + "[].balancer.algorithm",
      optional(choice(BalancerSettings.Algorithm.class)), "",
      "How one of its usable backends is chosen; by default as `balancer.algorithm` says.");
  static final Setting<Optional<String>> POOL_HASH_KEY = setting(POOLS + "[].balancer.hash_key",
      optional(hashKey()), "",
      "With `rendezvous`, what equal requests have in common; by default as `balancer.hash_key` says.");
  static final Setting<Optional<String>> POOL_HEALTH_PATH = setting(POOLS + "[].health_check.path",
      optional(urlPath()), "",
      "What is asked of its backends to see whether they are well; by default `health_check.path`.");
  static final Setting<Optional<String>> POOL_RENDER_PATH = setting(POOLS + "[].health_check.render_path",
      optional(text("none, or a path such as /insecure/rs:fit:1:1/plain/local:///probe.png", "none|/[!-~]*")), "",
      "A picture that is asked for as well; `none` for none; by default `health_check.render_path`.");
  static final Setting<Optional<Answers>> POOL_ANSWERS = setting(POOLS + "[].outlier_detection.answers",
      optional(choice(Answers.class)), "", "Who answers; by default as `outlier_detection.answers` says.");

  static final Setting<String> ROUTE_NAME = setting(ROUTES + "[].name", word(Endpoint.NAME), null,
      "What the route is called in logs and metrics; no two may have the same.");
  static final Setting<Optional<String>> ROUTE_HOST = setting(ROUTES + "[].host",
      optional(text("a host such as img.example.com or *.example.com",
          "(\\*\\.)?([A-Za-z0-9_][A-Za-z0-9_-]{0,62}\\.)*[A-Za-z0-9_][A-Za-z0-9_-]{0,62}|\\[[0-9A-Fa-f:.]+\\]")), "",
      "Which host it is for, whatever the port; `*.` stands for one label or more. By default every host.");
  static final Setting<String> ROUTE_PATH = setting(ROUTES + "[].path",
      text("a path such as /img/resize, without encoding", Endpoint.PATH), "/",
      "What it covers: this path and all below it, compared as it was sent. The first route that covers a request holds.");
  static final Setting<List<String>> ROUTE_METHODS = setting(ROUTES + "[].methods",
      list("methods such as POST", "[A-Z]{1,20}"), "",
      "Which methods it covers; all by default. GET covers HEAD as well.");
  static final Setting<String> ROUTE_POOL = setting(ROUTES + "[].pool", word(Upstream.POOL), Upstream.DEFAULT_POOL,
      "The pool that answers: `default`, or one of `pools`.");
  static final Setting<Optional<String>> ROUTE_LIMITS = setting(ROUTES + "[].limits",
      optional(word(Endpoint.NAME)), "",
      "One of `rate_limits.endpoints`, as which its requests are charged, whatever their path; by default by their path.");
  static final Setting<Optional<Duration>> ROUTE_CONNECT_TIMEOUT = setting(ROUTES + "[].connect_timeout",
      optional(duration("1ms", "1h")), "", "How long to wait for a connection; by default `proxy.connect_timeout`.");
  static final Setting<Optional<Duration>> ROUTE_RESPONSE_TIMEOUT = setting(ROUTES + "[].response_timeout",
      optional(duration("1ms", "1d")), "",
      "How long a backend may take until its answer begins; by default `proxy.response_timeout`.");
  static final Setting<Optional<Duration>> ROUTE_IDLE_TIMEOUT = setting(ROUTES + "[].idle_timeout",
      optional(duration("1ms", "1d")), "",
      "How long an answer or an upload may stand still; by default `proxy.idle_timeout`.");
  static final Setting<Optional<Duration>> ROUTE_TOTAL_TIMEOUT = setting(ROUTES + "[].total_timeout",
      optional(duration("0s", "1d")), "",
      "How long a request may take in all; 0s is no limit; by default `proxy.total_timeout`.");
  static final Setting<Map<String, String>> ROUTE_REQUEST_SET = setting(ROUTES + "[].request_headers.set", fields(), "",
      "Fields that the backend gets, in place of those of the client with the same names.");
  static final Setting<List<String>> ROUTE_REQUEST_REMOVE = setting(ROUTES + "[].request_headers.remove", fieldNames(),
      "", "Fields of the client that the backend does not get.");
  static final Setting<Map<String, String>> ROUTE_RESPONSE_SET = setting(ROUTES + "[].response_headers.set", fields(),
      "", "Fields that the client gets, in place of those of the backend with the same names.");
  static final Setting<List<String>> ROUTE_RESPONSE_REMOVE = setting(ROUTES + "[].response_headers.remove",
      fieldNames(), "", "Fields of the backend that the client does not get.");
  static final Setting<Optional<String>> ROUTE_STRIP_PREFIX = setting(ROUTES + "[].strip_prefix", prefix(), "",
      "What is cut off the beginning of the path for the backend: all of `path`, or its first segments.");
  static final Setting<Optional<String>> ROUTE_ADD_PREFIX = setting(ROUTES + "[].add_prefix", prefix(), "",
      "What is put before the path for the backend, behind what was cut off.");
  static final Setting<Optional<Boolean>> ROUTE_VARIANT_ETAGS = setting(ROUTES + "[].variant_etags", optional(bool()), "",
      "Whether entity tags of answers are marked by what was asked for, because the backend has the same for all of it;"
          + " imgproxy has that of the source for every size and format. By default true for routes to `images.pool` and"
          + " false for others.");
  static final Setting<Boolean> ROUTE_CACHE_ENABLED = setting(ROUTES + "[].cache.enabled", bool(), "false",
      "Whether answers of backends are kept and given out again, as they allow it.");
  static final Setting<Partition> ROUTE_CACHE_PARTITION = setting(ROUTES + "[].cache.partition",
      choice(Partition.class), "tenant",
      "Who is given an answer that was made for somebody: all of the same tenant (tenant), the same user (user), or"
          + " anybody whom the route admits (shared). Who has no tenant is alone.");
  static final Setting<Duration> ROUTE_CACHE_DEFAULT_TTL = setting(ROUTES + "[].cache.default_ttl",
      duration("0s", "365d"), "0s", "How long an answer is fresh that says nothing of it; 0s: it is not kept.");
  static final Setting<Duration> ROUTE_CACHE_WHILE_REVALIDATE = setting(ROUTES + "[].cache.stale_while_revalidate",
      duration("0s", "365d"), "0s",
      "How long a stale answer is still given out while it is asked for anew, if the answer itself says nothing of it.");
  static final Setting<Duration> ROUTE_CACHE_IF_ERROR = setting(ROUTES + "[].cache.stale_if_error",
      duration("0s", "365d"), "0s",
      "How long a stale answer is still given out when no backend has a good one, if the answer itself says nothing of"
          + " it.");
  static final Setting<Long> ROUTE_CACHE_MAX_ENTRY = setting(ROUTES + "[].cache.max_entry", size("1KiB", "1GiB"), "8MiB",
      "The largest body that is kept, and no more than an eighth of `cache.memory`; larger ones pass.");
  static final Setting<Boolean> ROUTE_CACHE_CLIENT_CONTROL = setting(ROUTES + "[].cache.client_control", bool(), "true",
      "Whether `Cache-Control` of clients counts: with `no-cache` they have a backend asked.");
  static final Setting<Boolean> ROUTE_CACHE_CHARGE_HITS = setting(ROUTES + "[].cache.charge_hits", bool(), "true",
      "Whether quotas are charged for answers that no backend was asked for. Rate limits always are.");

  static final Setting<Duration> PROXY_CONNECT_TIMEOUT = setting("proxy.connect_timeout", duration("1ms", "1h"), "2s",
      "How long to wait for a connection to a backend.");
  static final Setting<Duration> PROXY_RESPONSE_TIMEOUT = setting("proxy.response_timeout", duration("1ms", "1d"),
      "30s", "How long a backend may take until its answer begins.");
  static final Setting<Duration> PROXY_IDLE_TIMEOUT = setting("proxy.idle_timeout", duration("1ms", "1d"), "30s",
      "How long an answer or an upload may stand still.");
  static final Setting<Duration> PROXY_WEBSOCKET_IDLE_TIMEOUT = setting("proxy.websocket_idle_timeout",
      duration("1ms", "1d"), "5m", "How long nothing may move through a WebSocket, in either direction.");
  static final Setting<Duration> PROXY_TOTAL_TIMEOUT = setting("proxy.total_timeout", duration("0s", "1d"), "0s",
      "How long a request may take in all, to the last byte of its answer; 0s is no limit. An open WebSocket is past it.");
  static final Setting<Duration> PROXY_HEDGE_AFTER = setting("proxy.hedge_after", duration("0s", "1d"), "0s",
      "How long a backend may take to begin to answer a GET or HEAD until another one is asked besides; 0s is never.");
  static final Setting<Integer> PROXY_MAX_CONNECTIONS = setting("proxy.max_connections", number(1, 65535), "1024",
      "The largest number of connections to one backend, shared out among the processors.");
  static final Setting<Integer> PROXY_MAX_ATTEMPTS = setting("proxy.max_attempts", number(1, 10), "3",
      "How many backends are tried for one request.");
  static final Setting<Optional<Path>> PROXY_TLS_CA_CERTIFICATES = setting("proxy.tls.ca_certificates",
      optional(file()), "", "The PEM file of the authorities that certify `https` backends; by default those that Java"
          + " trusts.");
  static final Setting<Boolean> PROXY_TLS_VERIFY = setting("proxy.tls.verify", bool(), "true",
      "Whether certificate and name of an `https` backend are checked; without, anybody can pose as it.");

  static final Setting<DebugFields> IMGPROXY_DEBUG_FIELDS = setting("proxy.imgproxy_debug_fields",
      choice(DebugFields.class), "pass",
      "Whether clients see the debug fields of imgproxy's answers, `X-Origin-*` and `X-Result-*` (pass), or only the"
          + " gateway does (consume). Pixels are counted from them in both cases.");

  static final Setting<Optional<List<Secret>>> IMAGES_KEY = setting("images.key", optional(hexSecrets()), "",
      "The key of imgproxy, `IMGPROXY_KEY`. With it the pool `images.pool` is of imgproxy: what goes there is held against"
          + " the policy of images and signed with it. No tenant needs to know it. Of several the first signs, as imgproxy takes any.");
  static final Setting<Optional<List<Secret>>> IMAGES_SALT = setting("images.salt", optional(hexSecrets()), "",
      "The salt of imgproxy, `IMGPROXY_SALT`; needed with the key, and as many of them.");
  static final Setting<Integer> IMAGES_SIGNATURE_SIZE = setting("images.signature_size", number(1, 32), "32",
      "How many bytes of its signatures imgproxy reads, `IMGPROXY_SIGNATURE_SIZE`.");
  static final Setting<Optional<Secret>> IMAGES_SECRET = setting("images.secret",
      optional(only(secret(1), "a secret of visible ASCII", secret -> secret.reveal().matches("[!-~]+"))), "",
      "The secret that imgproxy wants in `Authorization`, `IMGPROXY_SECRET`; without it none is sent.");
  static final Setting<String> IMAGES_POOL = setting("images.pool", word(Upstream.POOL), Upstream.DEFAULT_POOL,
      "The pool whose backends are imgproxy: `default`, or one of `pools`.");
  static final Setting<String> IMAGES_PATH = setting("images.path",
      only(text("whole segments such as /i", "(/[0-9A-Za-z._~-]+)+"), "whole segments such as /i, none of the gateway's own",
          path -> RESERVED.stream().noneMatch(own -> path.equals(own) || path.startsWith(own + "/"))), "/i",
      "What signed URLs begin with. Where there are routes, one has to lead it to `images.pool`.");
  static final Setting<Boolean> IMAGES_ENDLESS_URLS = setting("images.endless_urls", bool(), "false",
      "Whether signed URLs without an end are taken.");
  static final Setting<Boolean> IMAGES_NORMALIZE = setting("images.normalize", bool(), "true",
      "Whether imgproxy gets of `Accept` only which of `images.auto_formats` a client names, in one order, so that kept"
          + " answers and requests under way are shared by all who ask for the same; otherwise it gets what was sent.");
  static final Setting<List<String>> IMAGES_AUTO_FORMATS = setting("images.auto_formats",
      list("avif, webp or jxl", "avif|webp|jxl"), "avif,webp,jxl",
      "Which formats imgproxy chooses by `Accept`: those that it has `IMGPROXY_AUTO_WEBP` and the like for.");
  static final Setting<Boolean> IMAGES_CLIENT_HINTS = setting("images.client_hints", bool(), "false",
      "Whether imgproxy heeds `DPR` and `Width`, `IMGPROXY_ENABLE_CLIENT_HINTS`: it gets them rounded up to steps and no"
          + " larger than the policy allows. Otherwise it does not get them.");
  static final Setting<List<String>> IMAGES_SOURCES = setting("images.sources", sources(), "",
      "Where pictures may come from, such as `https://img.example.com/photos` or `local:///{tenant}/`; `{tenant}` and"
          + " `{user}` stand for who asks. Without any, nowhere.");
  static final Setting<Boolean> IMAGES_ENCRYPTED_SOURCES = setting("images.encrypted_sources", bool(), "false",
      "Whether sources may be encrypted, which only imgproxy can read: they are not compared with anything.");
  static final Setting<Map<String, String>> IMAGES_PRESETS = setting("images.presets", presets(), "",
      "What `preset:name` stands for, by name: options of imgproxy such as `rs:fill:300:300/q:80`.");
  static final Setting<Boolean> IMAGES_ONLY_PRESETS = setting("images.only_presets", bool(), "false",
      "Whether nothing but presets may be written into URLs.");
  static final Setting<Integer> IMAGES_MAX_WIDTH = setting("images.max_width", number(1, 1_000_000), "4096",
      "How many pixels across a picture may become, with all that enlarges it.");
  static final Setting<Integer> IMAGES_MAX_HEIGHT = setting("images.max_height", number(1, 1_000_000), "4096",
      "How many pixels down a picture may become, likewise.");
  static final Setting<Integer> IMAGES_MAX_MEGAPIXELS = setting("images.max_megapixels", number(1, 1_000_000), "17",
      "How many millions of pixels a picture may have in all.");
  static final Setting<Integer> IMAGES_MAX_DPR = setting("images.max_dpr", number(1, 100), "4",
      "The largest ratio of device pixels that may be asked for.");
  static final Setting<Integer> IMAGES_MAX_BLUR = setting("images.max_blur", number(0, 1000), "50",
      "The largest sigma of blurring.");
  static final Setting<Integer> IMAGES_MAX_SHARPEN = setting("images.max_sharpen", number(0, 1000), "10",
      "The largest sigma of sharpening.");
  static final Setting<List<String>> IMAGES_FORMATS = setting("images.formats", words("formats such as jpg"), "",
      "Which formats may be asked for; by default all of imgproxy's but svg, and without svg no source may be named `.svg`.");
  static final Setting<List<String>> IMAGES_GRANT = setting("images.grant", words("options such as filename"), "",
      "Which options may be written that are refused otherwise, because they read other sources, get round limits or take"
          + " much work: raw, watermark_url, filename and others, as images.md lists them.");
  static final Setting<List<String>> IMAGES_REFUSE = setting("images.refuse", words("options such as blur"), "",
      "Which other options may not be written.");
  static final Setting<Optional<String>> IMAGES_IMPOSE = setting("images.impose",
      optional(text("options of imgproxy such as msr:50/maf:1", "[!-~]{1,1000}")), "",
      "Options that are put behind whatever was written; those for security need"
          + " `IMGPROXY_ALLOW_SECURITY_OPTIONS` of imgproxy.");
  static final Setting<String> IMAGE_TENANT_NAME = setting(IMAGE_TENANTS + "[].name",
      text("the name of a tenant", "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"), null,
      "The tenant that has a policy of its own; no two may have the same.");
  static final Setting<Optional<List<String>>> IMAGE_TENANT_SOURCES = setting(IMAGE_TENANTS + "[].sources",
      optional(sources()), "", "Where its pictures may come from; by default as its plan or `images.sources` says.");
  static final Setting<Optional<List<String>>> IMAGE_TENANT_PRESETS = setting(IMAGE_TENANTS + "[].presets",
      optional(words("names of presets")), "", "Which of `images.presets` it may use; by default all.");
  static final Setting<Optional<List<String>>> IMAGE_TENANT_FORMATS = setting(IMAGE_TENANTS + "[].formats",
      optional(words("formats such as jpg")), "", "Which formats it may ask for; by default as its plan or"
          + " `images.formats` says.");
  static final Setting<Optional<Integer>> IMAGE_TENANT_MAX_MEGAPIXELS = setting(IMAGE_TENANTS + "[].max_megapixels",
      optional(number(1, 1_000_000)), "", "How large its pictures may become; by default as its plan or"
          + " `images.max_megapixels` says.");
  static final Setting<Integer> IMAGES_MAX_CONCURRENT = setting("images.max_concurrent", number(0, 1_000_000), "0",
      "How many requests are at the backends of `images.pool` at once, by this node; the others wait, and tenants take turns."
          + " 0 is any number.");
  static final Setting<Integer> IMAGES_MAX_WAITING = setting("images.max_waiting", number(0, 1_000_000), "1000",
      "How many requests may wait for their turn; what goes beyond is answered with 503.");
  static final Setting<Integer> IMAGES_MAX_WAITING_PER_TENANT = setting("images.max_waiting_per_tenant",
      number(0, 1_000_000), "100", "How many of them may be of one tenant, or of one user without a tenant.");
  static final Setting<Duration> IMAGES_MAX_WAIT = setting("images.max_wait", duration("1ms", "5m"), "5s",
      "How long a request waits for its turn at the most.");

  static final Setting<Long> CACHE_MEMORY = setting("cache.memory", size("0", "1TiB"), "64MiB",
      "How many bytes of answers are kept in memory, for all routes together; what is being received counts as well.");
  static final Setting<Long> CACHE_DISK = setting("cache.disk", size("0", "1024TiB"), "0",
      "How many bytes of answers are kept below `data_dir` as well, where they outlive the process; 0 is none.");

  static final Level IP_LEVEL = level("rate_limits.ip_level", "each client address", "100", "", "20");
  static final Level USER_LEVEL = level("rate_limits.user_level", "each user without limits of their own", "1000",
      "10000", "");
  static final Level KEY_LEVEL = level("rate_limits.key_level", "each key without limits of its own", "", "", "");
  static final Level TENANT_LEVEL = level("rate_limits.tenant_level", "each tenant without limits of its own", "", "",
      "");
  static final Level API_LEVEL = level("rate_limits.api_level", "all callers together", "5000", "", "");
  static final Setting<String> ENDPOINT_NAME = setting(ENDPOINTS + "[].name",
      word(Endpoint.NAME), null,
      "What the endpoint is called in the names of its rules; no two may have the same.");
  static final Setting<String> ENDPOINT_PATH = setting(ENDPOINTS + "[].path",
      text("a path such as /img/resize, without encoding", Endpoint.PATH), null,
      "What it covers: this path and all below it. The first endpoint of the list that covers a request holds.");
  static final Setting<List<String>> ENDPOINT_METHODS = setting(ENDPOINTS + "[].methods",
      list("methods such as POST", "[A-Z]{1,20}"), "",
      "Which methods it covers; all by default. GET covers HEAD as well.");
  static final Setting<Long> ENDPOINT_COST = setting(ENDPOINTS + "[].cost", count(1, Limit.MOST), "1",
      "What one request takes from every limit but those of the address and of concurrent requests.");
  static final Setting<Per> ENDPOINT_PER = setting(ENDPOINTS + "[].per", choice(Per.class), "all",
      "Whose requests share the limits of the endpoint: those of all callers (all), or those of each user (user).");
  static final Rules ENDPOINT_RULES = rules(ENDPOINTS + "[]", "the endpoint", "", "", "");
  static final Setting<Duration> CONCURRENCY_TIMEOUT = setting("rate_limits.concurrency_timeout",
      duration("1s", "1d"), "1m",
      "How long requests of a node that is heard of no more, because it was killed, still count as under way.");
  static final Setting<Long> REFUSALS_PER_MINUTE = setting("rate_limits.refusals_per_minute",
      count(0, Limit.MOST / 2), "600",
      "After how many refusals in a minute a client address is refused at once; 0 is never.");
  static final Setting<Integer> IPV6_PREFIX = setting("rate_limits.ipv6_prefix", number(32, 128), "64",
      "How many bits of an IPv6 address tell one client from another.");
  static final Setting<WhenUnreachable> WHEN_UNREACHABLE = setting("rate_limits.when_unreachable",
      choice(WhenUnreachable.class), "local",
      "While Redis is away: each node counts alone (local), every request passes (open), or none does (closed).");

  static final Setting<AbuseSettings.Mode> ABUSE_MODE = setting("abuse.mode", choice(AbuseSettings.Mode.class), "off",
      "Whether callers who misbehave are suspended (enforced), are so in the shadow, where it is only counted (shadow), or"
          + " not at all (off).");
  static final Setting<Long> ABUSE_BAD_KEYS = setting("abuse.bad_keys_per_minute", count(0, 1_000_000), "30",
      "How many keys that are none a client address may send in a minute; 0 is any number. Addresses that pass"
          + " `rate_limits.refusals_per_minute` are suspended as well.");
  static final Setting<Long> ABUSE_KEY_REFUSALS = setting("abuse.key_refusals_per_minute", count(0, 1_000_000_000),
      "1200", "How often a key may be refused in a minute; 0 is any number.");
  static final Setting<Long> ABUSE_SPIKE_FACTOR = setting("abuse.spike_factor", count(0, 1_000_000), "20",
      "How many times as often as in its last minutes on average a key may be used in a minute; 0 is any number.");
  static final Setting<Long> ABUSE_SPIKE_REQUESTS = setting("abuse.spike_requests", count(0, 1_000_000_000), "600",
      "How often a key may be used in a minute in any case.");
  static final Setting<Duration> ABUSE_FIRST = setting("abuse.first_suspension", duration("1s", "30d"), "1m",
      "How long the first suspension lasts; each that follows lasts twice as long as the one before.");
  static final Setting<Duration> ABUSE_LONGEST = setting("abuse.longest_suspension", duration("1s", "365d"), "1d",
      "How long any suspension lasts at the most; no less than the first.");
  static final Setting<Duration> ABUSE_MEMORY = setting("abuse.memory", duration("0s", "365d"), "1d",
      "How long after the end of a suspension the next one is still longer.");
  static final Setting<List<Cidr>> ABUSE_EXEMPT = setting("abuse.exempt", networks(), "127.0.0.0/8,0:0:0:0:0:0:0:1/128",
      "From where nobody is suspended for what an address has done; trusted proxies never are.");
  static final Setting<Optional<Path>> ABUSE_COUNTRIES_FILE = setting("abuse.countries_file", optional(file()), "",
      "The MaxMind DB file that tells countries from addresses; needed for blocks of countries. Read again when it changes.");

  static final Setting<Optional<Long>> REQUESTS_PER_DAY = setting("quotas.requests_per_day",
      optional(count(0, Limit.MOST)), "", "Requests in a calendar day, for users without quotas of their own.");
  static final Setting<Optional<Long>> REQUESTS_PER_MONTH = setting("quotas.requests_per_month",
      optional(count(0, Limit.MOST)), "", "Requests in a calendar month, for users without quotas of their own.");
  static final Setting<Optional<Long>> BYTES_PER_DAY = setting("quotas.bytes_per_day",
      optional(size("0", "8192TiB")), "", "Bodies sent and received in a calendar day, likewise.");
  static final Setting<Optional<Long>> BYTES_PER_MONTH = setting("quotas.bytes_per_month",
      optional(size("0", "8192TiB")), "", "Bodies sent and received in a calendar month, likewise.");
  static final Setting<Optional<Long>> REQUEST_BYTES_PER_DAY = setting("quotas.request_bytes_per_day",
      optional(size("0", "8192TiB")), "", "Bodies sent by clients in a calendar day, likewise.");
  static final Setting<Optional<Long>> REQUEST_BYTES_PER_MONTH = setting("quotas.request_bytes_per_month",
      optional(size("0", "8192TiB")), "", "Bodies sent by clients in a calendar month, likewise.");
  static final Setting<Optional<Long>> RESPONSE_BYTES_PER_DAY = setting("quotas.response_bytes_per_day",
      optional(size("0", "8192TiB")), "", "Bodies sent to clients in a calendar day, likewise.");
  static final Setting<Optional<Long>> RESPONSE_BYTES_PER_MONTH = setting("quotas.response_bytes_per_month",
      optional(size("0", "8192TiB")), "", "Bodies sent to clients in a calendar month, likewise.");
  static final Setting<Optional<Long>> MEGAPIXELS_PER_DAY = setting("quotas.megapixels_per_day",
      optional(count(0, MOST_MEGAPIXELS)), "",
      "Millions of pixels of images made in a calendar day, likewise; imgproxy has to tell their size, with"
          + " `IMGPROXY_ENABLE_DEBUG_HEADERS`.");
  static final Setting<Optional<Long>> MEGAPIXELS_PER_MONTH = setting("quotas.megapixels_per_month",
      optional(count(0, MOST_MEGAPIXELS)), "", "Millions of pixels of images made in a calendar month, likewise.");
  static final Setting<Optional<Long>> STORED_BYTES = setting("quotas.stored_bytes",
      optional(size("0", "8192TiB")), "", "What a user may have stored at any time, likewise.");
  static final Setting<Beyond> QUOTA_BEYOND = setting("quotas.beyond", choice(Beyond.class), "hard",
      "What becomes of use beyond these quotas: it is refused (hard), it passes and is told (soft), or it passes and is"
          + " reported as overage (overage).");
  static final Setting<Boolean> QUOTA_SHADOW = setting("quotas.shadow", bool(), "false",
      "Whether these quotas refuse nothing and only count what they would have refused.");
  static final Setting<ZoneId> TIME_ZONE = setting("quotas.time_zone", timeZone(), "UTC",
      "Where days and months begin, for users without a calendar of their own.");
  static final Setting<Integer> BILLING_DAY = setting("quotas.billing_day", number(1, 31), "1",
      "The day on which months begin, likewise; in shorter months their last day.");
  static final Setting<WhenExhausted> WHEN_EXHAUSTED = setting("quotas.when_exhausted",
      choice(WhenExhausted.class), "finish",
      "What becomes of answers under way when a quota of bytes is used up: they end (finish) or are broken off (cut).");
  static final Setting<List<Integer>> THRESHOLDS = setting("quotas.thresholds", percentages(), "50,80,100",
      "At how many percent of a quota it is told, once in each period.");
  static final Setting<Duration> FLUSH_INTERVAL = setting("quotas.flush_interval", duration("10ms", "1m"), "1s",
      "How often use is written to the database.");

  static final Setting<Boolean> AUTH_REQUIRED = setting("auth.required", bool(), "true",
      "Whether a request without a key is refused.");
  static final Setting<Optional<String>> AUTH_QUERY_PARAMETER = setting("auth.query_parameter",
      optional(text("a name of letters, digits, `.`, `_` and `-`", "[A-Za-z0-9._-]{1,64}")), "",
      "The query parameter that may hold a key; none by default, because addresses end up in logs.");
  static final Setting<String> AUTH_KEY_PREFIX = setting("auth.key_prefix", word(), "gk",
      "What new keys begin with.");
  static final Setting<String> AUTH_ENVIRONMENT = setting("auth.environment", word(), "live",
      "The second part of new keys.");
  static final Setting<Optional<Secret>> AUTH_PEPPER = setting("auth.pepper", optional(secret(32)), "",
      "The secret that keys are hashed with; all nodes need the same. By default one is made in `data_dir`, once.");
  static final Setting<Long> AUTH_PEPPER_VERSION = setting("auth.pepper_version", count(1, 1_000_000), "1",
      "The number of that pepper. Another one needs another number: see operating.md for how to change it.");
  static final Setting<Map<Integer, Secret>> AUTH_OTHER_PEPPERS = setting("auth.other_peppers", peppers(32), "",
      "Peppers under which keys are looked for as well, each as its number, a colon and the secret.");
  static final Setting<Optional<String>> AUTH_IMPORTED_KEYS = setting("auth.imported_keys",
      optional(regularExpression()), "",
      "What imported keys look like, as a whole; by default only keys of our own form are looked for.");
  static final Setting<Long> AUTH_CACHE_SIZE = setting("auth.cache_size", count(0, 100_000_000), "100000",
      "How many keys are remembered in memory.");
  static final Setting<Duration> AUTH_CACHE_TTL = setting("auth.cache_ttl", duration("1ms", "1d"), "60s",
      "How long a known key is believed before the database is asked again.");
  static final Setting<Duration> AUTH_NEGATIVE_TTL = setting("auth.negative_ttl", duration("1ms", "1h"), "5s",
      "How long an unknown key is taken as unknown before the database is asked again.");
  static final Setting<Duration> AUTH_STALE_FOR = setting("auth.stale_for", duration("0s", "30d"), "1h",
      "How long known keys keep working while the database is away.");
  static final Setting<Long> AUTH_WARM_KEYS = setting("auth.warm_keys", count(0, 1_000_000), "1000",
      "How many of the keys that were used last are looked up in the background at the start.");

  static final Setting<Optional<InetSocketAddress>> ADMIN_LISTEN = setting("admin.listen", optional(listen()), "",
      "Address and port of administration and metrics, `127.0.0.1:8081` or `:8081`; by default they share the server's"
          + " port.");
  static final Setting<Optional<Secret>> ADMIN_TOKEN = setting("admin.token", optional(secret(16)), "",
      "What administrators show as a bearer token. By default one is made in `data_dir`, once.");
  static final Setting<Optional<Secret>> ADMIN_REGISTRATION_TOKEN = setting("admin.registration_token",
      optional(secret(16)), "", "What backends show as a bearer token that register themselves; it opens nothing else. By"
          + " default only administrators register backends.");
  static final Setting<Boolean> ADMIN_TLS = setting("admin.tls", bool(), "false",
      "Whether `admin.listen` speaks TLS, with the certificate of `server.tls`.");
  static final Setting<Boolean> ADMIN_CONSOLE = setting("admin.console", bool(), "true",
      "Whether the console is served, at `/_/` where administration is.");
  static final Setting<Duration> ADMIN_AUDIT_KEEP = setting("admin.audit_keep", duration("1d", "3660d"), "400d",
      "How long it is remembered who changed what.");

  static final Setting<Boolean> METRICS_ENABLED = setting("observability.metrics_enabled", bool(), "true",
      "Whether metrics are served.");
  static final Setting<String> PROMETHEUS_PATH = setting("observability.prometheus_path", freePath(), "/metrics",
      "Where metrics are served.");
  static final Setting<List<Cidr>> METRICS_ALLOW = setting("observability.metrics_allow", networks(), "",
      "Who may read the metrics without the administrator's token, besides this machine itself.");
  static final Setting<LogLevel> LOG_LEVEL = setting("observability.log_level", choice(LogLevel.class), "info",
      "The least level that is logged.");
  static final Setting<LogFormat> LOG_FORMAT = setting("observability.log_format", choice(LogFormat.class), "auto",
      "How the log is written; auto is text on a terminal and JSON elsewhere.");

  static final Setting<Boolean> REQUEST_LOG_ENABLED = setting("request_log.enabled", bool(), "false",
      "Whether single requests are kept in the database, a row each.");
  static final Setting<Double> REQUEST_LOG_SAMPLE = setting("request_log.sample", share(), "1",
      "Which share of the requests is kept; chosen by the id of their trace, alike on all nodes.");
  static final Setting<Boolean> REQUEST_LOG_ALWAYS_ERRORS = setting("request_log.always_errors", bool(), "true",
      "Whether requests that were refused, or answered with 500 and above, are kept whatever the share.");
  static final Setting<Boolean> REQUEST_LOG_QUERY = setting("request_log.query", bool(), "false",
      "Whether the query is kept with the path; values of parameters that may be credentials are left out.");
  static final Setting<Duration> REQUEST_LOG_KEEP = setting("request_log.keep", duration("1h", "400d"), "7d",
      "How long requests are kept; with PostgreSQL whole days (UTC).");
  static final Setting<Long> REQUEST_LOG_MAX_ROWS = setting("request_log.max_rows_per_second", count(1, 1_000_000),
      "1000", "How many rows a node writes in a second at the most; those beyond are dropped and counted.");

  static final Setting<Optional<Path>> UPLOAD_DIRECTORY = setting("upload.directory", optional(path()), "",
      "Where uploaded images are kept, a folder for each tenant; imgproxy reads them there as local files. Made when it is not"
          + " there. Without it, and without `upload.s3`, nothing can be uploaded.");
  static final Setting<Optional<URI>> UPLOAD_S3_ENDPOINT = setting("upload.s3.endpoint", optional(backend()), "",
      "The address of a store that speaks S3, in place of a directory.");
  static final Setting<String> UPLOAD_S3_REGION = setting("upload.s3.region",
      text("the name of a region", "[A-Za-z0-9-]{1,64}"), "us-east-1", "The region that requests to it are signed for.");
  static final Setting<Optional<String>> UPLOAD_S3_BUCKET = setting("upload.s3.bucket",
      optional(text("3 to 63 small letters, digits, dots and hyphens", "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")), "",
      "The bucket, which has to be there.");
  static final Setting<Optional<String>> UPLOAD_S3_PREFIX = setting("upload.s3.prefix",
      optional(text("a path such as uploads, without slashes around it", "[A-Za-z0-9._-]{1,64}(/[A-Za-z0-9._-]{1,64}){0,8}")),
      "", "What stands before the names of objects in the bucket.");
  static final Setting<Optional<Secret>> UPLOAD_S3_ACCESS_KEY = setting("upload.s3.access_key", optional(secret(1)), "",
      "The id of the key that requests are signed with.");
  static final Setting<Optional<Secret>> UPLOAD_S3_SECRET_KEY = setting("upload.s3.secret_key", optional(secret(1)), "",
      "That key.");
  static final Setting<Long> UPLOAD_MAX_BYTES = setting("upload.max_bytes", size("1", "5GiB"), "20MiB",
      "The largest image that is taken.");
  static final Setting<Long> UPLOAD_MAX_PIXELS = setting("upload.max_pixels", count(1, Limit.MOST), "50000000",
      "How many pixels it may have, width times height.");
  static final Setting<Integer> UPLOAD_MAX_SIDE = setting("upload.max_side", number(1, 1_000_000), "16384",
      "How many pixels its longer side may have.");
  static final Setting<Integer> UPLOAD_MAX_FRAMES = setting("upload.max_frames", number(1, 100_000), "500",
      "How many frames or pages a GIF, WebP, PNG or TIFF may have.");
  static final Setting<Integer> UPLOAD_MAX_CONCURRENT = setting("upload.max_concurrent", number(1, 200), "32",
      "How many uploads a node takes at once; each has a thread. Others are told to come again.");
  static final Setting<Map<String, String>> UPLOAD_URLS = setting("upload.urls",
      only(
          optionsByName("names of URLs and the options of each, such as thumb: rs:fill:300:300"),
          "at most " + UploadSettings.MOST_URLS + " names of URLs and the options of each, such as thumb: rs:fill:300:300",
          urls -> urls.size() <= UploadSettings.MOST_URLS),
      "original: rs:fit:0:0",
      "Of which signed URLs the answer to an upload tells, if `images.key` is set, the key has a signing secret and its policy"
          + " allows them: options of imgproxy by name.");
  static final Setting<Duration> UPLOAD_URLS_EXPIRE_IN = setting("upload.urls_expire_in", duration("1s", "3660d"), "1d",
      "How long those URLs are worth something.");

  /** What can be said of limits, wherever they stand. */
  record Rules(
      Setting<Optional<Long>> perSecond,
      Setting<Optional<Long>> perMinute,
      Setting<Optional<Long>> perHour,
      Setting<Optional<Long>> perDay,
      Setting<Optional<Long>> burst,
      Setting<Algorithm> algorithm,
      Setting<Optional<Long>> concurrent,
      Setting<Boolean> shadow) {

    List<Setting<Optional<Long>>> windows() {
      return List.of(perSecond, perMinute, perHour, perDay);
    }

    /** All but the shadow. */
    List<Setting<?>> all() {
      return List.of(perSecond, perMinute, perHour, perDay, burst, algorithm, concurrent);
    }
  }

  /**
   * The limits of one level. Their defaults hold together and only while nothing is said of the level, but perhaps that
   * it is a shadow.
   *
   * @param off lifts all limits of the level
   */
  record Level(String path, Setting<Optional<String>> off, Rules rules) {}

  static final List<Level> LEVELS = List.of(IP_LEVEL, USER_LEVEL, KEY_LEVEL, TENANT_LEVEL, API_LEVEL);

  /** Wherever limits can be said. */
  static final List<Rules> RULES =
      Stream.concat(LEVELS.stream().map(Level::rules), Stream.of(ENDPOINT_RULES)).toList();

  private Catalog() {}

  /**
   * What only a restart can change: settings, and groups of them. All others change while the gateway runs, when the
   * settings are read again.
   */
  static final List<String> AT_RESTART = List.of(
      "server.host", "server.port", "server.read_timeout", "server.write_timeout", "server.idle_timeout",
      "server.max_header_size", "server.http2", "server.tls", "data_dir", "database", "redis", "proxy.tls", "cache",
      "rate_limits.when_unreachable", "quotas.flush_interval", "auth.key_prefix", "auth.environment", "auth.pepper",
      "auth.pepper_version", "auth.other_peppers", "auth.imported_keys", "auth.warm_keys", "admin.listen", "admin.token",
      "admin.registration_token", "admin.tls", "admin.console", "observability.metrics_enabled",
      "observability.prometheus_path", "observability.log_format", "request_log.enabled", "upload.directory", "upload.s3");

  /** All settings, in the order in which they are printed. */
  static List<Setting<?>> all() {
    return List.copyOf(ALL.values());
  }

  /** The settings that only a restart can change; none of a list. */
  static List<Setting<?>> atRestart() {
    return ALL.values().stream().filter(Catalog::isAtRestart).toList();
  }

  static boolean isAtRestart(Setting<?> setting) {
    return AT_RESTART.stream()
        .anyMatch(path -> setting.path().equals(path) || setting.path().startsWith(path + "."));
  }

  /** The setting at a path without numbers. */
  static Optional<Setting<?>> at(String template) {
    return Optional.ofNullable(ALL.get(template));
  }

  /** The list in whose elements a setting stands. */
  static Optional<String> listOf(Setting<?> setting) {
    return LISTS.stream().filter(list -> setting.path().startsWith(list + "[].")).findFirst();
  }

  /** Whether other settings stand below a path without numbers. */
  static boolean isGroup(String template) {
    return ALL.keySet().stream().anyMatch(path -> path.startsWith(template + "."));
  }

  /** The names that may stand directly below a path without numbers; the empty path is the whole file. */
  static List<String> namesBelow(String template) {
    String above = template.isEmpty() ? "" : template + ".";
    List<String> names = new ArrayList<>();
    for (String path : ALL.keySet()) {
      if (path.startsWith(above)) {
        String name = path.substring(above.length()).replaceFirst("[.\\[].*", "");
        if (!names.contains(name)) {
          names.add(name);
        }
      }
    }
    return names;
  }

  /** The setting whose last name is close, among those whose last name no other setting has, but perhaps in a list. */
  static Optional<Setting<?>> nearestLeaf(String name) {
    Map<String, List<Setting<?>>> byLeaf = ALL.values().stream()
        .collect(Collectors.groupingBy(setting -> setting.path().replaceFirst(".*\\.", "")));
    byLeaf.replaceAll((leaf, settings) -> {
      List<Setting<?>> single = settings.stream().filter(setting -> !setting.path().contains("[]")).toList();
      return single.isEmpty() ? settings : single;
    });
    byLeaf.values().removeIf(settings -> settings.size() > 1);
    return Nearest.of(name, byLeaf.keySet()).map(leaf -> byLeaf.get(leaf).get(0));
  }

  private static <T> Setting<T> setting(String path, Type<T> type, @Nullable String fallback, String meaning) {
    var setting = new Setting<>(path, type, fallback, meaning);
    ALL.put(path, setting);
    return setting;
  }

  private static Level level(
      String path, String whom, String perMinute, String perHour, String burst) {
    var off = setting(path, optional(text("none, or a mapping of requests_per_minute and the like", "none")), "",
        "`none` lifts all limits for " + whom + ".");
    return new Level(path, off, rules(path, whom, perMinute, perHour, burst));
  }

  private static Rules rules(String path, String whom, String perMinute, String perHour, String burst) {
    return new Rules(
        window(path, "second", "", whom),
        window(path, "minute", perMinute, whom),
        window(path, "hour", perHour, whom),
        window(path, "day", "", whom),
        setting(path + ".burst", optional(count(1, Limit.MOST)), burst,
            "How many requests may come at once from rest, for the shortest window that is set; by default as many as"
                + " in the whole window."),
        setting(path + ".algorithm", choice(WINDOW_ALGORITHMS), "token-bucket",
            "How the requests of these windows are counted."),
        setting(path + ".concurrent", optional(count(1, Limit.MOST)), "",
            "Requests under way at the same time for " + whom + "."),
        setting(path + ".shadow", bool(), "false",
            "Whether these limits refuse nothing and only count what they would have refused."));
  }

  private static Setting<Optional<Long>> window(String level, String unit, String fallback, String whom) {
    return setting(level + ".requests_per_" + unit, optional(count(1, Limit.MOST)), fallback,
        "Requests in " + (unit.equals("hour") ? "an " : "a ") + unit + " for " + whom + ".");
  }

  private static Type<String> host() {
    return text("an address or the name of a host", "[A-Za-z0-9._:-]{1,253}");
  }

  private static boolean hasPort(String address) {
    return Integer.parseInt(address.substring(address.indexOf(':') + 1)) <= 65535;
  }

  private static Type<String> word() {
    return text("1 to 10 lower-case letters", "[a-z]{1,10}");
  }

  /** @param pattern of 1 to 40 characters */
  private static Type<String> word(String pattern) {
    return text("1 to 40 lower-case letters, digits and hyphens", pattern);
  }

  private static Type<String> hashKey() {
    return text("path, source, address or header:Name", "path|source|address|header:[A-Za-z0-9-]{1,64}");
  }

  private static Type<List<String>> sources() {
    return list("sources such as https://img.example.com/photos or local:///{tenant}/", "[a-z0-9]+://[!-~&&[^,?#]]*");
  }

  private static Type<List<String>> words(String expected) {
    return list(expected, "[A-Za-z0-9_-]{1,64}");
  }

  private static Type<Optional<String>> prefix() {
    return optional(text("whole segments such as /img, without a slash behind them", "(?!/$)(?!.*/$)" + Endpoint.PATH));
  }

  private static Type<String> urlPath() {
    return text("a path such as /health", "/[A-Za-z0-9._~/?&=%-]*");
  }

  private static Type<String> freePath() {
    return only(
        text("a path such as /metrics", "(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+"),
        "a path such as /metrics, not below /health, /admin or /api/v1",
        path -> RESERVED.stream().noneMatch(own -> path.equals(own) || path.startsWith(own + "/")));
  }
}
