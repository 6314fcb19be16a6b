package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How far a quota of bytes is overrun by large answers that are under way: what clients received is counted. */
class OverrunTest {

  private static final int ANSWER = 8 << 20;
  private static final int CLIENTS = 12;
  private static final long QUOTA = 5 << 20;
  private static final long PIECE = 256 << 10;

  @TempDir Path directory;

  /** What one client got. */
  private record Received(int status, long bytes, boolean whole) {}

  @ParameterizedTest
  @ValueSource(strings = {"length", "chunks"})
  void answers_are_cut_at_a_piece_of_each_beyond_the_quota_and_look_cut(String framing) throws Exception {
    try (ScriptedBackend backend = backend(framing.equals("chunks")); GatewayNode node = start(backend, "cut")) {
      String user = limited(node);

      List<Received> received = fetchAtOnce(node, node.key(user));

      long sum = received.stream().filter(each -> each.status() == 200).mapToLong(Received::bytes).sum();
      assertThat(sum).as("%s", received).isBetween(1L, QUOTA + CLIENTS * PIECE);
      assertThat(received).allMatch(each -> each.status() == 429 || !each.whole());
      assertThat(received).anyMatch(each -> each.status() == 200);
      await().atMost(Duration.ofSeconds(10)).untilAsserted(() ->
          assertThat(used(node, user)).isBetween(sum, QUOTA + CLIENTS * PIECE));
      await().atMost(Duration.ofSeconds(10)).until(() -> backend.openConnections() <= 1);
      assertThat(node.get("/big", "X-API-Key", node.key(user).secret()).statusCode()).isEqualTo(429);
    }
  }

  @Test
  void answers_under_way_are_finished_by_default_and_the_next_request_sees_what_they_use() throws Exception {
    try (ScriptedBackend backend = backend(false); GatewayNode node = start(backend, "finish")) {
      String user = limited(node);
      IssuedKey key = node.key(user);
      try (Wire first = Wire.connect(node.port())) {
        first.send(request(key)).head();
        first.bytes((int) QUOTA + (2 << 20));
        // The first answer is still under way, and known to have used up the quota.
        assertThat(node.get("/big", "X-API-Key", key.secret()).statusCode()).isEqualTo(429);
        first.bytes(ANSWER - (int) QUOTA - (2 << 20));
      }
      await().atMost(Duration.ofSeconds(10)).until(() -> used(node, user) == ANSWER);
    }
  }

  @Test
  void what_is_overrun_while_answers_are_finished_is_what_was_under_way() throws Exception {
    try (ScriptedBackend backend = backend(false); GatewayNode node = start(backend, "finish")) {
      String user = limited(node);

      List<Received> received = fetchAtOnce(node, node.key(user));

      long admitted = received.stream().filter(each -> each.status() == 200).count();
      assertThat(received).filteredOn(each -> each.status() == 200)
          .allMatch(each -> each.bytes() == ANSWER && each.whole());
      assertThat(received).filteredOn(each -> each.status() != 200).allMatch(each -> each.status() == 429);
      assertThat(admitted).isPositive();
      await().atMost(Duration.ofSeconds(10)).until(() -> used(node, user) == admitted * ANSWER);
    }
  }

  private GatewayNode start(ScriptedBackend backend, String whenExhausted) throws IOException {
    return GatewayNode.start(directory, """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        quotas: {when_exhausted: %s}
        """.formatted(backend.uri(), whenExhausted));
  }

  private static ScriptedBackend backend(boolean chunked) throws IOException {
    byte[] block = new byte[64 << 10];
    return new ScriptedBackend((request, wire) -> {
      if (request.target().equals("/health")) {
        wire.send(ScriptedBackend.ok("ok"));
        return;
      }
      wire.send("HTTP/1.1 200 OK\r\n"
          + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + ANSWER) + "\r\n\r\n");
      for (int sent = 0; sent < ANSWER; sent += block.length) {
        if (chunked) {
          wire.send("10000\r\n").send(block).send("\r\n");
        } else {
          wire.send(block);
        }
      }
      wire.send(chunked ? "0\r\n\r\n" : "");
    });
  }

  private static String limited(GatewayNode node) {
    String user = node.user("alice");
    node.gatehouse().stores().quotas()
        .replaceQuotas(user, Optional.of(List.of(new Quota(Meter.RESPONSE_BYTES, Window.DAY, QUOTA))));
    return user;
  }

  private static List<Received> fetchAtOnce(GatewayNode node, IssuedKey key) throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Callable<Received>> all = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        all.add(() -> fetch(node, key));
      }
      List<Received> received = new ArrayList<>();
      for (Future<Received> each : clients.invokeAll(all)) {
        received.add(each.get());
      }
      return received;
    } finally {
      clients.shutdownNow();
    }
  }

  private static String request(IssuedKey key) {
    return "GET /big HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key.secret() + "\r\n\r\n";
  }

  private static Received fetch(GatewayNode node, IssuedKey key) throws IOException {
    try (Wire client = Wire.connect(node.port())) {
      Wire.Head head = client.send(request(key)).head();
      return head.first("Transfer-Encoding").isEmpty() ? lengthFramed(client, head) : chunkFramed(client, head);
    }
  }

  private static Received lengthFramed(Wire client, Wire.Head head) {
    long length = Long.parseLong(head.first("Content-Length"));
    long got = 0;
    byte[] buffer = new byte[32 << 10];
    try {
      while (got < length) {
        int read = client.in().read(buffer);
        if (read < 0) {
          break;
        }
        got += read;
      }
    } catch (IOException reset) {
      // Cut off, as a missing rest also says.
    }
    return new Received(head.status(), got, got == length);
  }

  private static Received chunkFramed(Wire client, Wire.Head head) {
    long got = 0;
    try {
      for (String chunk = client.chunk(); !chunk.isEmpty(); chunk = client.chunk()) {
        got += chunk.length();
      }
      return new Received(head.status(), got, true);
    } catch (IOException | NumberFormatException cut) {
      return new Received(head.status(), got, false);
    }
  }

  private static long used(GatewayNode node, String user) {
    return node.gatehouse().counts().quotas().used(new QuotaKey(
        user, Meter.RESPONSE_BYTES, Window.DAY, Window.DAY.startAt(Instant.now(), BillingCalendar.UTC)));
  }
}
