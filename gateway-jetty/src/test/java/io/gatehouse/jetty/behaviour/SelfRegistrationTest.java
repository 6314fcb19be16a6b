package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.fixture.PostgresFixture;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.Load;
import io.gatehouse.jetty.fixture.NodePair;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backends that register at one of two nodes are backends of both, for as long as they beat. */
class SelfRegistrationTest {

  private static final String TOKEN = "the-token-of-backends-0123456789";
  private static final Duration TTL = Duration.ofSeconds(5);
  /** A busy machine, and never the limit that is promised. */
  private static final Duration SLOW = Duration.ofSeconds(20);

  @TempDir static Path directory;
  private static PostgresFixture postgres;
  private static NodePair nodes;
  private static IssuedKey key;

  @BeforeAll
  static void start() throws Exception {
    postgres = PostgresFixture.start();
    nodes = NodePair.start(directory, postgres.newDatabase(), "admin: {registration_token: " + TOKEN + "}\n");
    key = nodes.first().key(nodes.first().user("alice"));
  }

  @AfterAll
  static void stop() throws Exception {
    nodes.close();
    postgres.close();
  }

  @Test
  void it_has_traffic_of_both_nodes_and_is_gone_from_both_when_it_was_killed() throws Exception {
    try (Announced backend = new Announced()) {
      backend.beatFor(nodes.first());
      await().atMost(SLOW).until(() -> pooled(nodes.first(), backend) && pooled(nodes.second(), backend));
      try (Load first = load(nodes.first()); Load second = load(nodes.second())) {
        int before = backend.server.requests().size();
        long served = first.count(200);
        long servedBySecond = second.count(200);
        await().atMost(SLOW).until(() -> backend.server.requests().size() > before + 20
            && first.count(200) > served + 20 && second.count(200) > servedBySecond + 20);
        // Beyond its first time to live, on both.
        await().during(TTL.plusSeconds(2)).atMost(TTL.plus(SLOW))
            .until(() -> pooled(nodes.first(), backend) && pooled(nodes.second(), backend));

        backend.kill();
        await().atMost(TTL.plus(SLOW))
            .until(() -> !pooled(nodes.first(), backend) && !pooled(nodes.second(), backend));
        first.close();
        second.close();
        assertThat(first.outcomes()).containsOnlyKeys("200");
        assertThat(second.outcomes()).containsOnlyKeys("200");
      }
    }
  }

  @Test
  void it_leaves_at_once_when_it_says_so_and_comes_back_as_often_as_it_likes() throws Exception {
    try (Announced backend = new Announced()) {
      for (int i = 0; i < 5; i++) {
        assertThat(backend.beat(nodes.first())).isEqualTo(201);
        await().atMost(SLOW).until(() -> pooled(nodes.second(), backend));
        assertThat(backend.leave(nodes.second())).isEqualTo(204);
        await().atMost(TTL.minusSeconds(1)).until(() -> !pooled(nodes.first(), backend));
      }
    }
  }

  @Test
  void one_that_is_late_is_gone_and_back_with_its_next_beat() throws Exception {
    try (Announced backend = new Announced()) {
      backend.beat(nodes.first());
      await().atMost(SLOW).until(() -> pooled(nodes.first(), backend) && pooled(nodes.second(), backend));
      await().atMost(TTL.plus(SLOW))
          .until(() -> !pooled(nodes.first(), backend) && !pooled(nodes.second(), backend));

      assertThat(backend.beat(nodes.second())).as("it is new").isEqualTo(201);

      await().atMost(SLOW).until(() -> pooled(nodes.first(), backend) && pooled(nodes.second(), backend));
      assertThat(backend.leave(nodes.first())).isEqualTo(204);
    }
  }

  @Test
  void a_database_that_is_away_for_longer_than_a_time_to_live_takes_no_backend_along() throws Exception {
    try (Announced backend = new Announced()) {
      backend.beatFor(nodes.first());
      await().atMost(SLOW).until(() -> pooled(nodes.first(), backend) && pooled(nodes.second(), backend));

      postgres.stop();
      await().during(TTL.plusSeconds(3)).atMost(TTL.plus(SLOW))
          .until(() -> pooled(nodes.first(), backend) && pooled(nodes.second(), backend));
      postgres.startAgain();

      await().during(TTL.plusSeconds(3)).atMost(TTL.plus(SLOW))
          .until(() -> pooled(nodes.first(), backend) && pooled(nodes.second(), backend));
      backend.kill();
      await().atMost(TTL.plus(SLOW))
          .until(() -> !pooled(nodes.first(), backend) && !pooled(nodes.second(), backend));
    }
  }

  private static Load load(GatewayNode node) {
    return Load.start(2, node.port(), "/a", "X-API-Key", key.secret());
  }

  private static boolean pooled(GatewayNode node, Announced backend) {
    List<Upstream> pool =
        node.gatehouse().pool().standings().stream().map(standing -> standing.upstream()).toList();
    return pool.stream().anyMatch(upstream -> upstream.uri().equals(backend.uri));
  }

  /** A backend that says that it is there. */
  private static final class Announced implements AutoCloseable {

    private final ScriptedBackend server = ScriptedBackend.saying("picture");
    private final URI uri = server.uri();
    private final ScheduledExecutorService beats = Executors.newSingleThreadScheduledExecutor();

    private Announced() throws IOException {}

    private void beatFor(GatewayNode node) {
      beats.scheduleAtFixedRate(() -> {
        try {
          beat(node);
        } catch (IOException | InterruptedException e) {
          // The next beat will do.
        }
      }, 0, TTL.toMillis() / 5, TimeUnit.MILLISECONDS);
    }

    private int beat(GatewayNode node) throws IOException, InterruptedException {
      String document = "{\"url\":\"" + uri + "\",\"ttl\":\"" + TTL.toSeconds() + "s\"}";
      return node.send("PUT", "/api/v1/backends", document,
          "Authorization", "Bearer " + TOKEN, "Content-Type", "application/json").statusCode();
    }

    private int leave(GatewayNode node) throws IOException, InterruptedException {
      return node.send("DELETE", "/api/v1/backends?url=" + uri, "", "Authorization", "Bearer " + TOKEN).statusCode();
    }

    private void kill() throws IOException {
      beats.shutdownNow();
      server.kill();
    }

    @Override
    public void close() throws IOException {
      beats.shutdownNow();
      server.close();
    }
  }
}
