package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.jetty.fixture.Frame;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.GatewayProcess;
import io.gatehouse.jetty.fixture.Load;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.WebSocketBackend;
import io.gatehouse.jetty.fixture.Wire;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Settings that change under a gateway which has work to do. */
@Timeout(180)
class ReloadTest {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String UNLIMITED = "rate_limits: {ip_level: none, user_level: none, api_level: none}\n";

  @TempDir Path directory;

  @Test
  void under_load_the_settings_change_fifty_times_and_no_request_fails() throws Exception {
    try (ScriptedBackend a = ScriptedBackend.saying("a");
        ScriptedBackend b = ScriptedBackend.saying("b");
        GatewayNode node = start("backends: [{url: \"%s\"}]\n".formatted(a.uri()) + UNLIMITED)) {
      IssuedKey key = node.key(node.user("alice"));
      try (Load load = Load.start(4, node.port(), "/picture", "X-API-Key", key.secret())) {
        for (int i = 1; i <= 50; i++) {
          String second = i % 2 == 0 ? "" : ", {url: \"%s\", weight: %d}".formatted(b.uri(), i);
          write("""
              backends: [{url: "%s"}%s]
              balancer: {algorithm: %s}
              proxy: {response_timeout: %ds, connect_timeout: %dms}
              rate_limits:
                ip_level: none
                api_level: none
                user_level: {requests_per_minute: %d}
              quotas: {requests_per_day: %d}
              """.formatted(a.uri(), second, i % 3 == 0 ? "least-request" : "weighted-round-robin", 20 + i,
              10_000 + i, 10_000_000 + i, 100_000_000 + i));
          HttpResponse<String> answer = reload(node);
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
          long before = load.count(200);
          await().atMost(SOON).until(() -> load.count(200) > before + 4);
        }

        assertThat(load.outcomes()).containsOnlyKeys("200");
      }
      assertThat(b.requests()).isNotEmpty();
      assertThat(node.gatehouse().settings().proxy().responseTimeout()).isEqualTo(Duration.ofSeconds(70));
    }
  }

  @Test
  void limits_are_in_force_with_the_answer_and_what_was_used_counts_on() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("ok");
        GatewayNode node = start(limited(backend, 5))) {
      IssuedKey key = node.key(node.user("alice"));
      for (int i = 0; i < 4; i++) {
        assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
      }

      write(limited(backend, 4));
      JsonNode changed = GatewayNode.json(reload(node));

      assertThat(changed.get("changed")).singleElement()
          .satisfies(name -> assertThat(name.asText()).isEqualTo("rate_limits.user_level.requests_per_hour"));
      HttpResponse<String> fifth = node.get("/a", "X-API-Key", key.secret());
      assertThat(fifth.statusCode()).isEqualTo(429);
      assertThat(fifth.headers().firstValue("RateLimit-Policy").orElseThrow()).contains("q=4;w=3600");
    }
  }

  @Test
  void a_bad_file_changes_nothing_and_each_fault_is_told_with_its_place() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("ok");
        GatewayNode node = start(limited(backend, 2))) {
      IssuedKey key = node.key(node.user("alice"));
      node.get("/a", "X-API-Key", key.secret());

      write("server: {prot: 1}\nrate_limits: {user_level: {requests_per_hour: 1000}}\nauth: {required: perhaps}\n");
      HttpResponse<String> answer = reload(node);

      assertThat(answer.statusCode()).isEqualTo(409);
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
      JsonNode problem = GatewayNode.json(answer);
      assertThat(problem.get("type").asText()).isEqualTo("urn:gatehouse:problem:settings-faulty");
      assertThat(problem.get("errors")).hasSize(2);
      JsonNode first = problem.get("errors").get(0);
      assertThat(first.get("field").asText()).isEqualTo("server.prot");
      assertThat(first.get("source").asText()).endsWith("gatehouse.yaml");
      assertThat(first.get("line").asInt()).isEqualTo(1);
      assertThat(first.get("hint").asText()).contains("server.port");
      assertThat(node.get("/metrics").body()).contains("gatehouse_config_last_reload_successful 0.0");
      assertThat(GatewayNode.json(node.admin("GET", "/api/v1/settings", "")).get("last_reload_successful").asBoolean())
          .isFalse();
      assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
      assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).as("the old limit").isEqualTo(429);

      write(limited(backend, 3));
      assertThat(reload(node).statusCode()).isEqualTo(200);
      IssuedKey other = node.key(node.user("bob"));
      for (int i = 0; i < 3; i++) {
        assertThat(node.get("/a", "X-API-Key", other.secret()).statusCode()).isEqualTo(200);
      }
      assertThat(node.get("/metrics").body()).contains("gatehouse_config_last_reload_successful 1.0");
    }
  }

  @Test
  void what_only_a_restart_can_change_waits_and_says_so_while_the_rest_is_in_force() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("ok");
        GatewayNode node = start(limited(backend, 2))) {
      write(limited(backend, 9) + "database: {max_connections: 7}\n"
          + "redis: {addr: \"localhost:1\", password: \"a-secret-of-redis\"}\n");

      HttpResponse<String> answer = reload(node);

      assertThat(GatewayNode.json(answer).get("waiting_for_restart")).extracting(JsonNode::asText)
          .containsExactly("database.max_connections", "redis.addr", "redis.password");
      HttpResponse<String> settings = node.admin("GET", "/api/v1/settings", "");
      assertThat(settings.body() + answer.body()).doesNotContain("a-secret-of-redis", GatewayNode.ADMIN_TOKEN);
      JsonNode waiting = row(settings, "database.max_connections");
      assertThat(waiting.get("value").asInt()).isEqualTo(10);
      assertThat(waiting.get("waiting_for_restart").asBoolean()).isTrue();
      JsonNode changed = row(settings, "rate_limits.user_level.requests_per_hour");
      assertThat(changed.get("value").asInt()).isEqualTo(9);
      assertThat(changed.get("origin").asText()).contains("gatehouse.yaml:");
      assertThat(row(settings, "admin.token").get("value").asText()).isEqualTo("******");
      assertThat(node.get("/metrics").body()).contains("gatehouse_config_waiting 3.0");
    }
  }

  @Test
  void an_answer_under_way_is_finished_by_the_settings_that_it_was_begun_with() throws Exception {
    CountDownLatch reloaded = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    try (ScriptedBackend slow = new ScriptedBackend((request, wire) -> {
          if (request.target().equals("/slow")) {
            asked.countDown();
            reloaded.await(60, TimeUnit.SECONDS);
            Thread.sleep(600); // more than the new time-out, less than the old one: only a clock of the gateway's can tell
          }
          wire.send(ScriptedBackend.ok("at last"));
        });
        GatewayNode node = start(timed(slow, "30s"))) {
      IssuedKey key = node.key(node.user("alice"));
      try (Wire client = Wire.connect(node.port())) {
        client.send("GET /slow HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key.secret() + "\r\n\r\n");
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();

        write(timed(slow, "200ms").replace(slow.uri().toString(), "http://127.0.0.1:9"));
        assertThat(reload(node).statusCode()).isEqualTo(200);
        assertThat(node.gatehouse().pool().standings()).extracting(each -> each.upstream().uri().toString())
            .containsExactly("http://127.0.0.1:9");
        reloaded.countDown();

        Wire.Head answer = client.head();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(client.body(answer)).isEqualTo("at last");
      }

      write(timed(slow, "200ms"));
      assertThat(reload(node).statusCode()).isEqualTo(200);
      assertThat(node.get("/slow", "X-API-Key", key.secret()).statusCode()).isEqualTo(504);
    }
  }

  @Test
  void a_websocket_goes_on_and_its_connection_and_those_that_rest_are_kept() throws Exception {
    try (WebSocketBackend backend = new WebSocketBackend();
        GatewayNode node = start("backends: [{url: \"%s\"}]\n".formatted(backend.uri()) + UNLIMITED)) {
      IssuedKey key = node.key(node.user("alice"));
      String field = "X-API-Key: " + key.secret() + "\r\n";
      try (Wire tunnel = Wire.connect(node.port());
          Wire resting = Wire.connect(node.port())) {
        tunnel.send(Frame.handshake("/echo").replace("\r\n\r\n", "\r\n" + field + "\r\n"));
        assertThat(tunnel.head().status()).isEqualTo(101);
        resting.send("GET /a HTTP/1.1\r\nHost: a\r\n" + field + "\r\n");
        assertThat(resting.body(resting.head())).isEqualTo("plain");

        for (int i = 1; i <= 10; i++) {
          write("backends: [{url: \"%s\", weight: %d}]\nproxy: {websocket_idle_timeout: %dm}\n"
              .formatted(backend.uri(), i, i) + UNLIMITED);
          assertThat(reload(node).statusCode()).isEqualTo(200);
        }

        tunnel.send(Frame.text("still there").fromClient().bytes());
        assertThat(Frame.read(tunnel).payload()).isEqualTo("still there");
        resting.send("GET /a HTTP/1.1\r\nHost: a\r\n" + field + "\r\n");
        assertThat(resting.body(resting.head())).isEqualTo("plain");
        assertThat(node.server().tunnels().openNow()).isEqualTo(1);
        assertThat(node.gatehouse().pool().standings()).singleElement().satisfies(standing -> {
          assertThat(standing.inFlight()).isEqualTo(1);
          assertThat(standing.upstream().weight()).isEqualTo(10);
        });
      }
    }
  }

  @Test
  void routes_and_pools_come_and_go_and_a_request_under_way_keeps_its_own() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch reloaded = new CountDownLatch(1);
    try (ScriptedBackend usual = ScriptedBackend.saying("usual");
        ScriptedBackend images = new ScriptedBackend((request, wire) -> {
          if (request.target().startsWith("/img")) {
            asked.countDown();
            reloaded.await(60, TimeUnit.SECONDS);
          }
          wire.send(ScriptedBackend.ok("images"));
        });
        GatewayNode node = start("backends: [{url: \"%s\"}]\n".formatted(usual.uri()) + UNLIMITED)) {
      IssuedKey key = node.key(node.user("alice"));
      assertThat(node.get("/img/a", "X-API-Key", key.secret()).body()).isEqualTo("usual");

      write("""
          backends: [{url: "%s"}, {url: "%s", pool: images}]
          pools: [{name: images}]
          routes:
            - {name: images, path: /img, pool: images, connect_timeout: 7s, response_timeout: 50s}
            - {name: rest}
          """.formatted(usual.uri(), images.uri()) + UNLIMITED);
      assertThat(reload(node).statusCode()).isEqualTo(200);
      try (Wire client = Wire.connect(node.port())) {
        client.send("GET /img/a HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key.secret() + "\r\n\r\n");
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();

        write("backends: [{url: \"%s\"}]\n".formatted(usual.uri()) + UNLIMITED);
        assertThat(reload(node).statusCode()).isEqualTo(200);
        assertThat(node.gatehouse().pools().names()).containsExactly("default");
        assertThat(node.get("/img/a", "X-API-Key", key.secret()).body()).isEqualTo("usual");

        reloaded.countDown();
        Wire.Head answer = client.head();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(client.body(answer)).isEqualTo("images");
      }
    }
  }

  @Test
  void backends_that_stay_keep_their_ejection_and_their_health() throws Exception {
    try (ScriptedBackend well = ScriptedBackend.saying("well");
        ScriptedBackend ill = new ScriptedBackend((request, wire) -> {
          String status = request.line().startsWith("GET /health ") ? "200 OK" : "500 Broken";
          wire.send("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
        });
        GatewayNode node = start(pair(well, ill, 1))) {
      IssuedKey key = node.key(node.user("alice"));
      await().atMost(SOON).until(() -> {
        node.get("/a", "X-API-Key", key.secret());
        return standing(node, ill).ejectedUntil().isPresent();
      });
      Standing before = standing(node, ill);

      write(pair(well, ill, 50));
      assertThat(reload(node).statusCode()).isEqualTo(200);

      assertThat(standing(node, ill)).satisfies(after -> {
        assertThat(after.upstream().weight()).isEqualTo(50);
        assertThat(after.ejectedUntil()).isPresent();
        assertThat(after.since()).isEqualTo(before.since());
      });
      for (int i = 0; i < 10; i++) {
        assertThat(node.get("/a", "X-API-Key", key.secret()).body()).isEqualTo("well");
      }
    }
  }

  @Test
  void a_file_that_is_watched_becomes_active_when_it_is_replaced_by_a_rename_or_a_link() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("ok");
        GatewayNode node = start(limited(backend, 5) + "server: {reload_interval: 20ms}\n")) {
      Path file = directory.resolve("gatehouse.yaml");

      Path fresh = Files.writeString(directory.resolve("fresh"),
          limited(backend, 6) + "server: {reload_interval: 20ms}\n");
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      await().atMost(SOON).until(() -> limit(node) == 6);

      // As a volume of Kubernetes does: a link to a link, of which the second is replaced.
      Path first = Files.createDirectories(directory.resolve("..2026_1"));
      Path second = Files.createDirectories(directory.resolve("..2026_2"));
      Files.writeString(first.resolve("gatehouse.yaml"),
          limited(backend, 7) + "server: {reload_interval: 20ms}\n");
      Files.writeString(second.resolve("gatehouse.yaml"),
          limited(backend, 8) + "server: {reload_interval: 20ms}\n");
      Path data = Files.createSymbolicLink(directory.resolve("..data"), first.getFileName());
      Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("..data", "gatehouse.yaml"));
      Files.move(link, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      await().atMost(SOON).until(() -> limit(node) == 7);
      Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), second.getFileName());
      Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      await().atMost(SOON).until(() -> limit(node) == 8);

      Files.delete(file);
      Files.writeString(file, "nonsense: 1\n");
      await().atMost(SOON).until(() -> !node.server().configuration().state().successful());
      assertThat(limit(node)).isEqualTo(8);
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void sighup_and_the_command_reload_a_process() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("ok");
        GatewayProcess gateway = new GatewayProcess(directory, "128m", limited(backend, 5))) {
      assertThat(limit(gateway)).isEqualTo("5");

      write(limited(backend, 6) + "database: {max_connections: 7}\n");
      gateway.hangUp();
      await().atMost(SOON).until(() -> limit(gateway).equals("6"));

      write(limited(backend, 7));
      assertThat(gateway.command("reload")).contains("rate_limits.user_level.requests_per_hour");
      assertThat(limit(gateway)).isEqualTo("7");

      write("nonsense: 1\n");
      gateway.hangUp();
      await().atMost(SOON).until(() -> metrics(gateway).contains("gatehouse_config_last_reload_successful 0.0"));
      assertThat(limit(gateway)).isEqualTo("7");
      assertThat(gateway.log()).contains("nonsense: unknown setting").contains("Reload by SIGHUP");
      assertThat(gateway.terminate()).isZero();
    }
  }

  private static String metrics(GatewayProcess gateway) throws Exception {
    return gateway.get("/metrics").body();
  }

  private static String limit(GatewayProcess gateway) throws Exception {
    String settings =
        gateway.get("/api/v1/settings", "Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN).body();
    return settings.replaceAll("(?s).*rate_limits.user_level.requests_per_hour\",\"value\":([0-9]+).*", "$1");
  }

  private static long limit(GatewayNode node) {
    return node.gatehouse().settings().rateLimits().userLevel().get(0).permits();
  }

  private static String limited(ScriptedBackend backend, int perHour) {
    return """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, api_level: none, user_level: {requests_per_hour: %d}}
        """.formatted(backend.uri(), perHour);
  }

  private static String timed(ScriptedBackend backend, String timeout) {
    return "backends: [{url: \"%s\"}]\nproxy: {response_timeout: %s, max_attempts: 1}\n"
        .formatted(backend.uri(), timeout) + UNLIMITED;
  }

  private static String pair(ScriptedBackend one, ScriptedBackend other, int weight) {
    return """
        backends: [{url: "%s"}, {url: "%s", weight: %d}]
        outlier_detection: {base_ejection: 1h, max_ejection: 1h}
        """.formatted(one.uri(), other.uri(), weight) + UNLIMITED;
  }

  private static Standing standing(GatewayNode node, ScriptedBackend backend) {
    return node.gatehouse().pool().standings().stream()
        .filter(standing -> standing.upstream().uri().equals(backend.uri())).findFirst().orElseThrow();
  }

  private static JsonNode row(HttpResponse<String> settings, String path) throws Exception {
    for (JsonNode row : GatewayNode.json(settings).get("settings")) {
      if (row.get("path").asText().equals(path)) {
        return row;
      }
    }
    throw new AssertionError(path + " is not among the settings");
  }

  private GatewayNode start(String yaml) throws Exception {
    return GatewayNode.start(directory, yaml);
  }

  private void write(String yaml) throws Exception {
    Files.writeString(directory.resolve("gatehouse.yaml"), yaml);
  }

  private static HttpResponse<String> reload(GatewayNode node) throws Exception {
    return node.admin("POST", "/api/v1/reload", "");
  }
}
