package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.core.fixture.PostgresFixture;
import io.gatehouse.core.fixture.RedisServerFixture;
import io.gatehouse.core.settings.SettingsReader;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.GatewayProcess;
import io.gatehouse.jetty.fixture.Load;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gateways in processes of their own, on one PostgreSQL and one Redis, while both and they themselves are killed, frozen
 * and cut off at random. Whatever happened, clients were admitted no more than is promised, and when all are back the
 * database says what the clients have counted. Every run follows from its seed; {@code -Dgatehouse.soak=N} runs N of them.
 */
class ChaosTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final int RATE = 400;
  private static final int BURST = 100;
  private static final int CLIENTS = 3;
  private static final int EVENTS = 7;
  private static final double LEASE_SECONDS = 0.1;

  @TempDir Path directory;

  static Stream<Integer> seeds() {
    return IntStream.range(0, Math.max(1, Integer.getInteger("gatehouse.soak", 0))).boxed();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void what_was_admitted_is_within_the_bound_and_what_clients_counted_is_in_the_database(int seed) throws Exception {
    Random random = new Random(seed);
    try (PostgresFixture postgres = PostgresFixture.start();
        RedisServerFixture redis = RedisServerFixture.started();
        ScriptedBackend backend = ScriptedBackend.saying("picture");
        Fleet fleet = new Fleet(directory, seed % 2 == 0 ? 2 : 4, yaml(backend, postgres, redis))) {
      fleet.begin();
      for (int event = 0; event < EVENTS; event++) {
        Thread.sleep(300 + random.nextInt(500));
        GatewayProcess node = fleet.nodes.get(random.nextInt(fleet.nodes.size()));
        switch (random.nextInt(6)) {
          case 0 -> fleet.kill(node);
          case 1 -> {
            node.pause();
            Thread.sleep(random.nextInt(600));
            node.resume();
          }
          case 2 -> {
            postgres.stop();
            Thread.sleep(random.nextInt(1_000));
            postgres.startAgain();
          }
          case 3 -> fleet.outage(2, () -> {
            redis.stop();
            Thread.sleep(random.nextInt(500));
            redis.start();
          });
          case 4 -> fleet.outage(1, () -> ask(redis, "CLIENT KILL TYPE normal SKIPME yes"));
          default -> ask(redis, "SCRIPT FLUSH");
        }
      }
      fleet.end();

      fleet.assertWithinBound();
      await().atMost(Duration.ofSeconds(30)).untilAsserted(fleet::assertCounted);
    }
  }

  private static String yaml(ScriptedBackend backend, PostgresFixture postgres, RedisServerFixture redis) {
    return """
        backends: [{url: "%s"}]
        database: {driver: postgres, dsn: "%s", query_timeout: 1s, connect_timeout: 1s}
        redis: {addr: "%s:%d", timeout: 2s}
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        """.formatted(backend.uri(), postgres.newDatabase(), redis.host(), redis.port());
  }

  private static void ask(RedisServerFixture redis, String command) throws IOException {
    try (Socket socket = new Socket(redis.host(), redis.port())) {
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      assertThat((char) socket.getInputStream().read()).as(command).isIn('+', ':');
    }
  }

  @FunctionalInterface
  private interface Fault {
    void strike() throws Exception;
  }

  /** The gateways, their clients, and what was done to them. */
  private static final class Fleet implements AutoCloseable {
    private final List<GatewayProcess> nodes = new ArrayList<>();
    private final List<Load> loads = new ArrayList<>();
    private final Stores database;
    private final String user;
    private final String key;
    private int kills;
    private int bursts;
    private double outageSeconds;

    Fleet(Path directory, int count, String yaml) throws Exception {
      for (int i = 0; i < count; i++) {
        nodes.add(new GatewayProcess(directory.resolve("node-" + i), "128m", yaml));
      }
      Path file = directory.resolve("node-0").resolve("gatehouse.yaml");
      Map<String, String> environment = GatewayNode.environment(directory.resolve("node-0"));
      database = Stores.open(SettingsReader.read(Optional.of(file), environment).settings(), InstantSource.system());
      user = admin("POST", "/api/v1/users", "{\"name\": \"alice\"}").get("id").asText();
      key = admin("POST", "/api/v1/keys", "{\"user\": \"" + user + "\"}").get("key").asText();
      admin("PUT", "/api/v1/users/" + user + "/limits",
          "{\"limits\": [{\"permits\": " + RATE + ", \"period\": \"1s\", \"burst\": " + BURST + "}]}");
    }

    void begin() throws Exception {
      for (GatewayProcess node : nodes) {
        loads.add(Load.start(CLIENTS, node.port(), "/a", "X-API-Key", key));
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> loads.stream().allMatch(load -> load.count(200) > 20));
    }

    void kill(GatewayProcess node) throws Exception {
      node.kill();
      kills++;
      node.start();
    }

    /** Takes Redis away from all nodes, and waits until all have it back. */
    void outage(int lostBursts, Fault fault) throws Exception {
      long began = System.nanoTime();
      fault.strike();
      // Longer than a node waits before it asks a Redis again that was away.
      Thread.sleep(800);
      await().atMost(Duration.ofSeconds(20)).until(this::redisIsThere);
      outageSeconds += (System.nanoTime() - began) / 1e9;
      bursts += lostBursts;
    }

    void end() throws Exception {
      for (Load load : loads) {
        load.close();
      }
    }

    void assertWithinBound() {
      List<Load.Success> all = new ArrayList<>();
      loads.forEach(load -> all.addAll(load.successes()));
      all.sort(Comparator.comparingLong(Load.Success::ended));
      long first = all.get(0).ended();
      long last = all.get(all.size() - 1).ended();
      for (long from = first - 1; from - last < 0; from += 20_000_000) {
        int sum = 0;
        for (Load.Success one : all) {
          if (one.began() - from >= 0) {
            sum++;
            double seconds = (one.ended() - from) / 1e9;
            double bound =
                BURST + RATE * (seconds + LEASE_SECONDS) + bursts * BURST + RATE * outageSeconds;
            if (sum > bound) {
              assertThat((double) sum).as("admitted in %.3f s", seconds).isLessThanOrEqualTo(bound);
            }
          }
        }
      }
    }

    /** A request that was under way when its node was killed may be counted and not seen, or the other way round. */
    void assertCounted() throws Exception {
      long seen = loads.stream().mapToLong(load -> load.count(200)).sum();
      long unsure = (long) CLIENTS * kills;
      assertThat(used() - seen).as("used, of %d seen", seen).isBetween(0L, unsure);
      assertThat(shown() - used()).as("shown, of %d used", used()).isBetween(0L, unsure);
      assertThat(metered() - seen).as("metered, of %d seen", seen).isBetween(-unsure, unsure);
    }

    /** From the database itself, where all nodes write it. */
    private long used() {
      QuotaKey month =
          new QuotaKey(user, Meter.REQUESTS, Window.MONTH, Window.MONTH.startAt(Instant.now(), BillingCalendar.UTC));
      return database.usage().totals(List.of(month), "").get(month);
    }

    /** By the count that decides; what a killed node had told of a request and not counted itself is in it too. */
    private long shown() throws Exception {
      for (JsonNode row : admin("GET", "/api/v1/users/" + user + "/usage", "").get("usage")) {
        if (row.get("meter").asText().equals("requests") && row.get("window").asText().equals("month")) {
          return row.get("used").asLong();
        }
      }
      throw new AssertionError("no count of requests in a month");
    }

    private long metered() throws Exception {
      long requests = 0;
      for (JsonNode row : admin("GET", "/api/v1/users/" + user + "/usage/history?by=minute", "").get("history")) {
        requests += row.get("requests").asLong();
      }
      return requests;
    }

    private boolean redisIsThere() throws Exception {
      for (GatewayProcess node : nodes) {
        if (!send(node, "GET", "/metrics", "").body().contains("store_up{store=\"redis\"} 1.0")) {
          return false;
        }
      }
      return true;
    }

    private JsonNode admin(String method, String path, String body) throws Exception {
      HttpResponse<String> response = send(nodes.get(0), method, path, body);
      assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
      return JSON.readTree(response.body());
    }

    private static HttpResponse<String> send(GatewayProcess node, String method, String path, String body)
        throws Exception {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port() + path))
              .timeout(Duration.ofSeconds(20))
              .header("Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN)
              .header("Content-Type", "application/json")
              .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
              .build();
      return CLIENT.send(request, BodyHandlers.ofString());
    }

    @Override
    public void close() throws Exception {
      end();
      database.close();
      for (GatewayProcess node : nodes) {
        node.close();
      }
    }
  }
}
