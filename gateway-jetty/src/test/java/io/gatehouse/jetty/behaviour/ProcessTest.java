package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.GatewayProcess;
import io.gatehouse.jetty.fixture.Load;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway in a process of its own: killed, drained, and with a small heap under large bodies. */
class ProcessTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long GIB = 1L << 30;

  @TempDir Path directory;

  @Test
  void after_kill_9_everything_is_there_and_what_was_used_is_remembered() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayProcess gateway = new GatewayProcess(directory, "256m", yaml(backend))) {
      String user = JSON.readTree(gateway.command("users", "create", "alice", "--output", "json")).get("id").asText();
      String key =
          JSON.readTree(gateway.command("keys", "create", "--user", "alice", "--output", "json")).get("key").asText();
      admin(gateway, "PUT", "/api/v1/users/" + user + "/limits",
          "{\"limits\": [{\"permits\": 100000, \"period\": \"1m\"}]}");
      admin(gateway, "PUT", "/api/v1/users/" + user + "/quotas",
          "{\"quotas\": [{\"meter\": \"requests\", \"window\": \"month\", \"most\": 1000000}]}");
      admin(gateway, "PUT", "/api/v1/users/" + user + "/whitelist", "{\"networks\": [\"127.0.0.0/8\"]}");
      long served;
      try (Load load = Load.start(4, gateway.port(), "/a", "X-API-Key", key)) {
        await().atMost(Duration.ofSeconds(30)).until(() -> load.count(200) > 500);
        gateway.kill();
        load.close();
        served = load.count(200);
      }

      gateway.start();

      assertThat(gateway.get("/a", "X-API-Key", key).statusCode()).isEqualTo(200);
      assertThat(admin(gateway, "GET", "/api/v1/users/" + user + "/limits", "").toString()).contains("100000");
      assertThat(admin(gateway, "GET", "/api/v1/users/" + user + "/quotas", "").toString()).contains("1000000");
      assertThat(admin(gateway, "GET", "/api/v1/users/" + user + "/whitelist", "").toString()).contains("127.0.0.0/8");
      long used = admin(gateway, "GET", "/api/v1/users/" + user + "/usage", "").get("usage").get(0).get("used").asLong();
      assertThat(used).isGreaterThanOrEqualTo(served);
    }
  }

  @Test
  void sigterm_answers_what_is_under_way_and_exits_cleanly() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend((request, wire) -> {
          if (request.target().equals("/slow")) {
            Thread.sleep(1_500);
          }
          wire.send(ScriptedBackend.ok("done"));
        });
        GatewayProcess gateway = new GatewayProcess(directory, "256m", yaml(backend));
        Wire wire = Wire.connect(gateway.port())) {
      gateway.command("users", "create", "alice");
      String key =
          JSON.readTree(gateway.command("keys", "create", "--user", "alice", "--output", "json")).get("key").asText();
      wire.send("GET /slow HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key + "\r\n\r\n");
      await().atMost(Duration.ofSeconds(10))
          .until(() -> backend.requests().stream().anyMatch(head -> head.target().equals("/slow")));

      int status = gateway.terminate();

      Wire.Head head = wire.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.first("Connection")).isEqualToIgnoringCase("close");
      assertThat(wire.body(head)).isEqualTo("done");
      assertThat(status).isZero();
    }
  }

  @Test
  void a_gibibyte_passes_both_ways_through_a_heap_of_256_mebibytes() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend((request, wire) -> {
          if (request.method().equals("POST")) {
            skip(wire.in(), Long.parseLong(request.first("Content-Length")));
            wire.send(ScriptedBackend.ok("got it"));
          } else {
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + GIB + "\r\n\r\n");
            fill(wire.out(), request.target().equals("/health") ? 0 : GIB);
          }
        });
        GatewayProcess gateway = new GatewayProcess(directory, "256m", yaml(backend))) {
      gateway.command("users", "create", "alice");
      String key =
          JSON.readTree(gateway.command("keys", "create", "--user", "alice", "--output", "json")).get("key").asText();
      try (Wire down = Wire.connect(gateway.port())) {
        Wire.Head head = down.send("GET /big HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key + "\r\n\r\n").head();
        assertThat(head.first("Content-Length")).isEqualTo(Long.toString(GIB));
        skip(down.in(), GIB);
      }
      try (Wire up = Wire.connect(gateway.port())) {
        up.send("POST /big HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key + "\r\nContent-Length: " + GIB + "\r\n\r\n");
        fill(up.out(), GIB);
        assertThat(up.head().status()).isEqualTo(200);
      }
    }
  }

  private static void fill(OutputStream out, long bytes) throws java.io.IOException {
    byte[] piece = new byte[1 << 20];
    for (long left = bytes; left > 0; left -= piece.length) {
      out.write(piece);
    }
    out.flush();
  }

  private static void skip(InputStream in, long bytes) throws java.io.IOException {
    byte[] piece = new byte[1 << 20];
    for (long left = bytes; left > 0; ) {
      int read = in.read(piece, 0, (int) Math.min(piece.length, left));
      if (read < 0) {
        throw new java.io.EOFException(left + " bytes are missing");
      }
      left -= read;
    }
  }

  private static JsonNode admin(GatewayProcess gateway, String method, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
            .header("Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN)
            .header("Content-Type", "application/json")
            .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build().send(request, BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
    return JSON.readTree(response.body());
  }

  private static String yaml(ScriptedBackend backend) {
    return """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        """.formatted(backend.uri());
  }
}
