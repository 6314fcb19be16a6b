package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.jetty.fixture.BackendProcess;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.Load;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.ScriptedBackend.Script;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Backends that fall ill in different ways under a constant load of GETs, while another is well. What clients see until
 * the illness is found is printed and bounded; what they see afterwards is nothing.
 */
class BackendFaultsTest {

  private static final int CLIENTS = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Script WELL = (request, wire) -> {
    wire.body(request);
    wire.send(ScriptedBackend.ok("well"));
  };

  @TempDir Path directory;

  private enum Fault {
    /** Nobody listens, and what was open is reset. */
    REFUSES(0),
    /** Takes the request and resets the connection, that of a probe as well. */
    RESETS(0),
    /** Resets requests, and its probes are well: only ejection helps. */
    RESETS_BUT_PROBES_ARE_WELL(0),
    /** Takes requests and probes and never answers. */
    HANGS(0),
    /** Sends the heads of its answers byte by byte. */
    DRIPS(0),
    /** Answers 503 at once to all but probes. Until it is ejected, what the retry budget does not cover is seen. */
    ANSWERS_503(5 + CLIENTS);

    private final long mostErrors;

    Fault(long mostErrors) {
      this.mostErrors = mostErrors;
    }

    void befall(ScriptedBackend backend, CountDownLatch end) throws IOException {
      switch (this) {
        case REFUSES -> backend.kill();
        case RESETS -> backend.script((request, wire) -> wire.reset());
        case RESETS_BUT_PROBES_ARE_WELL -> backend.script(unlessProbed((request, wire) -> wire.reset()));
        case HANGS -> backend.script((request, wire) -> end.await());
        case DRIPS -> backend.script((request, wire) -> {
          for (byte b : ScriptedBackend.ok("dripped").getBytes(StandardCharsets.US_ASCII)) {
            wire.send(String.valueOf((char) b));
            Thread.sleep(300);
          }
        });
        case ANSWERS_503 -> backend.script(unlessProbed((request, wire) ->
            wire.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")));
      }
    }

    private static Script unlessProbed(Script script) {
      return (request, wire) -> {
        if (request.line().startsWith("GET /health ")) {
          WELL.answer(request, wire);
        } else {
          script.answer(request, wire);
        }
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_backend_that_falls_ill_costs_clients_nothing_once_it_is_found(Fault fault) throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (ScriptedBackend well = new ScriptedBackend(WELL);
        ScriptedBackend ill = new ScriptedBackend(WELL);
        GatewayNode node = GatewayNode.start(directory, yaml(List.of(well.uri(), ill.uri())))) {
      IssuedKey key = node.key(node.user("alice"));
      try (Load load = Load.start(CLIENTS, node.port(), "/a", "X-API-Key", key.secret())) {
        await().atMost(PATIENCE).until(() -> ill.requests().size() > 200);

        fault.befall(ill, end);
        long began = System.nanoTime();
        await().pollInterval(Duration.ofMillis(20)).atMost(PATIENCE).until(() -> !standing(node, ill.uri()).usable());
        report(fault.name(), began, load);
        nothingMoreIsSeen(load, fault.mostErrors);
      }
    } finally {
      end.countDown();
    }
  }

  @Test
  void a_process_that_is_stopped_leaves_with_its_requests_and_is_used_again_when_it_goes_on() throws Exception {
    try (ScriptedBackend well = new ScriptedBackend(WELL);
        BackendProcess process = new BackendProcess();
        GatewayNode node = GatewayNode.start(directory, yaml(List.of(well.uri(), process.uri())))) {
      IssuedKey key = node.key(node.user("alice"));
      try (Load load = Load.start(CLIENTS, node.port(), "/a", "X-API-Key", key.secret())) {
        await().atMost(PATIENCE).until(() -> load.count(200) > 500);

        process.stop();
        long began = System.nanoTime();
        await().pollInterval(Duration.ofMillis(20)).atMost(PATIENCE)
            .until(() -> !standing(node, process.uri()).usable());
        report("SIGSTOP", began, load);
        nothingMoreIsSeen(load, 0);

        process.go();
        await().atMost(PATIENCE).until(() -> standing(node, process.uri()).usable());
        nothingMoreIsSeen(load, 0);

        process.kill();
        began = System.nanoTime();
        await().pollInterval(Duration.ofMillis(20)).atMost(PATIENCE)
            .until(() -> !standing(node, process.uri()).usable());
        report("SIGKILL", began, load);
        nothingMoreIsSeen(load, 0);
      }
    }
  }

  @Test
  void one_of_three_is_enough() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (ScriptedBackend well = new ScriptedBackend(WELL);
        ScriptedBackend hangs = new ScriptedBackend(WELL);
        ScriptedBackend dies = new ScriptedBackend(WELL);
        GatewayNode node = GatewayNode.start(directory, yaml(List.of(well.uri(), hangs.uri(), dies.uri())))) {
      IssuedKey key = node.key(node.user("alice"));
      try (Load load = Load.start(CLIENTS, node.port(), "/a", "X-API-Key", key.secret())) {
        await().atMost(PATIENCE).until(() -> load.count(200) > 500);

        Fault.HANGS.befall(hangs, end);
        Fault.REFUSES.befall(dies, end);
        long began = System.nanoTime();
        await().pollInterval(Duration.ofMillis(20)).atMost(PATIENCE)
            .until(() -> !standing(node, hangs.uri()).usable() && !standing(node, dies.uri()).usable());
        report("two of three", began, load);

        nothingMoreIsSeen(load, 0);
      }
    } finally {
      end.countDown();
    }
  }

  @Test
  void when_all_are_gone_clients_are_told_at_once_and_served_when_they_are_back() throws Exception {
    try (ScriptedBackend first = new ScriptedBackend(WELL);
        ScriptedBackend second = new ScriptedBackend(WELL);
        GatewayNode node = GatewayNode.start(directory, yaml(List.of(first.uri(), second.uri())))) {
      IssuedKey key = node.key(node.user("alice"));
      assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);

      first.kill();
      second.kill();
      await().atMost(PATIENCE).until(() -> node.get("/a", "X-API-Key", key.secret()).statusCode() == 503);

      first.revive();
      second.revive();
      await().atMost(PATIENCE).until(() -> node.gatehouse().pool().standings().stream().allMatch(Standing::usable));
      for (int i = 0; i < 50; i++) {
        assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
      }
    }
  }

  private static void nothingMoreIsSeen(Load load, long most) {
    long served = load.count(200);
    await().atMost(PATIENCE).until(() -> load.count(200) > served + CLIENTS);
    long errors = errors(load);
    await().atMost(PATIENCE).until(() -> load.count(200) > served + 500);
    assertThat(errors(load)).as("errors afterwards: %s", load.outcomes()).isEqualTo(errors);
    assertThat(errors).as("errors in all: %s", load.outcomes()).isLessThanOrEqualTo(most);
  }

  private static void report(String fault, long began, Load load) {
    long millis = (System.nanoTime() - began) / 1_000_000;
    System.out.printf("%s: found after %d ms; until then %s%n", fault, millis, load.outcomes());
  }

  private static long errors(Load load) {
    return load.outcomes().entrySet().stream()
        .filter(outcome -> !outcome.getKey().equals("200")).mapToLong(outcome -> outcome.getValue()).sum();
  }

  private static Standing standing(GatewayNode node, URI backend) {
    return node.gatehouse().pool().standings().stream()
        .filter(standing -> standing.upstream().uri().equals(backend)).findFirst().orElseThrow();
  }

  private static String yaml(List<URI> backends) {
    StringBuilder yaml = new StringBuilder("backends:\n");
    backends.forEach(backend -> yaml.append("  - url: ").append(backend).append('\n'));
    return yaml.append("rate_limits: {ip_level: none, user_level: none, api_level: none}\n").toString();
  }
}
