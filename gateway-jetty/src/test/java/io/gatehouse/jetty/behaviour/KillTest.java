package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.core.fixture.PostgresFixture;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.GatewayProcess;
import io.gatehouse.jetty.fixture.Load;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What clients have counted is what the database says, whatever was killed or cut meanwhile. A request that was under way
 * at a kill may be counted without its client having seen the answer, or the other way round; each client has one.
 */
class KillTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CLIENTS = 4;
  private static final int KILLS = 4;

  @TempDir Path directory;

  @Test
  void killed_at_random_moments_nothing_is_forgotten_and_nothing_counted_twice() throws Exception {
    Random random = new Random(20261124);
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayProcess gateway = new GatewayProcess(directory, "256m", yaml(backend, ""))) {
      String user = user(gateway);
      String key = key(gateway);
      long served = 0;
      for (int kill = 0; kill < KILLS; kill++) {
        try (Load load = Load.start(CLIENTS, gateway.port(), "/a", "X-API-Key", key)) {
          await().atMost(Duration.ofSeconds(30)).until(() -> load.count(200) > 100);
          Thread.sleep(random.nextInt(1_500));
          gateway.kill();
          load.close();
          served += load.count(200);
        }
        gateway.start();
      }

      long expected = served;
      int unseen = CLIENTS * KILLS;
      await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
        assertThat(requests(gateway, user, "requests", "day") - expected).isBetween(0L, (long) unseen);
        assertThat(requests(gateway, user, "requests", "month") - expected).isBetween(0L, (long) unseen);
        // A request is metered when it is over, which may be after its client has the answer.
        assertThat(metered(gateway, user) - expected).isBetween((long) -unseen, (long) unseen);
        assertThat(counterFiles()).as("those of the running gateway").isEqualTo(2);
      });

      try (Load load = Load.start(CLIENTS, gateway.port(), "/a", "X-API-Key", key)) {
        await().atMost(Duration.ofSeconds(30)).until(() -> load.count(200) > 100);
      }
      assertThat(gateway.terminate()).isZero();
      assertThat(counterFiles()).as("all is in the database").isZero();
    }
  }

  @Test
  void cuts_of_the_database_under_load_lose_nothing_and_double_nothing() throws Exception {
    try (PostgresFixture postgres = PostgresFixture.start();
        ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayProcess gateway = new GatewayProcess(directory, "256m", yaml(backend, """
            database: {driver: postgres, dsn: "%s", query_timeout: 1s, connect_timeout: 1s}
            """.formatted(postgres.newDatabase())))) {
      String user = user(gateway);
      String key = key(gateway);
      long served;
      try (Load load = Load.start(CLIENTS, gateway.port(), "/a", "X-API-Key", key)) {
        for (int cut = 0; cut < 3; cut++) {
          long before = load.count(200);
          await().atMost(Duration.ofSeconds(30)).until(() -> load.count(200) > before + 200);
          postgres.stop();
          long during = load.count(200);
          await().atMost(Duration.ofSeconds(30)).until(() -> load.count(200) > during + 200);
          postgres.startAgain();
          Thread.sleep(1_200); // longer than a flush interval, so that some of it is written
        }
        load.close();
        assertThat(load.outcomes()).containsOnlyKeys("200");
        served = load.count(200);
      }

      await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
        assertThat(requests(gateway, user, "requests", "day")).isEqualTo(served);
        assertThat(metered(gateway, user)).isEqualTo(served);
      });

      // And a kill while the database is away: the next start writes it, under the source that counted it.
      long more;
      try (Load load = Load.start(CLIENTS, gateway.port(), "/a", "X-API-Key", key)) {
        await().atMost(Duration.ofSeconds(30)).until(() -> load.count(200) > 100);
        postgres.stop();
        long during = load.count(200);
        await().atMost(Duration.ofSeconds(30)).until(() -> load.count(200) > during + 100);
        gateway.kill();
        load.close();
        more = load.count(200);
      }
      postgres.startAgain();
      gateway.start();
      await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
        assertThat(requests(gateway, user, "requests", "day") - served - more).isBetween(0L, (long) CLIENTS);
        assertThat(metered(gateway, user) - served - more).isBetween((long) -CLIENTS, (long) CLIENTS);
      });
    }
  }

  @Test
  void two_nodes_on_one_data_directory_keep_their_own_counts() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayProcess first = new GatewayProcess(directory, "256m", yaml(backend, ""));
        GatewayProcess second = new GatewayProcess(directory, "256m", yaml(backend, ""))) {
      String user = user(first);
      String key = key(first);
      assertThat(counterFiles()).isEqualTo(4);
      long served;
      try (Load one = Load.start(2, first.port(), "/a", "X-API-Key", key);
          Load two = Load.start(2, second.port(), "/a", "X-API-Key", key)) {
        await().atMost(Duration.ofSeconds(30)).until(() -> one.count(200) > 200 && two.count(200) > 200);
        second.kill();
        second.start(); // finds what it has left and leaves alone what the first has open
        one.close();
        two.close();
        served = one.count(200) + two.count(200);
      }

      await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
        assertThat(requests(first, user, "requests", "day") - served).isBetween(0L, 2L);
        assertThat(metered(second, user) - served).isBetween(-2L, 2L);
        assertThat(counterFiles()).isEqualTo(4);
      });
    }
  }

  private long counterFiles() throws Exception {
    try (Stream<Path> files = Files.list(directory.resolve("data").resolve("usage"))) {
      return files.count();
    }
  }

  private static String user(GatewayProcess gateway) throws Exception {
    return JSON.readTree(gateway.command("users", "create", "alice", "--output", "json")).get("id").asText();
  }

  private static String key(GatewayProcess gateway) throws Exception {
    return JSON.readTree(gateway.command("keys", "create", "--user", "alice", "--output", "json")).get("key").asText();
  }

  private static long requests(GatewayProcess gateway, String user, String meter, String window) throws Exception {
    for (JsonNode row : admin(gateway, "/api/v1/users/" + user + "/usage").get("usage")) {
      if (row.get("meter").asText().equals(meter) && row.get("window").asText().equals(window)) {
        return row.get("used").asLong();
      }
    }
    throw new AssertionError("no row of " + meter + " and " + window);
  }

  private static long metered(GatewayProcess gateway, String user) throws Exception {
    long requests = 0;
    for (JsonNode row : admin(gateway, "/api/v1/users/" + user + "/usage/history?by=minute").get("history")) {
      requests += row.get("requests").asLong();
    }
    return requests;
  }

  private static JsonNode admin(GatewayProcess gateway, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
            .header("Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN)
            .build();
    HttpResponse<String> response =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build().send(request, BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static String yaml(ScriptedBackend backend, String more) {
    return """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        """.formatted(backend.uri()) + more;
  }
}
