package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transfers that end before their time are settled by what was really transferred, and free what they held. */
class AbortTest {

  private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n";

  @TempDir Path directory;

  @Test
  void a_client_that_leaves_frees_the_backend_and_pays_for_what_it_got() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend((request, wire) -> {
          if (request.target().equals("/health")) {
            wire.send(ScriptedBackend.ok("ok"));
            return;
          }
          wire.send(HEAD);
          while (true) {
            wire.send(new byte[10_000]);
            Thread.sleep(5);
          }
        });
        GatewayNode node = start(backend)) {
      String user = node.user("alice");
      IssuedKey key = node.key(user);
      try (Wire client = Wire.connect(node.port())) {
        client.send("GET /big HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key.secret() + "\r\n\r\n").head();
        client.bytes(50_000);
      }

      await().atMost(Duration.ofSeconds(5)).until(() -> backend.openConnections() == 0);
      await().atMost(Duration.ofSeconds(5)).until(() -> used(node, user, Meter.BYTES) >= 50_000);
      assertThat(used(node, user, Meter.BYTES)).isLessThan(50_000_000);
      assertThat(used(node, user, Meter.REQUESTS)).isEqualTo(1);
      await().atMost(Duration.ofSeconds(5))
          .until(() -> node.gatehouse().pool().standings().get(0).inFlight() == 0);
    }
  }

  @Test
  void an_answer_that_breaks_off_is_seen_as_broken_and_paid_for_as_far_as_it_came() throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend((request, wire) -> {
          if (request.target().equals("/health")) {
            wire.send(ScriptedBackend.ok("ok"));
            return;
          }
          wire.send(HEAD);
          wire.send(new byte[20_000]);
          Thread.sleep(200);
          wire.reset();
        });
        GatewayNode node = start(backend)) {
      String user = node.user("alice");
      IssuedKey key = node.key(user);
      try (Wire client = Wire.connect(node.port())) {
        client.send("GET /big HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key.secret() + "\r\n\r\n").head();
        client.bytes(20_000);
        boolean whole;
        try {
          whole = client.in().read() >= 0;
        } catch (IOException reset) {
          whole = false;
        }
        assertThat(whole).isFalse();
      }
      await().atMost(Duration.ofSeconds(5)).until(() -> used(node, user, Meter.BYTES) == 20_000);
    }
  }

  private GatewayNode start(ScriptedBackend backend) throws IOException {
    return GatewayNode.start(directory, """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        """.formatted(backend.uri()));
  }

  private static long used(GatewayNode node, String user, Meter meter) {
    QuotaKey key = new QuotaKey(user, meter, Window.DAY, Window.DAY.startAt(Instant.now(), BillingCalendar.UTC));
    return node.gatehouse().counts().quotas().used(key);
  }
}
