package io.gatehouse.core.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.core.settings.BalancerSettings.Algorithm;
import io.gatehouse.core.settings.BalancerSettings.Answers;
import io.gatehouse.core.settings.RouteSettings.Cache;
import io.gatehouse.core.settings.RouteSettings.FieldChanges;
import io.gatehouse.core.settings.RouteSettings.Partition;
import io.gatehouse.core.settings.RouteSettings.Timeouts;
import io.gatehouse.upstream.Upstream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools and routes: what can be said of them, and what cannot. */
class RoutingSettingsTest {

  private static final String TWO_SERVICES = """
      backends:
        - {url: "http://a:1"}
        - {url: "http://b:1", pool: images}
      health_check: {path: /up, render_path: /probe.png}
      balancer: {algorithm: least-request, hash_key: path}
      outlier_detection: {answers: http}
      discovery: {pool: images}
      pools:
        - name: images
          balancer: {algorithm: rendezvous, hash_key: source}
          health_check: {path: /health, render_path: none}
          outlier_detection: {answers: imgproxy}
        - name: plain
      proxy: {connect_timeout: 1s, response_timeout: 2s, idle_timeout: 3s, total_timeout: 4s}
      rate_limits:
        endpoints:
          - {name: heavy, path: /heavy, cost: 5}
      routes:
        - name: uploads
          host: "*.Example.com"
          path: /img/up/
          methods: [POST, PUT]
          pool: images
          limits: heavy
          connect_timeout: 100ms
          response_timeout: 5m
          idle_timeout: 1m
          total_timeout: 0s
          request_headers:
            set: {X-Tier: gold, X-Rate: 7, X-List: "a, b: c"}
            remove: [Cookie, X_Secret]
          response_headers:
            set:
              Cache-Control: "public, max-age=60"
            remove: [Server]
          strip_prefix: /img
          add_prefix: /v2/up
          variant_etags: true
          cache:
            enabled: true
            partition: shared
            default_ttl: 1m
            stale_while_revalidate: 30s
            stale_if_error: 1d
            max_entry: 1MiB
            client_control: false
            charge_hits: false
        - name: rest
      """;

  @Test
  void everything_can_be_said_of_pools() {
    Settings settings = read(TWO_SERVICES);

    assertThat(settings.backends()).extracting(Upstream::pool).containsExactly("default", "images");
    assertThat(settings.discovery().pool()).isEqualTo("images");
    assertThat(settings.pools()).extracting(PoolSettings::name).containsExactly("default", "images", "plain");
    PoolSettings usual = settings.pools().get(0);
    assertThat(usual.balancer()).isEqualTo(settings.balancer());
    assertThat(usual.healthCheck()).isEqualTo(settings.healthCheck());
    PoolSettings images = settings.pools().get(1);
    assertThat(images.balancer().algorithm()).isEqualTo(Algorithm.RENDEZVOUS);
    assertThat(images.balancer().hashKey()).isEqualTo("source");
    assertThat(images.balancer().outliers().answers()).isEqualTo(Answers.IMGPROXY);
    assertThat(images.balancer().breaker()).isEqualTo(settings.balancer().breaker());
    assertThat(images.healthCheck().path()).isEqualTo("/health");
    assertThat(images.healthCheck().renderPath()).isEmpty();
    assertThat(images.healthCheck().timeout()).isEqualTo(settings.healthCheck().timeout());
    assertThat(settings.pools().get(2)).isEqualTo(new PoolSettings("plain", usual.balancer(), usual.healthCheck()));
  }

  @Test
  void everything_can_be_said_of_routes() {
    assertThat(read(TWO_SERVICES).routes()).containsExactly(
        new RouteSettings("uploads", Optional.of("*.example.com"), "/img/up", Set.of("POST", "PUT"), "images",
            Optional.of("heavy"),
            new Timeouts(Duration.ofMillis(100), Duration.ofMinutes(5), Duration.ofMinutes(1), Duration.ZERO),
            new FieldChanges(
                Map.of("X-Tier", "gold", "X-Rate", "7", "X-List", "a, b: c"), List.of("Cookie", "X_Secret")),
            new FieldChanges(Map.of("Cache-Control", "public, max-age=60"), List.of("Server")),
            "/img", "/v2/up", Optional.of(true),
            new Cache(
                true, Partition.SHARED, Duration.ofMinutes(1), Duration.ofSeconds(30), Duration.ofDays(1), 1 << 20, false,
                false)),
        new RouteSettings("rest", Optional.empty(), "/", Set.of(), "default", Optional.empty(),
            new Timeouts(
                Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofSeconds(4)),
            new FieldChanges(Map.of(), List.of()), new FieldChanges(Map.of(), List.of()), "", "", Optional.empty(), Cache.NONE));
  }

  @Test
  void what_is_printed_is_read_as_the_same() {
    Effective effective = SettingsReader.read("g.yaml", TWO_SERVICES, Map.of());

    String printed = SettingsPrinter.print(effective);

    assertThat(printed).containsPattern("""
          - name: uploads .*
            host: "\\*\\.Example\\.com" .*
        """).containsPattern("""
            request_headers:
              set: \\{X-Tier: gold, X-Rate: 7, X-List: "a, b: c"} .*
              remove: \\[Cookie, X_Secret] .*
            response_headers:
        """);
    assertThat(read(printed)).isEqualTo(effective.settings());
  }

  @Test
  void the_environment_sets_elements_and_fields_too() {
    Settings settings = SettingsReader.read("g.yaml", "", Map.of(
        "GATEHOUSE_POOLS_0_NAME", "images",
        "GATEHOUSE_POOLS_0_BALANCER_ALGORITHM", "peak-ewma",
        "GATEHOUSE_ROUTES_0_NAME", "all",
        "GATEHOUSE_ROUTES_0_POOL", "images",
        "GATEHOUSE_ROUTES_0_REQUEST_HEADERS_SET", "X-A: 1, 2\nX-B: ${not filled in}",
        "GATEHOUSE_ROUTES_0_REQUEST_HEADERS_REMOVE", "Cookie, X-C")).settings();

    assertThat(settings.pools().get(1).balancer().algorithm()).isEqualTo(Algorithm.PEAK_EWMA);
    assertThat(settings.routes().get(0).request()).isEqualTo(
        new FieldChanges(Map.of("X-A", "1, 2", "X-B", "${not filled in}"), List.of("Cookie", "X-C")));
  }

  @Test
  void values_of_fields_are_filled_in_and_their_names_are_not() {
    String text = """
        routes:
          - {name: r, request_headers: {set: {X-Zone: "${ZONE}"}}}
        """;

    assertThat(SettingsReader.read("f.yaml", text, Map.of("ZONE", "eu")).settings().routes().get(0).request().set())
        .containsExactly(Map.entry("X-Zone", "eu"));
    assertThat(faults("routes: [{name: r, request_headers: {set: {\"X-${ZONE}\": a}}}]"))
        .containsExactly("f.yaml:1:44: routes[0].request_headers.set.X-${ZONE}: X-${ZONE}: a"
            + " (expected: fields and their values, such as X-Tier: gold)");
  }

  @Test
  void all_mistakes_are_told_with_their_place() {
    assertThat(faults("""
        backends:
          - {url: "http://a:1", pool: imagse}
        discovery: {pool: nowhere}
        pools:
          - {name: images}
          - {name: images}
          - {name: default}
          - {balancer: {algorithm: rendezvous}}
        rate_limits: {endpoints: [{name: heavy, path: /h}]}
        routes:
          - {name: a, path: /img, pool: image, limits: heavi}
          - {name: a, path: /api, strip_prefix: /ap}
          - {name: b, path: /x, strip_prefix: /x/}
          - {name: c, host: "*", path: /x/%41}
          - {path: /nameless}
          - {name: d, path: /api/deep}
          - {name: e, request_headers: {set: [X-A]}, total_timeout: never}
        """)).containsExactly(
        "f.yaml:2:31: backends[0].pool: imagse (expected: one of default, images)"
            + " (did you mean images?)",
        "f.yaml:3:19: discovery.pool: nowhere (expected: one of default, images) (name it in pools)",
        "f.yaml:6:12: pools[1].name: images (expected: a name of its own) (the same as pools[0].name)",
        "f.yaml:7:12: pools[2].name: default (expected: another name)"
            + " (balancer, health_check and outlier_detection speak of it)",
        "f.yaml:8:5: pools[3].name: missing (expected: 1 to 40 lower-case letters, digits and hyphens)",
        "f.yaml:11:33: routes[0].pool: image (expected: one of default, images)"
            + " (did you mean images?)",
        "f.yaml:11:48: routes[0].limits: heavi (expected: the name of one of rate_limits.endpoints)"
            + " (did you mean heavy?)",
        "f.yaml:12:12: routes[1].name: a (expected: a name of its own) (the same as routes[0].name)",
        "f.yaml:12:41: routes[1].strip_prefix: /ap (expected: path, or its first segments) (path is /api)",
        "f.yaml:13:39: routes[2].strip_prefix: /x/ (expected: whole segments such as /img, without a slash behind"
            + " them)",
        "f.yaml:14:21: routes[3].host: * (expected: a host such as img.example.com or *.example.com)",
        "f.yaml:14:32: routes[3].path: /x/%41 (expected: a path such as /img/resize, without encoding)",
        "f.yaml:15:5: routes[4].name: missing (expected: 1 to 40 lower-case letters, digits and hyphens)",
        "f.yaml:16:5: routes[5].name: d is never taken (a covers all of it, and stands before it)",
        "f.yaml:17:38: routes[6].request_headers.set: a list (expected: fields and their values, such as X-Tier: gold)",
        "f.yaml:17:61: routes[6].total_timeout: never (expected: a duration from 0s to 1d, such as 500ms, 30s or 5m)");
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "Host", "Content-Length", "content_length", "Connection", "Transfer-Encoding", "Upgrade", "TE", "Proxy-Authorization",
    "X-Forwarded-For", "Forwarded", "Via", "X-Gatehouse-User", "X-API-Key", "X-Request-Id", "traceparent",
    "RateLimit-Policy", "X-RateLimit-Limit", "Sec-WebSocket-Accept"
  })
  void fields_of_the_connection_and_of_the_gateway_are_left_alone(String name) {
    for (String where : List.of("request_headers", "response_headers")) {
      assertThat(faults("routes: [{name: r, " + where + ": {set: {" + name + ": x}}}]")).singleElement().asString()
          .endsWith("set." + name + ": " + name + ": x (expected: a field that routes may change) (" + name
              + " belongs to the connection, or is the gateway's own)");
      assertThat(faults("routes: [{name: r, " + where + ": {remove: [" + name + "]}}]")).singleElement().asString()
          .contains("remove[0]: " + name + " (expected: a field that routes may change)");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Authorization", "Cookie", "Set-Cookie"})
  void credentials_may_be_removed_and_not_set(String name) {
    assertThat(faults("routes: [{name: r, request_headers: {set: {" + name + ": x}}}]")).singleElement().asString()
        .endsWith("(expected: a field that is no credential) (settings are printed; credentials can only be removed)");
    assertThat(read("routes: [{name: r, request_headers: {remove: [" + name + "]}}]").routes()).hasSize(1);
  }

  @Test
  void a_value_cannot_end_its_field() {
    assertThat(faults("routes: [{name: r, request_headers: {set: {X-A: \"a\\r\\nX-B: b\"}}}]")).hasSize(1);
    assertThat(faults("routes: [{name: r, request_headers: {set: {X-A: \"a\\nX-B: b\"}}}]")).hasSize(1);
    assertThat(faults("routes: [{name: r, request_headers: {set: {X-A: \"\"}}}]")).hasSize(1);
    assertThat(faults("routes: [{name: r, request_headers: {set: {\"X A\": a}}}]")).hasSize(1);
  }

  @Test
  void a_field_is_said_once() {
    assertThat(faults("routes: [{name: r, request_headers: {set: {X-A: a, x_a: b}, remove: [X-B, x-b]}}]"))
        .extracting(fault -> fault.replaceFirst("^[^ ]+ ", "")).containsExactly(
            "routes[0].request_headers.set: x_a twice (expected: every field once)",
            "routes[0].request_headers.remove: x-b twice, or set as well (a field that is set replaces what was there)");
  }

  @Test
  void a_route_behind_one_that_covers_all_of_it_is_a_mistake() {
    assertThat(hidden("{name: a}", "{name: b, path: /x}")).isTrue();
    assertThat(hidden("{name: a, host: \"*.test\"}", "{name: b, host: x.test}")).isTrue();
    assertThat(hidden("{name: a, host: \"*.test\"}", "{name: b, host: \"*.x.test\"}")).isTrue();
    assertThat(hidden("{name: a, methods: [GET, POST]}", "{name: b, methods: [POST]}")).isTrue();

    assertThat(hidden("{name: a, path: /x}", "{name: b, path: /xy}")).isFalse();
    assertThat(hidden("{name: a, path: /x}", "{name: b}")).isFalse();
    assertThat(hidden("{name: a, host: \"*.test\"}", "{name: b, host: test}")).isFalse();
    assertThat(hidden("{name: a, host: x.test}", "{name: b}")).isFalse();
    assertThat(hidden("{name: a, methods: [POST]}", "{name: b}")).isFalse();
  }

  private static boolean hidden(String first, String second) {
    String text = "routes: [" + first + ", " + second + "]";
    try {
      read(text);
      return false;
    } catch (SettingsException e) {
      assertThat(e.faults()).singleElement().asString().contains("b is never taken");
      return true;
    }
  }

  private static Settings read(String text) {
    return SettingsReader.read("f.yaml", text, Map.of()).settings();
  }

  private static List<String> faults(String text) {
    return catchThrowableOfType(SettingsException.class, () -> read(text)).faults().stream()
        .map(Fault::toString).toList();
  }
}
