package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is to stop says so while it still serves, so that a load balancer can take it out without a loss. */
class DrainTest {

  @TempDir Path directory;

  @Test
  void during_the_delay_it_is_not_ready_and_serves_all_that_comes() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, """
            server: {drain_delay: 5s}
            backends: [{url: "%s"}]
            auth: {required: false}
            rate_limits: {ip_level: none, user_level: none, api_level: none}
            """.formatted(backend.uri()))) {
      int port = node.port();
      assertThat(node.get("/health/ready").statusCode()).isEqualTo(200);

      CompletableFuture<Void> closing = CompletableFuture.runAsync(node::close);

      await().atMost(Duration.ofSeconds(4)).until(() -> node.get("/health/ready").statusCode() == 503);
      try (Wire fresh = Wire.connect(port)) {
        Wire.Head head = fresh.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").head();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.has("Connection")).isFalse();
        assertThat(fresh.body(head)).isEqualTo("picture");
        closing.get(60, TimeUnit.SECONDS);
        assertThat(refuses(port)).isTrue();
      }
    }
  }

  private static boolean refuses(int port) {
    try (Wire wire = Wire.connect(port)) {
      return wire.closed();
    } catch (IOException e) {
      return true;
    }
  }
}
