package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators see of backends that are found, ejected, and start slowly. */
class BackendStateTest {

  @TempDir Path directory;

  @Test
  void a_backend_of_a_file_is_found_ejected_shown_and_gone_with_its_line() throws Exception {
    Path file = directory.resolve("backends");
    try (ScriptedBackend well = ScriptedBackend.saying("well");
        ScriptedBackend ill = new ScriptedBackend((request, wire) -> {
          String status = request.line().startsWith("GET /health ") ? "200 OK" : "500 Broken";
          wire.send("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
        })) {
      Files.writeString(file, "# nobody yet\n");
      try (GatewayNode node = GatewayNode.start(directory, """
          backends: [{url: "%s"}]
          balancer: {algorithm: least-request, slow_start: 1h}
          discovery: {file: "%s", interval: 100ms}
          rate_limits: {ip_level: none, user_level: none, api_level: none}
          """.formatted(well.uri(), file))) {
        Files.writeString(file, ill.uri() + " 7\n");
        await().atMost(Duration.ofSeconds(10)).until(() -> !row(node, ill).isMissingNode());
        await().atMost(Duration.ofSeconds(10)).until(() -> row(node, ill).get("share").asInt() == 10);
        JsonNode found = row(node, ill);
        assertThat(found.get("origin").asText()).isEqualTo("discovery");
        assertThat(found.get("weight").asInt()).isEqualTo(7);
        assertThat(found.get("breaker").asText()).isEqualTo("closed");
        assertThat(found.get("share").asInt()).isEqualTo(10);

        IssuedKey key = node.key(node.user("alice"));
        await().atMost(Duration.ofSeconds(20)).until(() -> {
          assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
          return row(node, ill).get("breaker").asText().equals("open");
        });
        assertThat(Instant.parse(row(node, ill).get("ejected_until").asText())).isAfter(Instant.now());
        assertThat(row(node, ill).get("last_error").asText()).isEqualTo("answered 500");
        JsonNode health = GatewayNode.json(node.admin("GET", "/health/backends", ""));
        assertThat(health.get("status").asText()).isEqualTo("degraded");
        assertThat(health.get("breaker").asText()).isEqualTo("closed");
        assertThat(health.get("backends").findValuesAsText("breaker")).containsExactlyInAnyOrder("open", "closed");
        assertThat(node.get("/metrics").body())
            .contains("gatehouse_backend_ejected{backend=\"" + ill.uri() + "\",pool=\"default\"} 1.0")
            .contains("gatehouse_backend_weight{backend=\"" + ill.uri() + "\",pool=\"default\"} 0.7");

        assertThat(node.admin("DELETE", "/api/v1/backends?url=" + ill.uri(), "").statusCode()).isEqualTo(409);
        Files.writeString(file, "# nobody\n" + well.uri() + "\n");
        await().atMost(Duration.ofSeconds(10)).until(() -> row(node, ill).isMissingNode());
        assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
      }
    }
  }

  private static JsonNode row(GatewayNode node, ScriptedBackend backend) throws Exception {
    JsonNode rows = GatewayNode.json(node.admin("GET", "/api/v1/backends", "")).get("backends");
    for (JsonNode row : rows) {
      if (row.get("url").asText().equals(backend.uri().toString())) {
        return row;
      }
    }
    return rows.path("missing");
  }
}
