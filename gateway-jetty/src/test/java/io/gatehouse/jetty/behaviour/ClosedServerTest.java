package io.gatehouse.jetty.behaviour;

import static org.awaitility.Awaitility.await;

import io.gatehouse.core.setup.Gatehouse;
import io.gatehouse.jetty.fixture.GatewayNode;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application may start and close gateways as often as it likes. */
class ClosedServerTest {

  @TempDir Path directory;

  @Test
  void nothing_keeps_a_gateway_that_was_closed() throws Exception {
    WeakReference<Gatehouse> closed = startedAndClosed();

    await().atMost(Duration.ofSeconds(20)).until(() -> {
      System.gc();
      return closed.get() == null;
    });
  }

  private WeakReference<Gatehouse> startedAndClosed() throws Exception {
    try (GatewayNode node = GatewayNode.start(directory, "server: {reload_interval: 1h}\n")) {
      node.get("/metrics");
      node.admin("POST", "/api/v1/reload", "");
      return new WeakReference<>(node.gatehouse());
    }
  }
}
