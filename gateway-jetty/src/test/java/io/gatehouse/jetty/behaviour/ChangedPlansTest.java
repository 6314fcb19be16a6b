package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.Load;
import io.gatehouse.jetty.fixture.NodePair;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways under load: what one of them is told of a plan holds on both within a second. */
class ChangedPlansTest {

  private static final Duration BOUND = Duration.ofSeconds(1);

  @TempDir static Path directory;
  private static NodePair nodes;
  private static GatewayNode first;
  private static GatewayNode second;

  @BeforeAll
  static void start() throws Exception {
    nodes = NodePair.start(directory);
    first = nodes.first();
    second = nodes.second();
  }

  @AfterAll
  static void stop() throws Exception {
    nodes.close();
  }

  @Test
  void a_user_is_put_on_a_plan_which_changes_and_is_left() throws Exception {
    String user = first.user("changed-plan");
    IssuedKey key = first.key(user);
    put(first, "small", 300_000);
    put(first, "large", 600_000);
    try (Load a = Load.start(2, first.port(), "/a", "X-API-Key", key.secret());
        Load b = Load.start(2, second.port(), "/a", "X-API-Key", key.secret())) {
      await().atMost(Duration.ofSeconds(20)).until(() -> a.count(200) > 20 && b.count(200) > 20);

      assign(first, user, "{\"plan\":\"small\"}");
      assertInForce(key, 300_000, 200);
      put(second, "small", 3);
      assertInForce(key, 3, 429);
      assign(second, user, "{\"plan\":\"large\"}");
      assertInForce(key, 600_000, 200);

      assertThat(first.admin("DELETE", "/api/v1/users/" + user + "/plan", "").statusCode()).isEqualTo(204);
      await().atMost(BOUND).pollInterval(Duration.ofMillis(20)).until(() -> unlimited(first, key) && unlimited(second, key));
    }
  }

  @Test
  void a_scheduled_change_holds_on_both_nodes_within_a_second_of_its_moment_and_not_before() throws Exception {
    String user = first.user("scheduled-plan");
    IssuedKey key = first.key(user);
    put(first, "before", 400_000);
    put(first, "after", 500_000);
    assign(first, user, "{\"plan\":\"before\"}");
    try (Load a = Load.start(2, first.port(), "/a", "X-API-Key", key.secret());
        Load b = Load.start(2, second.port(), "/a", "X-API-Key", key.secret())) {
      assertInForce(key, 400_000, 200);
      Instant moment = Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.MILLIS);
      assign(first, user, "{\"plan\":\"after\",\"at\":\"" + moment + "\"}");

      // An answer that is there before the moment was decided before it.
      int before = 0;
      while (true) {
        HttpResponse<String> answer = answer(second, key);
        if (!Instant.now().isBefore(moment)) {
          break;
        }
        assertThat(shows(answer, 400_000, 200)).isTrue();
        before++;
      }
      assertThat(before).isPositive();
      await().atMost(BOUND).pollInterval(Duration.ofMillis(20)).until(
          () -> shows(answer(first, key), 500_000, 200) && shows(answer(second, key), 500_000, 200));
      assertThat(a.count(200) + b.count(200)).isPositive();
    }

    for (GatewayNode node : new GatewayNode[] {first, second}) {
      assertThat(GatewayNode.json(node.admin("GET", "/api/v1/users/" + user, "")).path("plan").asText())
          .isEqualTo("after");
    }
    // It happened once: nobody puts the user on that plan again.
    assign(second, user, "{\"plan\":\"before\"}");
    assertInForce(key, 400_000, 200);
    await().during(Duration.ofMillis(800)).atMost(Duration.ofSeconds(5)).until(
        () -> shows(answer(first, key), 400_000, 200) && shows(answer(second, key), 400_000, 200));
  }

  private static void put(GatewayNode node, String plan, long permits) throws Exception {
    HttpResponse<String> answer =
        node.admin(
            "PUT",
            "/api/v1/plans/" + plan,
            "{\"limits\":{\"user\":[{\"permits\":" + permits + ",\"period\":\"1s\"}]}}");
    assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
  }

  private static void assign(GatewayNode node, String user, String body) throws Exception {
    HttpResponse<String> answer = node.admin("PUT", "/api/v1/users/" + user + "/plan", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static void assertInForce(IssuedKey key, long permits, int status) {
    await().atMost(BOUND).pollInterval(Duration.ofMillis(20)).until(
        () -> shows(answer(first, key), permits, status) && shows(answer(second, key), permits, status));
  }

  private static boolean shows(HttpResponse<String> answer, long permits, int status) {
    return answer.statusCode() == status
        && answer.headers().firstValue("RateLimit-Policy").orElse("").contains("\"user-second\";q=" + permits + ";");
  }

  private static boolean unlimited(GatewayNode node, IssuedKey key) throws Exception {
    HttpResponse<String> answer = answer(node, key);
    return answer.statusCode() == 200
        && !answer.headers().firstValue("RateLimit-Policy").orElse("").contains("user-second");
  }

  private static HttpResponse<String> answer(GatewayNode node, IssuedKey key) throws Exception {
    return node.get("/a", "X-API-Key", key.secret());
  }
}
