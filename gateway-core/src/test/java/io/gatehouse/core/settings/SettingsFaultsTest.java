package io.gatehouse.core.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsFaultsTest {

  @Test
  void all_mistakes_of_a_file_are_told_at_once_with_place_and_what_was_meant() {
    String text = """
        servr: {port: 1}
        server:
          prot: 8080
          port: 80800
          readTimeout: 30s
          write-timeout: 30s
          read_timeout: 30
          idle_timeout: 2 minutes
          shutdown_timeout: 2h
          max_request_body: 10MB
          max_header_size: 10
          trusted_proxies: [10.0.0.0/8, 10.0.0.0/40, [], "1.1.1.1,2.2.2.2"]
        host: example
        server.port: 8080
        data_dir: [here]
        database:
          driver: postgresql
          max_connections: many
          max_connections: 10
          connect_timeout:
        redis: {adr: "localhost:6379"}
        backends:
          - {url: "127.0.0.1:48080", weight: 70}
          - {url: "http://b:1", weigth: 30}
          - {url: "http://b:2", weight: 101}
          - {weight: 5}
          - http://b:3
          - {url: "http://B:2/", health_check_interval: 1s}
        health_check: {unhealthy_after: 0, path: health}
        proxy: 30s
        rate_limits:
          ip_level: {burst: 20}
          user_level: {request_per_minute: 10}
          api_level: 5000
          when_unreachable: opn
        quotas: {time_zone: Europe/Berln, bytes_per_day: 1gb}
        auth:
          required: yes
          key_prefix: GK
          pepper: short
          query_parameter: "api key"
          stale_for: *forever
        admin: {listen: "8081", token: "******"}
        observability:
          prometheus_path: /admin/metrics
          log_level: warning
          metrics_enabled: ${METRICS}
          metrics_allow: "${ALLOW:-all}"
        """;

    assertThat(faults(text, Map.of())).containsExactly(
        "f.yaml:1:1: servr: unknown setting (did you mean server?)",
        "f.yaml:3:3: server.prot: unknown setting (did you mean server.port?)",
        "f.yaml:4:9: server.port: 80800 (expected: 0 to 65535)",
        "f.yaml:5:3: server.readTimeout: unknown setting (did you mean server.read_timeout?)",
        "f.yaml:6:3: server.write-timeout: unknown setting (did you mean server.write_timeout?)",
        "f.yaml:7:17: server.read_timeout: 30 (expected: a duration from 1ms to 1d, such as 500ms, 30s or 5m)"
            + " (did you mean 30s?)",
        "f.yaml:8:17: server.idle_timeout: 2 minutes (expected: a duration from 1ms to 1d, such as 500ms, 30s or 5m)",
        "f.yaml:9:21: server.shutdown_timeout: 2h (expected: a duration from 0s to 1h)",
        "f.yaml:10:21: server.max_request_body: 10MB (expected: a size from 0 to 1024TiB, such as 65536, 64KiB or"
            + " 10MiB) (did you mean 10MiB?)",
        "f.yaml:11:20: server.max_header_size: 10 (expected: a size from 1KiB to 1MiB)",
        "f.yaml:12:33: server.trusted_proxies[1]: 10.0.0.0/40 (expected: networks such as 10.0.0.0/8)",
        "f.yaml:12:46: server.trusted_proxies[2]: a list (expected: networks such as 10.0.0.0/8)",
        "f.yaml:12:50: server.trusted_proxies[3]: 1.1.1.1,2.2.2.2 (expected: networks such as 10.0.0.0/8)",
        "f.yaml:13:1: host: unknown setting (did you mean server.host?)",
        "f.yaml:14:1: server.port: unknown setting (write it nested, server: {port: ...})",
        "f.yaml:15:11: data_dir: a list (expected: the path of a directory)",
        "f.yaml:17:11: database.driver: postgresql (expected: one of sqlite, postgres) (did you mean postgres?)",
        "f.yaml:18:20: database.max_connections: many (expected: 1 to 1000)",
        "f.yaml:19:3: database.max_connections: set twice (first in line 18)",
        "f.yaml:20:19: database.connect_timeout: no value (expected: a duration from 1ms to 5m)"
            + " (leave the line out for the default)",
        "f.yaml:21:9: redis.adr: unknown setting (did you mean redis.addr?)",
        "f.yaml:23:11: backends[0].url: 127.0.0.1:48080 (expected: an address such as http://127.0.0.1:8080, without a"
            + " path)",
        "f.yaml:24:25: backends[1].weigth: unknown setting (did you mean backends[1].weight?)",
        "f.yaml:25:33: backends[2].weight: 101 (expected: 1 to 100)",
        "f.yaml:26:5: backends[3].url: missing (expected: an address such as http://127.0.0.1:8080, without a path)",
        "f.yaml:27:5: backends[4]: a single value (expected: a mapping of url, weight, health_check_interval, pool)",
        "f.yaml:28:11: backends[5].url: http://b:2 (expected: an address of its own) (the same as backends[2].url)",
        "f.yaml:28:49: backends[5].health_check_interval: 1s (expected: no less than health_check.timeout, 2s)",
        "f.yaml:29:33: health_check.unhealthy_after: 0 (expected: 1 to 100)",
        "f.yaml:29:42: health_check.path: health (expected: a path such as /health)",
        "f.yaml:30:8: proxy: a single value (expected: a mapping of connect_timeout, response_timeout, idle_timeout,"
            + " websocket_idle_timeout, total_timeout, hedge_after, max_connections, max_attempts,"
            + " tls, imgproxy_debug_fields)",
        "f.yaml:32:21: rate_limits.ip_level.burst: a burst of no limit (set rate_limits.ip_level.requests_per_minute,"
            + " or another window)",
        "f.yaml:33:16: rate_limits.user_level.request_per_minute: unknown setting"
            + " (did you mean rate_limits.user_level.requests_per_minute?)",
        "f.yaml:34:14: rate_limits.api_level: 5000"
            + " (expected: none, or a mapping of requests_per_minute and the like)",
        "f.yaml:35:21: rate_limits.when_unreachable: opn (expected: one of local, open, closed) (did you mean open?)",
        "f.yaml:36:21: quotas.time_zone: Europe/Berln (expected: a time zone such as UTC or Europe/Berlin)"
            + " (did you mean Europe/Berlin?)",
        "f.yaml:36:50: quotas.bytes_per_day: 1gb (expected: a size from 0 to 8192TiB, such as 65536, 64KiB or 10MiB)"
            + " (did you mean 1GiB?)",
        "f.yaml:38:13: auth.required: yes (expected: true or false) (did you mean true?)",
        "f.yaml:39:15: auth.key_prefix: GK (expected: 1 to 10 lower-case letters)",
        "f.yaml:40:11: auth.pepper: 5 characters (expected: a secret of at least 32 characters)",
        "f.yaml:41:20: auth.query_parameter: api key (expected: a name of letters, digits, `.`, `_` and `-`)",
        "f.yaml:42:14: auth.stale_for: an alias (expected: a duration from 0s to 30d)",
        "f.yaml:43:17: admin.listen: 8081 (expected: host:port or :port)",
        "f.yaml:43:32: admin.token: 6 characters (expected: a secret of at least 16 characters)"
            + " (****** only stands for a secret where settings are printed)",
        "f.yaml:45:20: observability.prometheus_path: /admin/metrics"
            + " (expected: a path such as /metrics, not below /health, /admin or /api/v1)",
        "f.yaml:46:14: observability.log_level: warning (expected: one of trace, debug, info, warn, error)"
            + " (did you mean warn?)",
        "f.yaml:47:20: observability.metrics_enabled: environment variable METRICS is not set"
            + " (set it, or write ${METRICS:default})",
        "f.yaml:48:18: observability.metrics_allow: ${ALLOW:-...} in the manner of shells (write ${ALLOW:default})");
  }

  @Test
  void values_that_are_good_each_and_not_together_are_faults() {
    assertThat(faults("database:\n  driver: postgres\n", Map.of())).containsExactly(
        "f.yaml:2:11: database.dsn: missing (expected: with driver postgres, its address)"
            + " (such as postgres://user:password@localhost:5432/gatehouse)");
    assertThat(faults("database: {driver: postgres, dsn: \"host=db password=hunter2\"}", Map.of())).containsExactly(
        "f.yaml:1:35: database.dsn: not an address of PostgreSQL"
            + " (expected: postgres://..., postgresql://... or jdbc:postgresql://...)");
    assertThat(faults("database: {driver: sqlite, dsn: \"postgres://u:hunter2@db/g\"}", Map.of())).containsExactly(
        "f.yaml:1:33: database.dsn: not the path of a file (expected: one, with driver sqlite)"
            + " (did you mean database.driver: postgres?)");
    assertThat(faults("database: {dsn: \"mysql://db\"}", Map.of())).containsExactly(
        "f.yaml:1:17: database.dsn: not the path of a file (expected: one, with driver sqlite)");
    assertThat(faults("redis: {addr: \"r:6379\", cluster: true, db: 3}", Map.of())).containsExactly(
        "f.yaml:1:44: redis.db: 3 (expected: 0 with redis.cluster) (a cluster has one database)");
    assertThat(faults("redis: {password: hunter2}", Map.of())).containsExactly(
        "f.yaml:1:19: redis.addr: missing (expected: host:port or redis://host:port)"
            + " (such as localhost:6379)");
    assertThat(faults("server: {port: 81}\nadmin: {listen: \"127.0.0.1:81\"}", Map.of())).containsExactly(
        "f.yaml:2:17: admin.listen: port 81 (expected: another than server.port)"
            + " (leave it out to serve administration on the server's port)");
    assertThat(faults("health_check: {timeout: 40s}\nbackends: [{url: \"http://b\"}]", Map.of())).containsExactly(
        "f.yaml:1:25: backends[0].health_check_interval: 30s (expected: no less than health_check.timeout, 40s)");
    assertThat(faults("rate_limits: {ip_level: {requests_per_minute: 1, burst: 9007199254740993}}", Map.of()))
        .containsExactly("f.yaml:1:57: rate_limits.ip_level.burst: 9007199254740993 (expected: 1 to 2^53)");
    assertThat(faults("backends: [{url: \"http://b\"}, {url: \"http://b:80\"}]", Map.of())).containsExactly(
        "f.yaml:1:37: backends[1].url: http://b:80 (expected: an address of its own) (the same as backends[0].url)");
  }

  @Test
  void two_free_ports_are_not_the_same_port() {
    assertThat(SettingsReaderTest.read("server: {port: 0}\nadmin: {listen: \":0\"}").admin().listen()).isPresent();
  }

  @Test
  void sections_of_the_wrong_kind_are_told_with_what_belongs_there() {
    assertThat(faults("- a", Map.of())).containsExactly("f.yaml:1:1: a list (expected: a mapping of settings)");
    assertThat(faults("just text", Map.of()))
        .containsExactly("f.yaml:1:1: a single value (expected: a mapping of settings)");
    assertThat(faults("backends: {url: \"http://b\"}", Map.of()))
        .containsExactly("f.yaml:1:11: backends: a mapping (expected: a list) (begin each element with -)");
    assertThat(faults("admin: [a]", Map.of()))
        .containsExactly("f.yaml:1:8: admin: a list (expected: a mapping of listen, token, registration_token, tls, console, audit_keep)");
    assertThat(faults("rate_limits: {ip_level: }", Map.of())).containsExactly(
        "f.yaml:1:24: rate_limits.ip_level: no value (expected: none, or a mapping of requests_per_minute and the"
            + " like, or empty) (leave the line out for the default)");
    assertThat(faults("backends: [{url: }]", Map.of())).containsExactly(
        "f.yaml:1:17: backends[0].url: no value (expected: an address such as http://127.0.0.1:8080, without a path)");
    assertThat(faults("server: {port: {a: 1}}", Map.of()))
        .containsExactly("f.yaml:1:16: server.port: a mapping (expected: 0 to 65535)");
  }

  @Test
  void broken_yaml_is_told_with_its_place_and_without_its_text() {
    assertThat(faults("a: hunter2: c\n", Map.of()))
        .containsExactly("f.yaml:1:11: broken YAML: mapping values are not allowed here");
    assertThat(faults("server:\n\tport: 1\n", Map.of())).containsExactly(
        "f.yaml:2:1: broken YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for"
            + " indentation), while scanning for the next token (indent with spaces)");
    assertThat(faults("server: {port: 1,\n\n\n", Map.of())).singleElement().asString()
        .startsWith("f.yaml:1:18: broken YAML: ");
    assertThat(faults("server: {port: ${PORT:1}}\n", Map.of())).singleElement().asString()
        .startsWith("f.yaml:1:17: broken YAML: ").endsWith("(put ${...} into quotes)");
    assertThat(faults("a: 'hunter2\n", Map.of())).singleElement().asString()
        .startsWith("f.yaml:1:12: broken YAML: ").doesNotContain("hunter2");
    assertThat(faults("a: 1\nb: \u0001\n", Map.of()))
        .containsExactly("f.yaml:2:4: broken YAML: a character that is not allowed");
    assertThat(faults("? [a, b]\n: c\n", Map.of())).singleElement().asString()
        .startsWith("f.yaml:1:4: broken YAML: a key that is not a single value");
    assertThat(faults("[".repeat(100_000), Map.of())).singleElement().asString().contains("too deep a nesting");
    assertThat(faults("server: {port: 1}\n---\nserver: {port: 2}\n", Map.of()))
        .containsExactly("f.yaml:3:1: a second document (expected: one) (remove the line ---)");
  }

  @Test
  void placeholders_that_cannot_be_filled_are_faults() {
    assertThat(faults("data_dir: \"${A\"", Map.of())).containsExactly(
        "f.yaml:1:11: data_dir: ${ without } (write $${ for the characters themselves)");
    assertThat(faults("data_dir: \"${9}\"", Map.of())).containsExactly(
        "f.yaml:1:11: data_dir: ${...} without the name of an environment variable"
            + " (write ${NAME} or ${NAME:default})");
    assertThat(faults("server: {port: \"${A:}\"}", Map.of())).containsExactly(
        "f.yaml:1:16: server.port: an empty text (expected: 0 to 65535)");
    assertThat(faults("server: {trusted_proxies: [\"${A:}\"]}", Map.of())).containsExactly(
        "f.yaml:1:28: server.trusted_proxies[0]: an empty text (expected: networks such as 10.0.0.0/8)");
  }

  @Test
  void files_that_cannot_be_read_are_faults(@TempDir Path folder) throws IOException {
    Path missing = folder.resolve("missing.yaml");
    Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe9});
    Path large = Files.write(folder.resolve("large.yaml"), new byte[(3 << 20) + 1]);

    assertThat(faults(missing)).containsExactly(missing + ": no such file");
    assertThat(faults(folder)).containsExactly(folder + ": a directory (expected: a file)");
    assertThat(faults(latin)).containsExactly(latin + ": not UTF-8 (expected: a YAML file of settings)");
    assertThat(faults(large)).containsExactly(large + ": more than 3 MiB (expected: a YAML file of settings)");
  }

  @Test
  void what_was_found_is_quoted_on_one_short_line_without_the_password_of_an_address() {
    assertThat(faults("backends: [{url: \"http://u:hunter2@b\"}]", Map.of())).containsExactly(
        "f.yaml:1:18: backends[0].url: http://******@b (expected: an address such as http://127.0.0.1:8080, without a"
            + " path)");
    assertThat(faults("backends: [{url: \"http://img_1:80\"}]", Map.of())).containsExactly(
        "f.yaml:1:18: backends[0].url: http://img_1:80 (expected: an address such as http://127.0.0.1:8080, without a"
            + " path) (the name of a host cannot hold _)");
    assertThat(faults("redis: {addr: \"redis://:hunter2@r:6379\"}", Map.of())).containsExactly(
        "f.yaml:1:15: redis.addr: redis://******@r:6379 (expected: host:port or redis://host:port)"
            + " (set redis.password for the password)");
    assertThat(faults("server: {port: \"1\\n\\e[31m" + "x".repeat(100) + "\"}", Map.of())).singleElement().asString()
        .startsWith("f.yaml:1:16: server.port: 1??[31mxxx").contains("x... (expected: 0 to 65535)")
        .hasSizeLessThan(160);
    assertThat(faults("\"a\\nb\\e[31m" + "x".repeat(1000) + "\": 1", Map.of())).singleElement().asString()
        .startsWith("f.yaml:1:1: a?b?[31mxxx").endsWith("x...: unknown setting").hasSizeLessThan(340);
  }

  @Test
  void what_is_wrong_with_balancing_is_said() {
    assertThat(faults("""
        balancer: {algorithm: least-requests, hash_key: cookie}
        outlier_detection: {base_ejection: 10m}
        circuit_breaker: {max_requests: 0}
        discovery: {dns: "imgproxy:99999"}
        health_check: {render_path: picture}
        """, Map.of())).containsExactlyInAnyOrder(
        "f.yaml:1:23: balancer.algorithm: least-requests (expected: one of weighted-round-robin, least-request,"
            + " power-of-two, peak-ewma, rendezvous) (did you mean least-request?)",
        "f.yaml:1:49: balancer.hash_key: cookie (expected: path, source, address or header:Name)",
        "f.yaml:2:36: outlier_detection.max_ejection: 5m (expected: no less than outlier_detection.base_ejection, 10m)",
        "f.yaml:3:33: circuit_breaker.max_requests: 0 (expected: 1 to 1000000)",
        "f.yaml:4:18: discovery.dns: imgproxy:99999 (expected: host:port)",
        "f.yaml:5:29: health_check.render_path: picture (expected: a path such as"
            + " /insecure/rs:fit:1:1/plain/local:///probe.png)");
  }

  @Test
  void whatever_happens_to_a_file_it_is_read_or_has_faults() {
    var random = new Random(20);
    String alphabet = "{}[]:,-#&*!|>'\"%@`\\ \n\t~$?a0\u00e9\ud83d\ude00";
    int refused = 0;
    for (int i = 0; i < 5_000; i++) {
      var text = new StringBuilder(SettingsReaderTest.FIRST_USERS_FILE);
      for (int change = random.nextInt(4); change >= 0; change--) {
        int at = random.nextInt(text.length());
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.insert(at, c);
          case 1 -> text.setCharAt(at, c);
          default -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(20)));
        }
      }
      try {
        SettingsReader.read("f.yaml", text.toString(), Map.of());
      } catch (SettingsException e) {
        refused++;
        assertThat(e.faults()).isNotEmpty().allSatisfy(fault -> {
          assertThat(fault.line()).isBetween(1, (int) text.chars().filter(c -> c == '\n').count() + 1);
          assertThat(fault.column()).isPositive();
          assertThat(fault.toString()).doesNotContain("\n");
        });
      }
    }
    assertThat(refused).isBetween(2_000, 4_900);
  }

  @Test
  void the_exception_has_a_line_for_each_fault_and_the_exit_status_of_bad_configuration() {
    SettingsException refused = catchThrowableOfType(
        SettingsException.class, () -> SettingsReader.read("f.yaml", "a: 1\nb: 2", Map.of()));

    assertThat(refused.getMessage().lines()).containsExactly(
        "f.yaml:1:1: a: unknown setting", "f.yaml:2:1: b: unknown setting");
    assertThat(refused.faults()).first()
        .isEqualTo(new Fault("f.yaml", 1, 1, "a", "unknown setting", ""));
    assertThat(SettingsException.EXIT_STATUS).isEqualTo(78);
  }

  static List<String> faults(String text, Map<String, String> environment) {
    return textOf(() -> SettingsReader.read("f.yaml", text, environment));
  }

  @Test
  void tls_needs_both_files_and_what_needs_tls_says_so() {
    assertThat(faults("server: {tls: {certificate: a.pem}}", Map.of())).containsExactly(
        "f.yaml:1:29: server.tls.private_key: missing (expected: the path of a file, with server.tls.certificate)");
    assertThat(faults("server: {tls: {private_key: a.key}}", Map.of())).containsExactly(
        "f.yaml:1:29: server.tls.certificate: missing (expected: the path of a file, with server.tls.private_key)");
    assertThat(faults("server: {tls: {certificate: a, private_key: b, minimum_version: 1.1}}", Map.of()))
        .containsExactly("f.yaml:1:65: server.tls.minimum_version: 1.1 (expected: 1.2 or 1.3)");
    assertThat(faults("admin: {tls: true}", Map.of())).containsExactly(
        "f.yaml:1:14: server.tls.certificate: missing (expected: the path of a file, with admin.tls)",
        "f.yaml:1:14: admin.tls: true (expected: false, without admin.listen)"
            + " (administration speaks what the server's port speaks)");
    assertThat(faults("proxy: {tls: {verify: false, ca_certificates: ca.pem}}", Map.of())).containsExactly(
        "f.yaml:1:47: proxy.tls.ca_certificates: set, while proxy.tls.verify is false (remove one)");
  }

  @Test
  void peppers_have_numbers_of_their_own_and_are_not_shown() {
    String expected = " (expected: numbered secrets of at least 32 characters, such as 1:secret,2:secret)";
    String secret = "s".repeat(32);

    assertThat(faults("auth: {other_peppers: \"1:" + secret + "\"}", Map.of())).singleElement().asString()
        .endsWith("auth.other_peppers: one has the number 1 (expected: other numbers than auth.pepper_version)");
    for (String text : List.of(secret, "2:short", "0:" + secret, "2:" + secret + ",", "2:" + secret + ",2:" + secret)) {
      assertThat(faults("auth: {other_peppers: \"" + text + "\"}", Map.of())).singleElement().asString()
          .contains("auth.other_peppers: ").contains(expected).doesNotContain("ss:", "sss");
    }
    assertThat(faults("auth: {imported_keys: \"a(\"}", Map.of())).singleElement().asString()
        .endsWith("auth.imported_keys: a( (expected: a regular expression of Java)");
  }

  @Test
  void keys_and_salts_of_imgproxy_are_pairs_and_not_shown() {
    String expected = " (expected: hexadecimal digits, two for each byte; several with commas between them)";

    assertThat(SettingsReader.read("f.yaml", "images: {key: \"ab12, cd34\", salt: \"00,11\"}", Map.of()).settings().images()
        .orElseThrow().pairs()).containsExactly(
            new ImageSettings.Pair(new Secret("ab12"), new Secret("00")), new ImageSettings.Pair(new Secret("cd34"), new Secret("11")));
    assertThat(faults("images: {key: \"ab12,cd34,ef56\", salt: \"00\"}", Map.of())).singleElement().asString()
        .endsWith("images.salt: 1 of them (expected: as many as images.key has, 3)"
            + " (the first key goes with the first salt, and so on)");
    assertThat(faults("images: {key: \"ab12,cd3\", salt: \"00,11\"}", Map.of())).singleElement().asString()
        .endsWith("images.key: 8 characters" + expected + " (number 2 of 2 has an odd number of characters)");
    assertThat(faults("images: {key: \"ab12,\", salt: \"00,11\"}", Map.of())).singleElement().asString()
        .endsWith(expected + " (number 2 of 2 is empty)");
    assertThat(faults("images: {key: \"xyz1,ab12\", salt: \"00,11\"}", Map.of())).singleElement().asString()
        .endsWith(expected + " (number 1 of 2 is not)").doesNotContain("xyz1");
  }

  @Test
  void a_private_key_in_the_place_of_its_path_is_not_shown(@TempDir Path directory) throws IOException {
    String pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAAA\n-----END PRIVATE KEY-----\n";
    Path key = Files.writeString(directory.resolve("key.pem"), pem);

    assertThat(faults("", Map.of("GATEHOUSE_SERVER_TLS_PRIVATE_KEY_FILE", key.toString()))).containsExactly(
        "env GATEHOUSE_SERVER_TLS_PRIVATE_KEY_FILE: server.tls.private_key: the content of a PEM file"
            + " (expected: the path of a file) (name the file, do not put it here)");
  }

  private static List<String> faults(Path file) {
    return textOf(() -> SettingsReader.read(Optional.of(file), Map.of()));
  }

  private static List<String> textOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable reading) {
    return catchThrowableOfType(SettingsException.class, reading).faults().stream().map(Fault::toString).toList();
  }
}
