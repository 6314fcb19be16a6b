package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.jetty.fixture.Frame;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.Http2Wire;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.jetty.fixture.Wire.Head;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Requests go by host, path and method to one of several pools, each in its own manner, through a whole gateway. */
@Timeout(120)
class RoutesTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path directory;

  private final CountDownLatch release = new CountDownLatch(1);
  private ScriptedBackend images;
  private ScriptedBackend api;
  private GatewayNode node;

  @BeforeEach
  void start() throws IOException {
    images = new ScriptedBackend((request, wire) -> answer("images", request, wire));
    api = new ScriptedBackend((request, wire) -> answer("api", request, wire));
  }

  @AfterEach
  void stop() throws IOException {
    release.countDown();
    if (node != null) {
      node.close();
    }
    images.close();
    api.close();
  }

  private void answer(String name, Head request, Wire wire) throws IOException, InterruptedException {
    if (request.target().contains("/hangs")) {
      release.await();
    } else if (request.has("Sec-WebSocket-Key")) {
      wire.send(Frame.accepting(request));
      Frame.read(wire);
      wire.send(new Frame(0x81, false, name).bytes());
    } else {
      wire.body(request);
      wire.send("HTTP/1.1 200 OK\r\nServer: secret/1.0\r\nCache-Control: no-store\r\nX-Kept: yes\r\n"
          + "Content-Length: " + name.length() + "\r\n\r\n" + (request.method().equals("HEAD") ? "" : name));
    }
  }

  /** Two pools, and these routes over them. */
  private void route(String routes) throws IOException {
    route(routes, "");
  }

  private void route(String routes, String more) throws IOException {
    node = GatewayNode.start(directory, """
        backends:
          - {url: "%s"}
          - {url: "%s", pool: api}
        pools: [{name: api, outlier_detection: {answers: http}}]
        auth: {required: false}
        %s
        routes:
        %s""".formatted(images.uri(), api.uri(),
            more.isEmpty() ? "rate_limits: {ip_level: none, user_level: none, api_level: none}" : more,
            routes.indent(2)));
  }

  @Test
  void host_path_and_method_choose_the_pool() throws Exception {
    route("""
        - {name: writes, path: /img, methods: [POST, DELETE], pool: api}
        - {name: images, path: /img}
        - {name: tenant, host: "*.api.test", pool: api}
        """);

    assertThat(node.get("/img/a").body()).isEqualTo("images");
    assertThat(node.send("POST", "/img/a", "x").body()).isEqualTo("api");
    assertThat(node.send("DELETE", "/img/a", "").body()).isEqualTo("api");
    assertThat(raw("GET /anything HTTP/1.1\r\nHost: a.API.test:8080\r\n\r\n")).isEqualTo("api");
    assertThat(raw("GET http://b.api.test/anything HTTP/1.1\r\nHost: b.api.test\r\n\r\n")).isEqualTo("api");
    assertThat(status("GET /anything HTTP/1.1\r\nHost: api.test\r\n\r\n")).isEqualTo(404);
    assertThat(api.request().first("Host")).isEqualTo(api.uri().getAuthority());
  }

  @Test
  void the_host_of_an_absolute_target_and_of_http_2_counts() throws Exception {
    route("""
        - {name: tenant, host: api.test, pool: api}
        - {name: two, host: gateway.example, path: /two, pool: api}
        """);

    assertThat(raw("GET http://api.test/x HTTP/1.1\r\nHost: api.test\r\n\r\n")).isEqualTo("api");
    assertThat(status("GET http://other.test/x HTTP/1.1\r\nHost: api.test\r\n\r\n")).isIn(400, 404);
    assertThat(api.requests()).filteredOn(head -> head.target().equals("/x")).hasSize(1);
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      assertThat(client.get("/two/y").body()).isEqualTo("api");
      assertThat(client.get("/y").status()).isEqualTo(404);
    }
  }

  @Test
  void without_routes_all_goes_to_the_default_pool() throws Exception {
    node = GatewayNode.start(directory, """
        backends:
          - {url: "%s"}
          - {url: "%s", pool: api}
        pools: [{name: api}]
        auth: {required: false}
        """.formatted(images.uri(), api.uri()));

    for (int i = 0; i < 10; i++) {
      assertThat(node.get("/api/x").body()).isEqualTo("images");
    }
  }

  @Test
  void what_no_route_covers_is_a_problem_of_the_gateway_uncharged_and_only_told_to_those_who_are_known()
      throws Exception {
    node = GatewayNode.start(directory, """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: {requests_per_hour: 2}}
        quotas: {requests_per_day: 2}
        routes: [{name: images, path: /img}]
        """.formatted(images.uri()));
    String key = node.key(node.user("alice")).secret();

    assertThat(node.get("/other").statusCode()).isEqualTo(401);
    for (int i = 0; i < 5; i++) {
      var answer = node.get("/other", "X-API-Key", key);
      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(GatewayNode.json(answer).get("type").textValue()).isEqualTo("urn:gatehouse:problem:no-route");
    }
    assertThat(node.get("/img", "X-API-Key", key).statusCode()).isEqualTo(200);
    assertThat(node.get("/img/b", "X-API-Key", key).statusCode()).isEqualTo(200);
    assertThat(node.get("/img/c", "X-API-Key", key).statusCode()).isEqualTo(429);
    assertThat(images.requests()).noneMatch(head -> head.target().startsWith("/other"));
  }

  @Test
  void targets_are_byte_exact_but_for_what_is_stripped_and_added() throws Exception {
    route("""
        - {name: strip, path: /a/b, strip_prefix: /a}
        - {name: all, path: /whole, strip_prefix: /whole}
        - {name: swap, path: /v1, strip_prefix: /v1, add_prefix: /v2/x}
        - {name: rest}
        """);

    assertThat(received("/a/b//c%2Fd/?q=/a%20%2f")).isEqualTo("/b//c%2Fd/?q=/a%20%2f");
    assertThat(received("/whole")).isEqualTo("/");
    assertThat(received("/whole?w=1")).isEqualTo("/?w=1");
    assertThat(received("/whole/")).isEqualTo("/");
    assertThat(received("/whole//x")).isEqualTo("//x");
    assertThat(received("/v1")).isEqualTo("/v2/x");
    assertThat(received("/v1/?a")).isEqualTo("/v2/x/?a");
    assertThat(received("/v1/%76")).isEqualTo("/v2/x/%76");
    assertThat(received("//v3/%76//x;y")).isEqualTo("//v3/%76//x;y");
  }

  @Test
  void another_spelling_of_a_route_is_no_way_around_it() throws Exception {
    route("""
        - {name: admin, path: /admin, pool: api}
        - {name: rest}
        """);

    for (String target : List.of("/%61dmin", "//admin/x", "/admin%2Fx", "/admin;a/x")) {
      assertThat(status("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n")).as(target).isEqualTo(404);
    }
    assertThat(raw("GET /administrator HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo("images");
  }

  @Test
  void fields_are_set_and_removed_both_ways() throws Exception {
    route("""
        - name: all
          request_headers: {set: {X-Tier: gold}, remove: [Cookie]}
          response_headers: {set: {Cache-Control: "public, max-age=60"}, remove: [Server]}
        """);

    try (Wire client = Wire.connect(node.port()).send("GET / HTTP/1.1\r\nHost: a\r\nX-Tier: lead\r\nx_tier: tin\r\n"
        + "Cookie: a=b\r\nX-Other: kept\r\nX-Request-Id: mine\r\n\r\n")) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.all("Cache-Control")).containsExactly("public, max-age=60");
      assertThat(answer.has("Server")).isFalse();
      assertThat(answer.first("X-Kept")).isEqualTo("yes");
    }
    Head received = images.request();
    assertThat(received.all("X-Tier")).containsExactly("gold");
    assertThat(received.has("x_tier")).isFalse();
    assertThat(received.has("Cookie")).isFalse();
    assertThat(received.first("X-Other")).isEqualTo("kept");
    assertThat(received.first("X-Forwarded-Host")).isEqualTo("a");
  }

  @Test
  void each_route_has_time_of_its_own() throws Exception {
    route("""
        - {name: fast, path: /fast, response_timeout: 300ms}
        - {name: total, path: /total, total_timeout: 300ms, pool: api}
        - {name: slow, response_timeout: 1h}
        """);

    try (Wire slow = Wire.connect(node.port()).send("GET /hangs HTTP/1.1\r\nHost: a\r\n\r\n")) {
      assertThat(status("GET /fast/hangs HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo(504);
      assertThat(status("GET /total/hangs HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo(504);
      assertThat(slow.in().available()).isZero();
    }
  }

  @Test
  void routes_with_other_times_to_connect_share_threads() throws Exception {
    route("""
        - {name: one, path: /one, connect_timeout: 1s}
        - {name: two, path: /two, connect_timeout: 5s}
        - {name: three, path: /three, connect_timeout: 5s, pool: api}
        - {name: four}
        """);

    for (String path : List.of("/one", "/two", "/four")) {
      assertThat(node.get(path).body()).isEqualTo("images");
    }
    assertThat(node.get("/three").body()).isEqualTo("api");
    assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
        .filteredOn(name -> name.startsWith("gatehouse-proxy-scheduler")).hasSize(1);
  }

  @Test
  void requests_of_a_route_are_charged_as_the_endpoint_that_it_names() throws Exception {
    route("""
        - {name: uploads, path: /up, limits: heavy}
        - {name: rest}
        """, """
        rate_limits:
          ip_level: none
          api_level: none
          user_level: none
          endpoints: [{name: heavy, path: /heavy, requests_per_hour: 1}]
        """);

    assertThat(node.get("/up/1").statusCode()).isEqualTo(200);
    var second = node.get("/up/2");
    assertThat(second.statusCode()).isEqualTo(429);
    assertThat(second.body()).contains("endpoint-heavy-hour");
    assertThat(node.get("/heavy").statusCode()).isEqualTo(429);
    assertThat(node.get("/other").statusCode()).isEqualTo(200);
  }

  @Test
  void websockets_go_by_routes() throws Exception {
    route("""
        - {name: chat, path: /chat, pool: api, strip_prefix: /chat}
        - {name: rest}
        """);

    assertThat(spoken("/chat/room")).isEqualTo("api");
    assertThat(api.request().target()).isEqualTo("/room");
    assertThat(spoken("/room")).isEqualTo("images");
  }

  @Test
  void a_pool_that_is_down_takes_no_other_with_it_and_is_shown() throws Exception {
    route("""
        - {name: api, path: /x, pool: api}
        - {name: rest}
        """, """
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        health_check: {unhealthy_after: 1, fast_interval: 50ms}
        """);
    assertThat(node.get("/x").body()).isEqualTo("api");
    api.kill();

    await().atMost(SOON).untilAsserted(() -> assertThat(node.get("/x").statusCode()).isEqualTo(503));
    assertThat(node.get("/").body()).isEqualTo("images");
    assertThat(node.get("/health/ready").statusCode()).isEqualTo(200);
    JsonNode open = GatewayNode.json(node.get("/health/backends"));
    assertThat(open.get("status").textValue()).isEqualTo("degraded");
    assertThat(open.has("pools")).isFalse();
    JsonNode pools = GatewayNode.json(node.admin("GET", "/health/backends", "")).get("pools");
    assertThat(pools).extracting(pool -> pool.get("pool").textValue() + " " + pool.get("status").textValue())
        .containsExactly("default healthy", "api unhealthy");
  }

  @Test
  void the_breaker_of_a_pool_is_its_own_and_can_be_seen() throws Exception {
    route("""
        - {name: api, path: /x, pool: api}
        - {name: rest}
        """, """
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        outlier_detection: {consecutive_failures: 0}
        circuit_breaker: {failure_share: 50, min_requests: 3, open_for: 1h}
        """);
    api.script((request, wire) -> {
      wire.body(request);
      String status = request.target().startsWith("/x") ? "503 Down" : "200 OK";
      wire.send("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
    });

    await().atMost(SOON).untilAsserted(() ->
        assertThat(node.send("POST", "/x", "").body()).contains("no-healthy-backend"));

    assertThat(node.get("/").body()).isEqualTo("images");
    assertThat(node.admin("GET", "/metrics", "").body())
        .contains("gatehouse_pool_breaker{pool=\"api\",state=\"open\"} 1.0")
        .contains("gatehouse_pool_breaker{pool=\"default\",state=\"closed\"} 1.0")
        .contains("gatehouse_requests_total{outcome=\"answered\",route=\"rest\",status=\"2xx\"} 1.0");
    assertThat(GatewayNode.json(node.admin("GET", "/api/v1/backends", "")).get("pools").toString())
        .isEqualTo("[{\"pool\":\"default\",\"breaker\":\"closed\"},{\"pool\":\"api\",\"breaker\":\"open\"}]");
    assertThat(GatewayNode.json(node.get("/health/backends")).get("breaker").textValue()).isEqualTo("open");
  }

  @Test
  void a_backend_can_be_put_into_a_pool_at_run_time() throws Exception {
    route("""
        - {name: api, path: /x, pool: api}
        - {name: rest}
        """);
    try (ScriptedBackend late = ScriptedBackend.saying("late")) {
      assertThat(node.admin("PUT", "/api/v1/backends", "{\"url\": \"" + late.uri() + "\", \"pool\": \"nowhere\"}")
          .statusCode()).isEqualTo(400);
      assertThat(node.admin("PUT", "/api/v1/backends", "{\"url\": \"" + late.uri() + "\", \"pool\": \"api\"}")
          .statusCode()).isEqualTo(201);
      assertThat(node.admin("PUT", "/api/v1/backends", "{\"url\": \"" + api.uri() + "\", \"state\": \"draining\"}")
          .body()).contains("\"pool\":\"api\"");

      await().atMost(SOON).untilAsserted(() -> {
        assertThat(node.get("/x").body()).isEqualTo("late");
        assertThat(node.get("/x").body()).isEqualTo("late");
      });
      assertThat(node.get("/").body()).isEqualTo("images");
    }
  }

  @Test
  void routes_are_told_explained_and_in_the_access_log() throws Exception {
    route("""
        - {name: writes, host: a.test, methods: [POST], pool: api, total_timeout: 90s, request_headers: {set: {X-A: b}}}
        - {name: images, path: /img}
        """);
    List<ILoggingEvent> lines = new CopyOnWriteArrayList<>();
    Logger access = (Logger) LoggerFactory.getLogger("io.gatehouse.access");
    AppenderBase<ILoggingEvent> collector = new AppenderBase<>() {
      @Override
      protected void append(ILoggingEvent event) {
        lines.add(event);
      }
    };
    collector.setContext(access.getLoggerContext());
    collector.start();
    access.setLevel(Level.INFO);
    access.addAppender(collector);
    try {
      node.get("/img/a");
      await().atMost(SOON).until(() -> lines.stream().anyMatch(line -> line.getKeyValuePairs().stream()
          .anyMatch(pair -> pair.key.equals("route") && pair.value.equals("images"))));
    } finally {
      access.detachAppender(collector);
    }

    JsonNode told = GatewayNode.json(node.admin("GET", "/api/v1/routes", ""));
    assertThat(told.get("routes")).extracting(route -> route.get("name").textValue())
        .containsExactly("writes", "images");
    JsonNode writes = told.get("routes").get(0);
    assertThat(writes.get("host").textValue()).isEqualTo("a.test");
    assertThat(writes.get("methods").toString()).isEqualTo("[\"POST\"]");
    assertThat(writes.get("total_timeout").textValue()).isEqualTo("90s");
    assertThat(writes.get("request_headers").toString()).isEqualTo("{\"set\":{\"X-A\":\"b\"},\"remove\":[]}");
    assertThat(told.get("pools")).extracting(pool -> pool.get("pool").textValue()).containsExactly("default", "api");

    JsonNode explained = GatewayNode.json(
        node.admin("POST", "/api/v1/explain", "{\"method\": \"POST\", \"target\": \"/\", \"host\": \"a.test\"}"));
    assertThat(explained.get("gates")).anySatisfy(gate -> {
      assertThat(gate.get("gate").textValue()).isEqualTo("route");
      assertThat(gate.get("rule").textValue()).isEqualTo("writes");
      assertThat(gate.get("detail").textValue()).isEqualTo("goes to pool api");
    });
    assertThat(GatewayNode.json(node.admin("GET", "/api/v1/explain?target=/", "")).get("code").textValue())
        .isEqualTo("no-route");
  }

  private String spoken(String target) throws IOException {
    try (Wire client = Wire.connect(node.port()).send(Frame.handshake(target))) {
      assertThat(client.head().status()).isEqualTo(101);
      client.send(Frame.text("who").bytes());
      return Frame.read(client).payload();
    }
  }

  /** The target that the backend gets for one. */
  private String received(String target) throws IOException {
    assertThat(raw("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo("images");
    List<Head> asked = images.requests().stream().filter(head -> !head.target().equals("/health")).toList();
    return asked.get(asked.size() - 1).target();
  }

  private String raw(String request) throws IOException {
    try (Wire client = Wire.connect(node.port()).send(request)) {
      return client.body(client.head());
    }
  }

  private int status(String request) throws IOException {
    try (Wire client = Wire.connect(node.port()).send(request)) {
      return client.head().status();
    }
  }
}
