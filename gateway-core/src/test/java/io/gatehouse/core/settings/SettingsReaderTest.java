package io.gatehouse.core.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.access.Cidr;
import io.gatehouse.core.WithoutPackages;
import io.gatehouse.core.settings.DatabaseSettings.Driver;
import io.gatehouse.core.settings.ObservabilitySettings.LogFormat;
import io.gatehouse.core.settings.ObservabilitySettings.LogLevel;
import io.gatehouse.core.settings.ProxySettings.DebugFields;
import io.gatehouse.core.settings.QuotaSettings.WhenExhausted;
import io.gatehouse.core.settings.RateLimitSettings.WhenUnreachable;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsReaderTest {

  static final String FIRST_USERS_FILE = """
      server: {port: 8080, read_timeout: 30s, write_timeout: 30s}
      database: {driver: postgres, dsn: "postgres://user:pass@localhost/imgproxy_gateway", max_connections: 25}
      redis: {addr: "localhost:6379", password: "", db: 0}
      backends:
        - {url: "http://127.0.0.1:48080", weight: 70, health_check_interval: 30s}
        - {url: "http://127.0.0.1:48081", weight: 30, health_check_interval: 30s}
      rate_limits:
        ip_level: {requests_per_minute: 100, burst: 20}
        user_level: {requests_per_minute: 1000, requests_per_hour: 10000}
        api_level: {requests_per_minute: 5000}
      observability: {metrics_enabled: true, prometheus_path: "/metrics", log_level: "info"}
      """;

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void the_file_of_the_first_users_is_accepted_as_it_is(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("config.yaml"), FIRST_USERS_FILE);

    Settings settings = SettingsReader.read(Optional.of(file), Map.of()).settings();

    assertThat(settings.server().port()).isEqualTo(8080);
    assertThat(settings.server().readTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.server().writeTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.database().driver()).isEqualTo(Driver.POSTGRES);
    assertThat(settings.database().dsn().orElseThrow().reveal())
        .isEqualTo("postgres://user:pass@localhost/imgproxy_gateway");
    assertThat(settings.database().maxConnections()).isEqualTo(25);
    assertThat(settings.redis().orElseThrow()).isEqualTo(new RedisSettings(
        InetSocketAddress.createUnresolved("localhost", 6379), Optional.empty(), 0, false, Duration.ofMillis(100), 32));
    assertThat(settings.backends()).containsExactly(
        backend("http://127.0.0.1:48080", 70, 30), backend("http://127.0.0.1:48081", 30, 30));
    assertThat(settings.rateLimits().ipLevel()).containsExactly(new Limit(100, MINUTE, 20));
    assertThat(settings.rateLimits().userLevel())
        .containsExactly(new Limit(1000, MINUTE, 1000), new Limit(10000, HOUR, 10000));
    assertThat(settings.rateLimits().apiLevel()).containsExactly(Limit.of(5000, MINUTE));
    assertThat(settings.observability().metricsEnabled()).isTrue();
    assertThat(settings.observability().prometheusPath()).isEqualTo("/metrics");
    assertThat(settings.observability().logLevel()).isEqualTo(LogLevel.INFO);
  }

  @Test
  void a_level_may_be_a_shadow_with_its_defaults_or_with_limits_of_its_own() {
    Settings settings = SettingsReader.read("example", """
        rate_limits:
          user_level: {shadow: true}
          api_level: {requests_per_second: 9, shadow: true}
        quotas: {requests_per_day: 5, shadow: true}
        """, Map.of("GATEHOUSE_RATE_LIMITS_IP_LEVEL_SHADOW", "true")).settings();

    assertThat(settings.rateLimits().ipLevel()).containsExactly(new Limit(100, MINUTE, 20).asShadow());
    assertThat(settings.rateLimits().userLevel())
        .containsExactly(Limit.of(1000, MINUTE).asShadow(), Limit.of(10000, HOUR).asShadow());
    assertThat(settings.rateLimits().apiLevel()).containsExactly(Limit.of(9, Duration.ofSeconds(1)).asShadow());
    assertThat(settings.quotas().quotas())
        .containsExactly(new Quota(Meter.REQUESTS, Window.DAY, 5).asShadow());
  }

  private static Quota soft(Meter meter, Window window, long most) {
    return new Quota(meter, window, most, Beyond.SOFT);
  }

  @Test
  void quotas_in_the_shadow_refuse_nothing_and_those_of_what_is_stored_have_none() {
    Settings settings = read("quotas: {requests_per_day: 1, stored_bytes: 2, shadow: true}");

    assertThat(settings.quotas().quotas()).containsExactly(
        new Quota(Meter.REQUESTS, Window.DAY, 1).asShadow(), new Quota(Meter.STORED_BYTES, Window.LIFETIME, 2));
  }

  @Test
  void nothing_said_is_every_default() {
    var check = new HealthCheckSettings("/health", Optional.empty(), seconds(2), seconds(1), 3, 2);
    var balancer = new BalancerSettings(BalancerSettings.Algorithm.WEIGHTED_ROUND_ROBIN, "source", Duration.ZERO, 0,
        new BalancerSettings.Outliers(BalancerSettings.Answers.IMGPROXY, 5, seconds(30), seconds(300), 50),
        new BalancerSettings.Breaker(1024, 3, 0, 20, seconds(5)));

    assertThat(Settings.defaults()).isEqualTo(new Settings(
        new ServerSettings("0.0.0.0", 8080, seconds(30), seconds(30), seconds(60), seconds(30),
            Duration.ZERO, Duration.ZERO, 0, 240, 16384, List.of(), true, Optional.empty()),
        Path.of("data"),
        new DatabaseSettings(Driver.SQLITE, Optional.empty(), 10, seconds(2), seconds(2)),
        Optional.empty(),
        List.of(),
        List.of(new PoolSettings("default", balancer, check)),
        List.of(),
        check,
        balancer,
        new DiscoverySettings(Optional.empty(), Optional.empty(), Optional.empty(), seconds(5), "default"),
        new ProxySettings(seconds(2), seconds(30), seconds(30), Duration.ofMinutes(5), Duration.ZERO, Duration.ZERO, 1024,
            3,
            Optional.empty(), true, DebugFields.PASS),
        Optional.empty(),
        new CacheSettings(64L << 20, 0),
        new RateLimitSettings(
            List.of(new Limit(100, MINUTE, 20)),
            List.of(Limit.of(1000, MINUTE), Limit.of(10000, HOUR)),
            List.of(),
            List.of(),
            List.of(Limit.of(5000, MINUTE)),
            List.of(),
            MINUTE,
            600,
            64,
            WhenUnreachable.LOCAL),
        new AbuseSettings(AbuseSettings.Mode.OFF, 30, 1200, 20, 600, MINUTE, HOUR.multipliedBy(24), HOUR.multipliedBy(24),
            List.of(Cidr.parse("127.0.0.0/8"), Cidr.parse("::1/128")), Optional.empty()),
        new QuotaSettings(
            List.of(), BillingCalendar.UTC, WhenExhausted.FINISH, List.of(50, 80, 100), seconds(1)),
        new AuthSettings(
            true, Optional.empty(), "gk", "live", Optional.empty(), 1, Map.of(), Optional.empty(), 100_000, seconds(60),
            seconds(5), HOUR, 1000),
        new AdminSettings(Optional.empty(), false, Optional.empty(), Optional.empty(), true, Duration.ofDays(400)),
        new ObservabilitySettings(true, "/metrics", List.of(), LogLevel.INFO, LogFormat.AUTO),
        new RequestLogSettings(false, 1, true, false, Duration.ofDays(7), 1000),
        new UploadSettings(Optional.empty(), Optional.empty(), 20 << 20, 50_000_000, 16_384, 500, 32,
            Map.of("original", "rs:fit:0:0"), Duration.ofHours(24))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# nothing but a comment\n", "---\n", "{}", "~", "server:\nredis:\nbackends:\n"})
  void an_empty_file_or_empty_sections_say_nothing(String text) {
    assertThat(read(text)).isEqualTo(Settings.defaults());
  }

  @Test
  void every_setting_can_be_set() {
    Settings settings = read("""
        server:
          host: 127.0.0.1
          port: 0
          read_timeout: 500ms
          write_timeout: 1m
          idle_timeout: 1h
          shutdown_timeout: 0s
          drain_delay: 5s
          reload_interval: 2s
          max_request_body: 10MiB
          min_body_rate: 1KiB
          max_header_size: 65536
          trusted_proxies: [10.0.0.0/8, "fd00::/8"]
          http2: false
          tls: {certificate: /etc/tls/chain.pem, private_key: /etc/tls/key.pem, minimum_version: 1.2}
        data_dir: /var/lib/gatehouse
        database: {dsn: /srv/gatehouse.db, max_connections: 1, connect_timeout: 3s, query_timeout: 4s}
        redis: {addr: "redis://redis:6380/", password: 0123, db: 2, timeout: 50ms, max_connections: 8}
        backends: [{url: "HTTPS://Images.Example/"}]
        balancer: {algorithm: rendezvous, hash_key: "header:X-Album", slow_start: 10s, panic_threshold: 50}
        outlier_detection:
          answers: http
          consecutive_failures: 1
          base_ejection: 2s
          max_ejection: 3s
          max_ejected_share: 4
        circuit_breaker: {max_requests: 5, trial_requests: 6, failure_share: 7, min_requests: 8, open_for: 9s}
        discovery: {dns: "imgproxy:8080", srv: _http._tcp.imgproxy, file: /etc/backends, interval: 1s}
        health_check:
          render_path: /x/rs:fit:1:1/plain/local:///a.png@png
          path: /livez
          timeout: 1s
          fast_interval: 2s
          unhealthy_after: 5
          healthy_after: 6
        cache: {memory: 1GiB, disk: 10GiB}
        proxy: {connect_timeout: 1s, response_timeout: 2s, idle_timeout: 3s, websocket_idle_timeout: 4h,
                hedge_after: 7s, total_timeout: 1m, max_connections: 4, max_attempts: 5,
                tls: {ca_certificates: /etc/tls/ca.pem}, imgproxy_debug_fields: consume}
        images:
          key: ab12
          salt: CD34
          signature_size: 8
          secret: bearer
          pool: default
          path: /img/signed
          endless_urls: true
          normalize: false
          auto_formats: webp
          client_hints: true
          sources: ["https://*.example.com/photos", "local:///{tenant}/"]
          encrypted_sources: true
          presets:
            thumb: "rs:fill:300:300/q:80"
            big: w:2000
          only_presets: true
          max_width: 1000
          max_height: 2000
          max_megapixels: 3
          max_dpr: 2
          max_blur: 5
          max_sharpen: 6
          formats: [jpg, webp]
          grant: filename
          refuse: blur
          impose: msr:50/maf:1
          tenants:
            - {name: acme, sources: "s3://acme/", presets: [thumb], formats: avif, max_megapixels: 50}
            - {name: bare}
          max_concurrent: 1
          max_waiting: 2
          max_waiting_per_tenant: 3
          max_wait: 4s
        rate_limits:
          ip_level: none
          user_level: {}
          api_level: {burst: 7, requests_per_second: 6, requests_per_day: 9}
          ipv6_prefix: 56
          when_unreachable: closed
        abuse: {mode: shadow, bad_keys_per_minute: 1, key_refusals_per_minute: 2, spike_factor: 3, spike_requests: 4,
                first_suspension: 5s, longest_suspension: 6s, memory: 0s, exempt: 10.0.0.0/8,
                countries_file: /srv/countries.mmdb}
        quotas:
          requests_per_day: 1
          requests_per_month: 2
          bytes_per_day: 3KiB
          bytes_per_month: 4GiB
          request_bytes_per_day: 5
          request_bytes_per_month: 6
          response_bytes_per_day: 7
          response_bytes_per_month: 8
          megapixels_per_day: 9
          megapixels_per_month: 10
          stored_bytes: 11KiB
          beyond: soft
          time_zone: Europe/Berlin
          billing_day: 31
          when_exhausted: cut
          thresholds: [90, 10, 90]
          flush_interval: 2s
        auth:
          required: false
          query_parameter: api_key
          key_prefix: ab
          environment: test
          pepper: 0123456789abcdef0123456789abcdef
          pepper_version: 3
          other_peppers: "1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, 20:b:b:b:b:b:b:b:b:b:b:b:b:b:b:b:b:"
          imported_keys: "old_[a-z]{8,40}"
          cache_size: 5
          cache_ttl: 6s
          negative_ttl: 7s
          stale_for: 1d
          warm_keys: 8
        admin: {listen: ":8081", tls: true, token: 0123456789abcdef, registration_token: fedcba9876543210, console: false,
          audit_keep: 3d}
        observability:
          metrics_enabled: FALSE
          prometheus_path: /internal/metrics
          metrics_allow: "192.0.2.0/24, 198.51.100.7"
          log_level: debug
          log_format: json
        request_log:
          {enabled: true, sample: 0.25, always_errors: false, query: true, keep: 2d, max_rows_per_second: 50}
        upload:
          s3:
            {endpoint: "https://s3.example", region: eu-1, bucket: images, prefix: up/loads, access_key: id, secret_key: key}
          max_bytes: 1KiB
          max_pixels: 5
          max_side: 6
          max_frames: 7
          max_concurrent: 8
          urls: {small: "rs:fit:9:9/q:80", square: preset:square}
          urls_expire_in: 7d
        """);

    var check = new HealthCheckSettings(
        "/livez", Optional.of("/x/rs:fit:1:1/plain/local:///a.png@png"), seconds(1), seconds(2), 5, 6);
    var balancer = new BalancerSettings(BalancerSettings.Algorithm.RENDEZVOUS, "header:X-Album", seconds(10), 50,
        new BalancerSettings.Outliers(BalancerSettings.Answers.HTTP, 1, seconds(2), seconds(3), 4),
        new BalancerSettings.Breaker(5, 6, 7, 8, seconds(9)));
    assertThat(settings).isEqualTo(new Settings(
        new ServerSettings("127.0.0.1", 0, Duration.ofMillis(500), MINUTE, HOUR, Duration.ZERO, seconds(5),
            seconds(2), 10 << 20, 1024, 65536, List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("fd00::/8")), false,
            Optional.of(new TlsSettings(Path.of("/etc/tls/chain.pem"), Path.of("/etc/tls/key.pem"),
                TlsSettings.Version.TLS_1_2))),
        Path.of("/var/lib/gatehouse"),
        new DatabaseSettings(Driver.SQLITE, Optional.of(new Secret("/srv/gatehouse.db")), 1, seconds(3), seconds(4)),
        Optional.of(new RedisSettings(InetSocketAddress.createUnresolved("redis", 6380),
            Optional.of(new Secret("0123")), 2, false, Duration.ofMillis(50), 8)),
        List.of(backend("https://images.example", 1, 30)),
        List.of(new PoolSettings("default", balancer, check)),
        List.of(),
        check,
        balancer,
        new DiscoverySettings(Optional.of("imgproxy:8080"), Optional.of("_http._tcp.imgproxy"),
            Optional.of(Path.of("/etc/backends")), seconds(1), "default"),
        new ProxySettings(seconds(1), seconds(2), seconds(3), Duration.ofHours(4), MINUTE, seconds(7), 4, 5,
            Optional.of(Path.of("/etc/tls/ca.pem")), true, DebugFields.CONSUME),
        Optional.of(new ImageSettings(
            List.of(new ImageSettings.Pair(new Secret("ab12"), new Secret("CD34"))), 8, Optional.of(new Secret("bearer")), "default",
            "/img/signed", true, new ImageSettings.Negotiation(false, List.of("webp"), true),
            new ImageSettings.Policy(List.of("https://*.example.com/photos", "local:///{tenant}/"), true,
                Map.of("thumb", "rs:fill:300:300/q:80", "big", "w:2000"), true, 1000, 2000, 3, 2, 5, 6,
                List.of("jpg", "webp"), List.of("filename"), List.of("blur"), Optional.of("msr:50/maf:1")),
            List.of(new ImageSettings.Tenant("acme", Optional.of(List.of("s3://acme/")), Optional.of(List.of("thumb")),
                Optional.of(List.of("avif")), Optional.of(50)),
                new ImageSettings.Tenant("bare", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty())),
            new ImageSettings.Queue(1, 2, 3, seconds(4)))),
        new CacheSettings(1L << 30, 10L << 30),
        new RateLimitSettings(List.of(), List.of(), List.of(), List.of(),
            List.of(new Limit(6, seconds(1), 7), Limit.of(9, Duration.ofDays(1))), List.of(), MINUTE, 600, 56,
            WhenUnreachable.CLOSED),
        new AbuseSettings(AbuseSettings.Mode.SHADOW, 1, 2, 3, 4, seconds(5), seconds(6), Duration.ZERO,
            List.of(Cidr.parse("10.0.0.0/8")), Optional.of(Path.of("/srv/countries.mmdb"))),
        new QuotaSettings(
            List.of(soft(Meter.REQUESTS, Window.DAY, 1), soft(Meter.REQUESTS, Window.MONTH, 2),
                soft(Meter.BYTES, Window.DAY, 3072), soft(Meter.BYTES, Window.MONTH, 4L << 30),
                soft(Meter.REQUEST_BYTES, Window.DAY, 5), soft(Meter.REQUEST_BYTES, Window.MONTH, 6),
                soft(Meter.RESPONSE_BYTES, Window.DAY, 7), soft(Meter.RESPONSE_BYTES, Window.MONTH, 8),
                soft(Meter.PIXELS, Window.DAY, 9_000_000), soft(Meter.PIXELS, Window.MONTH, 10_000_000),
                soft(Meter.STORED_BYTES, Window.LIFETIME, 11 << 10)),
            new BillingCalendar(ZoneId.of("Europe/Berlin"), 31), WhenExhausted.CUT, List.of(10, 90), seconds(2)),
        new AuthSettings(false, Optional.of("api_key"), "ab", "test",
            Optional.of(new Secret("0123456789abcdef0123456789abcdef")), 3,
            Map.of(1, new Secret("a".repeat(32)), 20, new Secret("b:".repeat(16))), Optional.of("old_[a-z]{8,40}"), 5,
            seconds(6), seconds(7), Duration.ofDays(1), 8),
        new AdminSettings(Optional.of(InetSocketAddress.createUnresolved("0.0.0.0", 8081)), true,
            Optional.of(new Secret("0123456789abcdef")), Optional.of(new Secret("fedcba9876543210")),
            false, Duration.ofDays(3)),
        new ObservabilitySettings(false, "/internal/metrics",
            List.of(Cidr.parse("192.0.2.0/24"), Cidr.parse("198.51.100.7")), LogLevel.DEBUG, LogFormat.JSON),
        new RequestLogSettings(true, 0.25, false, true, Duration.ofDays(2), 50),
        new UploadSettings(
            Optional.empty(),
            Optional.of(new UploadSettings.S3(
                URI.create("https://s3.example"), "eu-1", "images", Optional.of("up/loads"), new Secret("id"),
                new Secret("key"))),
            1024, 5, 6, 7, 8, Map.of("small", "rs:fit:9:9/q:80", "square", "preset:square"), Duration.ofDays(7))));
  }

  @Test
  void a_level_that_is_spoken_of_has_only_what_is_said_and_the_others_keep_their_defaults() {
    RateLimitSettings limits = read("rate_limits: {ip_level: {requests_per_hour: 7}}").rateLimits();

    assertThat(limits.ipLevel()).containsExactly(Limit.of(7, HOUR));
    assertThat(limits.userLevel()).isEqualTo(Settings.defaults().rateLimits().userLevel());
    assertThat(limits.apiLevel()).isEqualTo(Settings.defaults().rateLimits().apiLevel());
  }

  @Test
  void a_limit_without_burst_admits_its_whole_count_at_once_and_burst_is_that_of_the_shortest_window() {
    assertThat(read("rate_limits: {api_level: {requests_per_minute: 1000}}").rateLimits().apiLevel())
        .containsExactly(new Limit(1000, MINUTE, 1000));
    assertThat(read("rate_limits: {api_level: {requests_per_hour: 9, requests_per_minute: 5, burst: 2}}")
        .rateLimits().apiLevel())
        .containsExactly(new Limit(5, MINUTE, 2), new Limit(9, HOUR, 9));
  }

  @Test
  void an_address_of_postgres_chooses_the_driver() {
    for (String dsn : List.of("postgres://db/g", "postgresql://db/g", "jdbc:postgresql://db/g")) {
      assertThat(read("database: {dsn: \"" + dsn + "\"}").database().driver()).isEqualTo(Driver.POSTGRES);
    }
    assertThat(read("database: {dsn: my.db}").database().driver()).isEqualTo(Driver.SQLITE);
  }

  @Test
  void redis_is_there_only_with_an_address_and_an_empty_one_switches_it_off() {
    String text = "redis: {addr: \"${REDIS:}\", password: p, db: 1}";

    assertThat(read(text).redis()).isEmpty();
    assertThat(read(text, Map.of("REDIS", "cache")).redis().orElseThrow().address())
        .isEqualTo(InetSocketAddress.createUnresolved("cache", 6379));
  }

  @Test
  void addresses_may_be_ipv6() {
    Settings settings = read("redis: {addr: \"[::1]:6380\"}\nbackends: [{url: \"http://[::1]:9\"}]");

    assertThat(settings.redis().orElseThrow().address())
        .isEqualTo(InetSocketAddress.createUnresolved("[::1]", 6380));
    assertThat(settings.backends()).containsExactly(backend("http://[::1]:9", 1, 30));
  }

  @Test
  void placeholders_are_filled_before_the_value_is_read() {
    String text = """
        server: {host: "${A}.${B:example}", port: "${PORT:9000}"}
        database:
          max_connections: ${POOL:5}
        redis: {addr: r, password: "a$$b$${A}$"}
        """;

    Settings settings = read(text, Map.of("A", "one", "PORT", "81"));

    assertThat(settings.server().host()).isEqualTo("one.example");
    assertThat(settings.server().port()).isEqualTo(81);
    assertThat(settings.database().maxConnections()).isEqualTo(5);
    assertThat(settings.redis().orElseThrow().password().orElseThrow().reveal()).isEqualTo("a$b${A}$");
  }

  @Test
  void what_is_filled_in_stays_one_value() {
    String text = """
        redis:
          addr: r
          password: ${P}
        """;

    String password = "x\"}\n  db: 3 # ${P} $$";

    RedisSettings redis = read(text, Map.of("P", password)).redis().orElseThrow();
    assertThat(redis.password().orElseThrow().reveal()).isEqualTo(password);
    assertThat(redis.db()).isZero();
  }

  @Test
  void a_variable_that_the_file_asks_for_may_begin_with_our_prefix() {
    assertThat(read("data_dir: \"${GATEHOUSE_HOME}/data\"", Map.of("GATEHOUSE_HOME", "/opt")).dataDir())
        .isEqualTo(Path.of("/opt/data"));
  }

  @Test
  void json_is_yaml() {
    assertThat(read("{\"server\": {\"port\": 1}, \"backends\": [{\"url\": \"http://b\"}]}").server().port())
        .isEqualTo(1);
  }

  @Test
  void no_secret_is_in_the_text_of_the_settings() {
    Settings settings = read("""
        database: {dsn: "postgres://u:hunter2@db/g"}
        redis: {addr: r, password: hunter2}
        auth: {pepper: hunter2hunter2hunter2hunter2hunter2}
        admin: {token: hunter2hunter2hunter2}
        """);

    assertThat(settings.toString()).doesNotContain("hunter2").contains(Secret.MASK);
  }

  @Test
  void without_jacksons_reader_only_a_file_is_missed(@TempDir Path folder) throws Exception {
    ClassLoader without = new WithoutPackages(getClass().getClassLoader(), "com.fasterxml.jackson", "org.yaml");
    Class<?> reader = without.loadClass(SettingsReader.class.getName());
    var read = reader.getMethod("read", Optional.class, Map.class);

    assertThat(read.invoke(null, Optional.empty(), Map.of("GATEHOUSE_SERVER_PORT", "81")).toString())
        .contains("port=81");
    assertThatThrownBy(() -> read.invoke(null, Optional.of(Files.createFile(folder.resolve("g.yaml"))), Map.of()))
        .cause().isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("add com.fasterxml.jackson.dataformat:jackson-dataformat-yaml");
  }

  static Settings read(String text) {
    return read(text, Map.of());
  }

  static Settings read(String text, Map<String, String> environment) {
    return SettingsReader.read("gatehouse.yaml", text, environment).settings();
  }

  private static Upstream backend(String uri, int weight, int interval) {
    return new Upstream(URI.create(uri), weight, Upstream.State.ENABLED, seconds(interval));
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }
}
