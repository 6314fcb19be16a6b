package io.gatehouse.core.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.Enforcement;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Endpoint;
import io.gatehouse.limit.EndpointLimits;
import io.gatehouse.limit.EndpointLimits.Per;
import io.gatehouse.limit.Limit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What can be said of limits, and what does not go together. */
class RateLimitSettingsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void keys_and_tenants_are_limited_like_users_and_not_at_all_by_default() {
    RateLimitSettings limits = read("""
        rate_limits:
          key_level: {requests_per_second: 5, burst: 9}
          tenant_level: {requests_per_minute: 100, shadow: true}
        """);

    assertThat(limits.keyLevel()).containsExactly(new Limit(5, SECOND, 9));
    assertThat(limits.tenantLevel()).containsExactly(Limit.of(100, MINUTE).asShadow());
    assertThat(read("").keyLevel()).isEmpty();
    assertThat(read("").tenantLevel()).isEmpty();
    assertThat(read("rate_limits: {key_level: none}").keyLevel()).isEmpty();
  }

  @Test
  void the_windows_of_a_level_count_by_one_algorithm_and_requests_under_way_by_themselves() {
    RateLimitSettings limits = read("""
        rate_limits:
          user_level: {algorithm: sliding-window, requests_per_second: 2, requests_per_minute: 7, concurrent: 20}
          ip_level: {algorithm: fixed-window, requests_per_minute: 7}
          api_level: {concurrent: 3, shadow: true}
          concurrency_timeout: 90s
        """);

    assertThat(limits.userLevel()).containsExactly(
        Limit.of(2, SECOND, Algorithm.SLIDING_WINDOW),
        Limit.of(7, MINUTE, Algorithm.SLIDING_WINDOW),
        Limit.of(20, Duration.ofSeconds(90), Algorithm.CONCURRENCY));
    assertThat(limits.ipLevel()).containsExactly(Limit.of(7, MINUTE, Algorithm.FIXED_WINDOW));
    assertThat(limits.apiLevel()).containsExactly(
        new Limit(3, Duration.ofSeconds(90), 3, Algorithm.CONCURRENCY, Enforcement.SHADOW));
  }

  @Test
  void endpoints_have_a_name_a_path_and_limits_and_the_environment_may_add_some() {
    RateLimitSettings limits = SettingsReader.read("f.yaml", """
        rate_limits:
          endpoints:
            - {name: upload, path: /upload/, methods: [POST, PUT], cost: 5, per: user, requests_per_minute: 10}
            - {name: all, path: "/"}
        """, Map.of(
            "GATEHOUSE_RATE_LIMITS_ENDPOINTS_1_CONCURRENT", "4",
            "GATEHOUSE_RATE_LIMITS_ENDPOINTS_2_NAME", "more",
            "GATEHOUSE_RATE_LIMITS_ENDPOINTS_2_PATH", "/more",
            "GATEHOUSE_RATE_LIMITS_ENDPOINTS_2_METHODS", "GET, DELETE")).settings().rateLimits();

    assertThat(limits.endpoints()).containsExactly(
        new EndpointLimits(
            new Endpoint("upload", "/upload", Set.of("POST", "PUT")), 5, Per.USER, List.of(Limit.of(10, MINUTE))),
        new EndpointLimits(
            new Endpoint("all", "/", Set.of()), 1, Per.ALL, List.of(Limit.of(4, MINUTE, Algorithm.CONCURRENCY))),
        new EndpointLimits(new Endpoint("more", "/more", Set.of("GET", "DELETE")), 1, Per.ALL, List.of()));
  }

  @Test
  void what_cannot_be_counted_is_refused_by_its_name() {
    assertThat(faults("""
        rate_limits:
          ip_level: {algorithm: sliding-window, requests_per_minute: 5, burst: 2}
          user_level: {algorithm: sliding-log, requests_per_minute: 10000, requests_per_hour: 10001}
          key_level: {algorithm: concurrency, requests_per_minute: 5}
          tenant_level: {algorithm: token_bucket, requests_per_minute: 5}
          api_level: {algorithm: fixed-window}
          concurrency_timeout: 999ms
          refusals_per_minute: -1
        """)).containsExactly(
        "f.yaml:2:72: rate_limits.ip_level.burst: a burst, while algorithm is sliding-window (only a token-bucket has a"
            + " burst)",
        "f.yaml:3:87: rate_limits.user_level.requests_per_hour: 10001 (expected: 1 to 10000 with a sliding-log)",
        "f.yaml:4:26: rate_limits.key_level.algorithm: concurrency (expected: one of token-bucket, sliding-window,"
            + " sliding-log, fixed-window)",
        "f.yaml:5:29: rate_limits.tenant_level.algorithm: token_bucket (expected: one of token-bucket, sliding-window,"
            + " sliding-log, fixed-window) (did you mean token-bucket?)",
        "f.yaml:6:26: rate_limits.api_level.algorithm: an algorithm of no limit (set"
            + " rate_limits.api_level.requests_per_minute, or another window)",
        "f.yaml:7:24: rate_limits.concurrency_timeout: 999ms (expected: a duration from 1s to 1d)",
        "f.yaml:8:24: rate_limits.refusals_per_minute: -1 (expected: 0 to 4503599627370496)");
  }

  @Test
  void endpoints_that_cannot_be_told_apart_or_never_let_pass_are_refused() {
    assertThat(faults("""
        rate_limits:
          endpoints:
            - {name: a, path: /a, cost: 5, requests_per_minute: 9, burst: 4}
            - {name: a, path: /b}
            - {path: /c}
            - {name: d}
            - {name: E, path: c, methods: [get], cost: 0, per: key}
            - {name: f, path: /f, burst: 2}
            - {name: g, path: /g, speed: 2}
            - h
        """)).containsExactly(
        "f.yaml:3:33: rate_limits.endpoints[0].cost: 5 (expected: at most 4, which may come at once) (no request would"
            + " ever pass)",
        "f.yaml:4:14: rate_limits.endpoints[1].name: a (expected: a name of its own) (the same as"
            + " rate_limits.endpoints[0].name)",
        "f.yaml:5:7: rate_limits.endpoints[2].name: missing (expected: 1 to 40 lower-case letters, digits and hyphens)",
        "f.yaml:6:7: rate_limits.endpoints[3].path: missing (expected: a path such as /img/resize, without encoding)",
        "f.yaml:7:14: rate_limits.endpoints[4].name: E (expected: 1 to 40 lower-case letters, digits and hyphens)",
        "f.yaml:7:23: rate_limits.endpoints[4].path: c (expected: a path such as /img/resize, without encoding)",
        "f.yaml:7:36: rate_limits.endpoints[4].methods[0]: get (expected: methods such as POST)",
        "f.yaml:7:48: rate_limits.endpoints[4].cost: 0 (expected: 1 to 2^53)",
        "f.yaml:7:56: rate_limits.endpoints[4].per: key (expected: one of all, user)",
        "f.yaml:8:34: rate_limits.endpoints[5].burst: a burst of no limit (set"
            + " rate_limits.endpoints[5].requests_per_minute, or another window)",
        "f.yaml:9:27: rate_limits.endpoints[6].speed: unknown setting",
        "f.yaml:10:7: rate_limits.endpoints[7]: a single value (expected: a mapping of name, path, methods, cost, per,"
            + " requests_per_second, requests_per_minute, requests_per_hour, requests_per_day, burst, algorithm,"
            + " concurrent, shadow)");
    assertThat(faults("rate_limits: {endpoints: none}")).containsExactly(
        "f.yaml:1:26: rate_limits.endpoints: a single value (expected: a list) (begin each element with -)");
  }

  @Test
  void what_was_printed_of_levels_can_be_read_again_and_gives_the_same() {
    Effective first = SettingsReader.read("f.yaml", """
        rate_limits:
          ip_level: {algorithm: sliding-log, requests_per_minute: 5}
          key_level: {concurrent: 2, shadow: true}
          tenant_level: {requests_per_day: 7}
          endpoints:
            - {name: a, path: /a, methods: [GET, POST], cost: 2, per: user, requests_per_hour: 8, concurrent: 3}
            - {name: b, path: "/", cost: 3}
          refusals_per_minute: 0
        """, Map.of());

    String printed = SettingsPrinter.print(first);

    assertThat(SettingsReader.read("f.yaml", printed, Map.of()).settings()).isEqualTo(first.settings());
    assertThat(printed).contains("  endpoints:\n    - name: a ").contains("    - name: b ");
  }

  private static RateLimitSettings read(String text) {
    return SettingsReader.read("f.yaml", text, Map.of()).settings().rateLimits();
  }

  private static List<String> faults(String text) {
    SettingsException thrown = catchThrowableOfType(SettingsException.class, () -> read(text));
    return thrown.faults().stream().map(Fault::toString).toList();
  }
}
