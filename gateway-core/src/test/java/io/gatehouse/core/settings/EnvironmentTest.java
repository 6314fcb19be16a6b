package io.gatehouse.core.settings;

import static io.gatehouse.core.settings.SettingsFaultsTest.faults;
import static io.gatehouse.core.settings.SettingsReaderTest.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.access.Cidr;
import io.gatehouse.core.settings.DatabaseSettings.Driver;
import io.gatehouse.limit.Limit;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void the_environment_goes_before_the_file_and_the_file_before_the_default() {
    Settings settings = read(
        "server: {port: 1, host: file}\ndatabase: {dsn: \"postgres://file/g\"}",
        Map.of("GATEHOUSE_SERVER_PORT", "2", "GATEHOUSE_DATABASE_DSN", "postgres://env/g", "PATH", "/bin"));

    assertThat(settings.server().port()).isEqualTo(2);
    assertThat(settings.server().host()).isEqualTo("file");
    assertThat(settings.server().maxHeaderBytes()).isEqualTo(16384);
    assertThat(settings.database().dsn()).contains(new Secret("postgres://env/g"));
  }

  @Test
  void the_environment_alone_is_enough() {
    Settings settings = SettingsReader.read(Optional.empty(), Map.of(
        "GATEHOUSE_DATABASE_DSN", "postgres://db/g",
        "GATEHOUSE_REDIS_ADDR", "redis:6379",
        "GATEHOUSE_SERVER_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1",
        "GATEHOUSE_BACKENDS_0_URL", "http://a",
        "GATEHOUSE_BACKENDS_1_URL", "http://b",
        "GATEHOUSE_BACKENDS_1_WEIGHT", "7",
        "GATEHOUSE_BACKENDS_1_HEALTH_CHECK_INTERVAL", "9s")).settings();

    assertThat(settings.database().driver()).isEqualTo(Driver.POSTGRES);
    assertThat(settings.redis()).isPresent();
    assertThat(settings.server().trustedProxies()).containsExactly(Cidr.parse("10.0.0.0/8"), Cidr.parse("192.0.2.1"));
    assertThat(settings.backends()).extracting(backend -> backend.uri() + " " + backend.weight())
        .containsExactly("http://a 1", "http://b 7");
    assertThat(settings.backends().get(1).healthCheckInterval()).isEqualTo(Duration.ofSeconds(9));
  }

  @Test
  void elements_of_the_file_can_be_changed_and_followed_by_others() {
    Settings settings = read("backends: [{url: \"http://a\", weight: 3}]", Map.of(
        "GATEHOUSE_BACKENDS_0_WEIGHT", "4", "GATEHOUSE_BACKENDS_1_URL", "http://b"));

    assertThat(settings.backends()).extracting(backend -> backend.uri()).containsExactly(
        URI.create("http://a"), URI.create("http://b"));
    assertThat(settings.backends().get(0).weight()).isEqualTo(4);
  }

  @Test
  void more_than_ten_elements_keep_their_order() {
    var environment = new java.util.HashMap<String, String>();
    for (int i = 0; i < 12; i++) {
      environment.put("GATEHOUSE_BACKENDS_" + i + "_URL", "http://b" + i);
    }

    assertThat(read("", environment).backends()).hasSize(12)
        .last().extracting(backend -> backend.uri().getHost()).isEqualTo("b11");
  }

  @Test
  void elements_with_a_gap_or_without_what_they_need_are_faults() {
    assertThat(faults("", Map.of("GATEHOUSE_BACKENDS_1_URL", "http://b"))).containsExactly(
        "env GATEHOUSE_BACKENDS_1_URL: backends[1].url: there is no backends[0] (number them without gaps, from 0)");
    assertThat(faults("", Map.of("GATEHOUSE_BACKENDS_0_WEIGHT", "2"))).containsExactly(
        "env GATEHOUSE_BACKENDS_0_WEIGHT: backends[0].url: missing"
            + " (expected: an address such as http://127.0.0.1:8080, without a path)");
  }

  @Test
  void a_level_can_be_lifted_changed_or_restored() {
    String limited = "rate_limits: {ip_level: {requests_per_minute: 100, burst: 20}}";
    String lifted = "rate_limits: {ip_level: none}";

    assertThat(read(limited, Map.of("GATEHOUSE_RATE_LIMITS_IP_LEVEL", "none")).rateLimits().ipLevel()).isEmpty();
    assertThat(read(limited, Map.of("GATEHOUSE_RATE_LIMITS_IP_LEVEL_REQUESTS_PER_MINUTE", "200"))
        .rateLimits().ipLevel()).containsExactly(new Limit(200, MINUTE, 20));
    assertThat(read(lifted, Map.of("GATEHOUSE_RATE_LIMITS_IP_LEVEL_REQUESTS_PER_MINUTE", "200"))
        .rateLimits().ipLevel()).containsExactly(Limit.of(200, MINUTE));
    assertThat(read("", Map.of("GATEHOUSE_RATE_LIMITS_IP_LEVEL_REQUESTS_PER_MINUTE", "200"))
        .rateLimits().ipLevel()).containsExactly(Limit.of(200, MINUTE));
    assertThat(faults("", Map.of(
        "GATEHOUSE_RATE_LIMITS_IP_LEVEL", "none", "GATEHOUSE_RATE_LIMITS_IP_LEVEL_BURST", "2"))).containsExactly(
            "env GATEHOUSE_RATE_LIMITS_IP_LEVEL_BURST: rate_limits.ip_level.burst: set, while rate_limits.ip_level is"
                + " none (remove one)");
  }

  @Test
  void values_stand_for_themselves() {
    assertThat(read("redis: {addr: r}", Map.of("GATEHOUSE_REDIS_PASSWORD", "${A}$$")).redis().orElseThrow().password())
        .contains(new Secret("${A}$$"));
  }

  @Test
  void an_empty_value_goes_back_to_the_default() {
    assertThat(read("auth: {query_parameter: key}", Map.of("GATEHOUSE_AUTH_QUERY_PARAMETER", "")).auth()
        .queryParameter()).isEmpty();
    assertThat(faults("", Map.of("GATEHOUSE_SERVER_PORT", ""))).containsExactly(
        "env GATEHOUSE_SERVER_PORT: server.port: an empty text (expected: 0 to 65535)");
  }

  @Test
  void a_value_can_be_read_from_a_file_without_its_last_line_end(@TempDir Path folder) throws IOException {
    Path unix = Files.writeString(folder.resolve("unix"), "pass word\n\n");
    Path windows = Files.writeString(folder.resolve("windows"), "0123456789abcdef\r\n");
    Path bare = Files.writeString(folder.resolve("bare"), "7");

    Effective effective = SettingsReader.read("f.yaml", "redis: {addr: r, password: x}", Map.of(
        "GATEHOUSE_REDIS_PASSWORD_FILE", unix.toString(),
        "GATEHOUSE_ADMIN_TOKEN_FILE", windows.toString(),
        "GATEHOUSE_REDIS_DB_FILE", bare.toString()));

    assertThat(effective.settings().redis().orElseThrow().password()).contains(new Secret("pass word\n"));
    assertThat(effective.settings().admin().token()).contains(new Secret("0123456789abcdef"));
    assertThat(effective.settings().redis().orElseThrow().db()).isEqualTo(7);
    assertThat(effective.values()).contains(
        new Effective.Value("redis.password", "\"******\"", "env GATEHOUSE_REDIS_PASSWORD_FILE"));
  }

  @Test
  void a_file_that_cannot_be_read_is_a_fault(@TempDir Path folder) throws IOException {
    Path large = Files.write(folder.resolve("large"), new byte[(1 << 20) + 1]);

    assertThat(faults("", Map.of("GATEHOUSE_ADMIN_TOKEN_FILE", "/nowhere/token"))).containsExactly(
        "env GATEHOUSE_ADMIN_TOKEN_FILE: admin.token: no such file: /nowhere/token");
    assertThat(faults("", Map.of("GATEHOUSE_ADMIN_TOKEN_FILE", folder.toString()))).containsExactly(
        "env GATEHOUSE_ADMIN_TOKEN_FILE: admin.token: cannot be read (expected: a file of at most 1 MiB): "
            + folder);
    assertThat(faults("", Map.of("GATEHOUSE_ADMIN_TOKEN_FILE", large.toString()))).containsExactly(
        "env GATEHOUSE_ADMIN_TOKEN_FILE: admin.token: cannot be read (expected: a file of at most 1 MiB): "
            + large);
    assertThat(faults("", Map.of("GATEHOUSE_ADMIN_TOKEN_FILE", "x", "GATEHOUSE_ADMIN_TOKEN", "y".repeat(16))))
        .containsExactly("env GATEHOUSE_ADMIN_TOKEN_FILE: admin.token: set twice (keep this or GATEHOUSE_ADMIN_TOKEN)");
  }

  @Test
  void names_with_our_prefix_that_are_no_settings_are_faults() {
    assertThat(faults("", Map.of(
        "GATEHOUSE_SERVER_PROT", "hunter2",
        "GATEHOUSE_LOG_LEVLE", "x",
        "GATEHOUSE_BACKENDS_3_WEIGTH", "1",
        "GATEHOUSE_BACKENDS_N_URL", "http://b",
        "GATEHOUSE_BACKENDS_00_URL", "http://b",
        "GATEHOUSE_ADMIN_TOKN_FILE", "x",
        "GATEHOUSE_SERVER", "x",
        "GATEHOUSE_NOTHING_LIKE_IT", "x"))).containsExactly(
            "env GATEHOUSE_ADMIN_TOKN_FILE: unknown setting (did you mean GATEHOUSE_ADMIN_TOKEN_FILE?)",
            "env GATEHOUSE_BACKENDS_00_URL: unknown setting (did you mean GATEHOUSE_BACKENDS_0_URL?)",
            "env GATEHOUSE_BACKENDS_3_WEIGTH: unknown setting (did you mean GATEHOUSE_BACKENDS_3_WEIGHT?)",
            "env GATEHOUSE_BACKENDS_N_URL: unknown setting (did you mean GATEHOUSE_BACKENDS_0_URL?)",
            "env GATEHOUSE_LOG_LEVLE: unknown setting (did you mean GATEHOUSE_OBSERVABILITY_LOG_LEVEL?)",
            "env GATEHOUSE_NOTHING_LIKE_IT: unknown setting",
            "env GATEHOUSE_SERVER: unknown setting",
            "env GATEHOUSE_SERVER_PROT: unknown setting (did you mean GATEHOUSE_SERVER_PORT?)");
  }

  @Test
  void what_kubernetes_says_of_a_service_with_our_name_is_not_ours() {
    Settings settings = read("", Map.of(
        "GATEHOUSE_SERVICE_HOST", "10.0.0.1",
        "GATEHOUSE_SERVICE_PORT", "8080",
        "GATEHOUSE_SERVICE_PORT_HTTP", "8080",
        "GATEHOUSE_PORT", "tcp://10.0.0.1:8080",
        "GATEHOUSE_PORT_8080_TCP", "tcp://10.0.0.1:8080",
        "GATEHOUSE_PORT_8080_TCP_ADDR", "10.0.0.1",
        "GATEHOUSE_SERVER_PORT", "tcp://10.0.0.2:8080"));

    assertThat(settings).isEqualTo(Settings.defaults());
  }

  @Test
  void faults_of_the_file_come_first() {
    assertThat(faults("a: 1", Map.of("GATEHOUSE_B", "2"))).containsExactly(
        "f.yaml:1:1: a: unknown setting", "env GATEHOUSE_B: unknown setting");
  }
}
