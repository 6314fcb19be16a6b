package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.Frame;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.GatewayProcess;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.WebSocketBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * WebSockets through whole gateways: what they are charged, what is told of them, and how they end with the
 * process.
 */
@Timeout(120)
class WebSocketTest {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  @Test
  void a_tunnel_is_settled_when_it_is_over_by_what_went_through_it() throws Exception {
    try (WebSocketBackend backend = new WebSocketBackend(); GatewayNode node = start(backend.uri(), "none")) {
      String user = node.user("alice");
      try (Wire client = open(node.port(), node.key(user).secret())) {
        client.send(new Frame(0x82, true, "x".repeat(1_000)).bytes());
        Frame.read(client);
        assertThat(node.gatehouse().pool().standings().get(0).inFlight()).isEqualTo(1);
        assertThat(used(node, user, Meter.REQUESTS)).isEqualTo(1);
        assertThat(used(node, user, Meter.BYTES)).isLessThan(1_000);
        client.send(Frame.close(1000, "").fromClient().bytes());
        Frame.read(client);
      }

      // 4 + 4 + 1,000 and 2 + 4 + 2 up, 4 + 1,000 and 2 + 2 down.
      await().atMost(SOON).until(() -> used(node, user, Meter.BYTES) == 1_016 + 1_008);
      assertThat(used(node, user, Meter.REQUESTS)).isEqualTo(1);
      await().atMost(SOON).until(() -> node.gatehouse().pool().standings().get(0).inFlight() == 0);
    }
  }

  @Test
  void a_limit_refuses_the_handshake_before_a_backend_hears_of_it() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("ok"); GatewayNode node = start(backend.uri(), "2/1m")) {
      IssuedKey key = node.key(node.user("alice"));
      for (int i = 0; i < 2; i++) {
        try (Wire client = Wire.connect(node.port()).send(handshake(key.secret()))) {
          assertThat(client.head().status()).isEqualTo(200);
        }
      }
      long before = heard(backend);

      try (Wire client = Wire.connect(node.port()).send(handshake(key.secret()))) {
        Wire.Head answer = client.head();
        assertThat(answer.status()).isEqualTo(429);
        assertThat(client.body(answer)).contains("rate-limit-exceeded");
      }
      try (Wire client = Wire.connect(node.port()).send(Frame.handshake("/echo"))) {
        assertThat(client.head().status()).isEqualTo(401);
      }
      assertThat(heard(backend)).isEqualTo(before);
    }
  }

  private static long heard(ScriptedBackend backend) {
    return backend.requests().stream().filter(head -> head.target().equals("/echo")).count();
  }

  @Test
  void an_accepted_handshake_says_what_is_left_of_the_limits() throws Exception {
    try (WebSocketBackend backend = new WebSocketBackend(); GatewayNode node = start(backend.uri(), "2/1m")) {
      IssuedKey key = node.key(node.user("alice"));
      try (Wire client = Wire.connect(node.port()).send(handshake(key.secret()))) {
        Wire.Head answer = client.head();

        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.has("RateLimit")).isTrue();
        assertThat(answer.has("X-Request-Id")).isTrue();
      }
    }
  }

  @Test
  void the_access_line_comes_when_the_tunnel_is_over() throws Exception {
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
    access.addAppender(collector);
    access.setLevel(Level.INFO);
    try (WebSocketBackend backend = new WebSocketBackend(); GatewayNode node = start(backend.uri(), "none")) {
      String user = node.user("alice");
      try (Wire client = open(node.port(), node.key(user).secret())) {
        client.send(Frame.text("hello").fromClient().bytes());
        Frame.read(client);
        // Another request over another connection uses the server's objects meanwhile.
        node.get("/health");
        assertThat(lines).noneMatch(line -> fields(line).get("path").equals("/echo"));
      }

      await().atMost(SOON).until(() -> lines.stream().anyMatch(line -> fields(line).get("path").equals("/echo")));
      assertThat(lines.stream().map(WebSocketTest::fields).filter(line -> line.get("path").equals("/echo")))
          .singleElement().satisfies(line -> {
            assertThat(line)
                .containsEntry("method", "GET")
                .containsEntry("status", "101")
                .containsEntry("request_bytes", "11")
                .containsEntry("response_bytes", "7")
                .containsEntry("user", user)
                .containsEntry("backend", backend.uri().toString())
                .containsEntry("outcome", "ABORTED");
            assertThat(Double.parseDouble(line.get("duration_ms"))).isPositive();
          });
    } finally {
      access.detachAppender(collector);
    }
  }

  @Test
  void open_tunnels_and_their_bytes_are_in_the_metrics() throws Exception {
    try (WebSocketBackend backend = new WebSocketBackend(); GatewayNode node = start(backend.uri(), "none")) {
      try (Wire client = open(node.port(), node.key(node.user("alice")).secret())) {
        client.send(Frame.text("hello").fromClient().bytes());
        Frame.read(client);

        assertThat(metrics(node)).contains("gatehouse_tunnels_open 1.0", "gatehouse_tunnels_opened_total 1.0",
            "gatehouse_tunnel_bytes_total{to=\"backend\"} 11.0", "gatehouse_tunnel_bytes_total{to=\"client\"} 7.0");
      }
      await().atMost(SOON).until(() -> metrics(node).contains("gatehouse_tunnels_open 0.0"));
      await().atMost(SOON).until(() -> metrics(node)
          .contains("gatehouse_requests_total{outcome=\"aborted\",route=\"-\",status=\"1xx\"} 1.0"));
    }
  }

  @Test
  void when_a_backend_is_killed_its_clients_are_told_and_new_ones_go_elsewhere() throws Exception {
    try (WebSocketBackend.Killable doomed = WebSocketBackend.Killable.start();
        WebSocketBackend other = new WebSocketBackend();
        GatewayNode node = GatewayNode.start(directory, """
            backends: [{url: "http://127.0.0.1:%d", weight: 100}, {url: "%s"}]
            auth: {required: false}
            rate_limits: {ip_level: none, user_level: none, api_level: none}
            """.formatted(doomed.port(), other.uri()))) {
      List<Wire> clients = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        Wire client = Wire.connect(node.port()).send(Frame.handshake("/echo"));
        assertThat(client.head().status()).isEqualTo(101);
        clients.add(client);
      }

      doomed.close();

      for (Wire client : clients) {
        assertThat(Frame.read(client).code()).isEqualTo(1014);
        assertThat(client.closed()).isTrue();
        client.close();
      }
      try (Wire client = Wire.connect(node.port()).send(Frame.handshake("/echo"))) {
        assertThat(client.head().status()).isEqualTo(101);
        client.send(Frame.text("hello").fromClient().bytes());
        assertThat(Frame.read(client).payload()).isEqualTo("hello");
      }
    }
  }

  @Test
  void sigterm_closes_tunnels_with_1001_and_exits_cleanly() throws Exception {
    try (WebSocketBackend backend = new WebSocketBackend();
        GatewayProcess gateway = new GatewayProcess(directory, "256m", yaml(backend.uri(), "none"));
        Wire client = open(gateway.port(), newKey(gateway))) {
      client.send(Frame.text("hello").fromClient().bytes());
      Frame.read(client);
      Thread answering = new Thread(() -> {
        try {
          if (Frame.read(client).code() == 1001) {
            client.send(Frame.close(1001, "").fromClient().bytes());
          }
        } catch (IOException e) {
          // The exit code is not 0 in time then.
        }
      });
      answering.start();

      assertThat(gateway.terminate()).isZero();

      answering.join();
      assertThat(client.closed()).isTrue();
      await().atMost(SOON).until(() -> backend.closes().equals(List.of("1001 gateway stops")));
    }
  }

  @Test
  void a_tunnel_that_stands_within_a_frame_is_cut_off_at_the_deadline_and_paid_for() throws Exception {
    try (WebSocketBackend backend = new WebSocketBackend();
        GatewayProcess gateway = new GatewayProcess(directory, "256m",
            yaml(backend.uri(), "none") + "server: {shutdown_timeout: 1s}\n")) {
      String key = newKey(gateway);
      try (Wire client = open(gateway.port(), key)) {
        byte[] frame = new Frame(0x82, true, "x".repeat(10_000)).bytes();
        client.out().write(frame, 0, 5_000);
        await().atMost(SOON).until(() -> gateway.get("/metrics").body()
            .contains("gatehouse_tunnel_bytes_total{to=\"backend\"} 5000.0"));
        long begin = System.nanoTime();

        assertThat(gateway.terminate()).isZero();

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
        assertThat(Frame.read(client).code()).isEqualTo(1001);
        assertThat(client.closed()).isTrue();
      }
      gateway.start();
      String user = JSON.readTree(gateway.command("users", "list", "--output", "json")).findValue("id").asText();
      String usage = gateway.get("/api/v1/users/" + user + "/usage", "Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN)
          .body();
      assertThat(JSON.readTree(usage).get("usage").findValuesAsText("used")).contains("5000");
    }
  }

  @Test
  void a_thousand_idle_tunnels_need_little_memory_and_no_threads() throws Exception {
    int tunnels = 1_000;
    List<Wire> clients = new ArrayList<>();
    try (WebSocketBackend backend = new WebSocketBackend();
        GatewayProcess gateway = new GatewayProcess(directory, "128m", yaml(backend.uri(), "none"))) {
      String key = newKey(gateway);
      clients.add(open(gateway.port(), key));
      long threads = status(gateway, "Threads");
      long before = status(gateway, "VmRSS");
      for (int i = 1; i < tunnels; i++) {
        clients.add(open(gateway.port(), key));
      }

      for (Wire client : clients) {
        client.send(Frame.text("hello").fromClient().bytes());
      }
      for (Wire client : clients) {
        assertThat(Frame.read(client).payload()).isEqualTo("hello");
      }

      // The heap may grow to its limit before anything is collected; 128 MiB cannot hold 100 KiB for each.
      assertThat(status(gateway, "VmRSS") - before).as("KiB").isLessThan(tunnels * 100L);
      assertThat(status(gateway, "Threads") - threads).isLessThan(100);
      assertThat(gateway.get("/metrics").body()).contains("gatehouse_tunnels_open 1000.0");
    } finally {
      for (Wire client : clients) {
        client.close();
      }
    }
  }

  private static long status(GatewayProcess gateway, String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + gateway.pid() + "/status")).stream()
        .filter(line -> line.startsWith(name + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElseThrow();
  }

  private GatewayNode start(URI backend, String userLevel) throws IOException {
    return GatewayNode.start(directory, yaml(backend, userLevel));
  }

  private static String yaml(URI backend, String userLevel) {
    String level = userLevel.equals("none") ? "none" : "{requests_per_minute: 2}";
    return """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: %s, api_level: none}
        """.formatted(backend, level);
  }

  private static String newKey(GatewayProcess gateway) throws Exception {
    gateway.command("users", "create", "alice");
    return JSON.readTree(gateway.command("keys", "create", "--user", "alice", "--output", "json")).get("key").asText();
  }

  private static String handshake(String key) {
    return Frame.handshake("/echo", "X-API-Key: " + key);
  }

  private static Wire open(int port, String key) throws IOException {
    Wire client = Wire.connect(port).send(handshake(key));
    assertThat(client.head().status()).isEqualTo(101);
    return client;
  }

  private static Map<String, String> fields(ILoggingEvent line) {
    return line.getKeyValuePairs().stream()
        .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
  }

  private static String metrics(GatewayNode node) throws Exception {
    return node.get("/metrics", "Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN).body();
  }

  private static long used(GatewayNode node, String user, Meter meter) {
    QuotaKey key = new QuotaKey(user, meter, Window.DAY, Window.DAY.startAt(Instant.now(), BillingCalendar.UTC));
    return node.gatehouse().counts().quotas().used(key);
  }
}
