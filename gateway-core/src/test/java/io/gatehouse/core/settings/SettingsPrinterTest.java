package io.gatehouse.core.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsPrinterTest {

  @Test
  void every_value_is_printed_with_its_origin_and_secrets_are_masked() {
    Effective effective = SettingsReader.read("g.yaml", SettingsReaderTest.FIRST_USERS_FILE,
        Map.of("GATEHOUSE_SERVER_PORT", "9090", "GATEHOUSE_REDIS_PASSWORD", "hunter2"));

    String printed = SettingsPrinter.print(effective);

    assertThat(printed).startsWith("""
        server:
          host: 0.0.0.0                                         # default
          port: 9090                                            # env GATEHOUSE_SERVER_PORT
          read_timeout: 30s                                     # g.yaml:1
        """).contains("""
        data_dir: data                                          # default
        database:
          driver: postgres                                      # g.yaml:2
          dsn: "******"                                         # g.yaml:2
          max_connections: 25                                   # g.yaml:2
        """).contains("""
        redis:
          addr: "localhost:6379"                                # g.yaml:3
          password: "******"                                    # env GATEHOUSE_REDIS_PASSWORD
        """).contains("""
        backends:
          - url: "http://127.0.0.1:48080"                       # g.yaml:5
            weight: 70                                          # g.yaml:5
            health_check_interval: 30s                          # g.yaml:5
            pool: default                                       # default
          - url: "http://127.0.0.1:48081"                       # g.yaml:6
            weight: 30                                          # g.yaml:6
            health_check_interval: 30s                          # g.yaml:6
            pool: default                                       # default
        health_check:
        """).contains("""
        rate_limits:
          ip_level:
            requests_per_minute: 100                            # g.yaml:8
            burst: 20                                           # g.yaml:8
            algorithm: token-bucket                             # default
            shadow: false                                       # default
          user_level:
        """).doesNotContain("hunter2", "user:pass");
  }

  @Test
  void a_driver_that_follows_from_the_dsn_has_its_origin() {
    Effective effective = SettingsReader.read("g.yaml", "database:\n  dsn: postgres://db/g", Map.of());

    assertThat(effective.values()).contains(new Effective.Value("database.driver", "postgres", "g.yaml:2"));
  }

  @Test
  void what_is_absent_is_not_printed() {
    String printed = SettingsPrinter.print(SettingsReader.read("g.yaml", "rate_limits: {ip_level: {}}", Map.of()));

    assertThat(printed).doesNotContain("redis", "backends", "pepper:", "peppers", "dsn")
        .contains("  ip_level: none                                        # g.yaml:1\n  user_level:\n")
        .contains("  trusted_proxies: []                                   # default\n");
  }

  @Test
  void what_was_printed_can_be_read_again_and_gives_the_same() {
    Map<String, String> secrets = Map.of(
        "GATEHOUSE_DATABASE_DSN", "postgres://u:p@db/g",
        "GATEHOUSE_REDIS_PASSWORD", "p",
        "GATEHOUSE_AUTH_PEPPER", "p".repeat(32),
        "GATEHOUSE_ADMIN_TOKEN", "t".repeat(16));
    String text = """
        server: {port: 0, shutdown_timeout: 90s, idle_timeout: 1500ms, max_request_body: 1025, max_header_size: 2048,
                 trusted_proxies: [10.0.0.0/8, "2001:db8::/32"], host: "::1"}
        data_dir: "a $${b} \\"c\\" \\\\ \\u00e9 # d: 'e'"
        redis: {addr: "[::1]:1"}
        backends: [{url: "http://a"}, {url: "https://b:3", weight: 9}]
        health_check: {path: "/health?deep=1"}
        rate_limits: {ip_level: none, user_level: {requests_per_day: 9007199254740992, burst: 3}, ipv6_prefix: 48}
        quotas: {bytes_per_month: 3TiB, requests_per_day: 0, time_zone: "+02:00"}
        auth: {query_parameter: "null", required: false}
        admin: {listen: ":0"}
        observability: {metrics_allow: ["::1", 127.0.0.1], log_level: error, log_format: text}
        """;
    Effective first = SettingsReader.read("f.yaml", text, secrets);

    Effective again = SettingsReader.read("f.yaml", SettingsPrinter.print(first), secrets);

    assertThat(again.settings()).isEqualTo(first.settings());
    assertThat(again.values()).extracting(Effective.Value::yaml)
        .isEqualTo(first.values().stream().map(Effective.Value::yaml).toList());
  }

  @Test
  void the_printed_defaults_are_the_defaults() {
    String printed = SettingsPrinter.print(SettingsReader.read("", "", Map.of()));

    assertThat(SettingsReader.read("f.yaml", printed, Map.of()).settings()).isEqualTo(Settings.defaults());
  }

  @Test
  void a_mask_is_not_taken_for_a_secret() {
    String printed = SettingsPrinter.print(
        SettingsReader.read("f.yaml", "admin: {token: hunter2hunter2hunter2}", Map.of()));

    assertThat(SettingsFaultsTest.faults(printed, Map.of())).singleElement().asString()
        .contains("admin.token: 6 characters").contains("only stands for a secret");
  }
}
