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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways under load: a limit that one of them is told to change holds on both within a second. */
class ChangedLimitsTest {

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
  void of_a_user() throws Exception {
    String user = first.user("changed");
    up_and_down_and_away_again(first.key(user), "/api/v1/users/" + user + "/limits", "user");
  }

  @Test
  void of_a_key() throws Exception {
    IssuedKey key = first.key(first.user("changed-key"));
    up_and_down_and_away_again(key, "/api/v1/keys/" + key.key().id() + "/limits", "key");
  }

  @Test
  void of_a_tenant() throws Exception {
    String user = first.user("changed-tenant");
    assertThat(first.admin("PATCH", "/api/v1/users/" + user, "{\"tenant\":\"acme\"}").statusCode()).isEqualTo(200);
    up_and_down_and_away_again(first.key(user), "/api/v1/tenants/acme/limits", "tenant");
  }

  private static void up_and_down_and_away_again(IssuedKey key, String path, String level) throws Exception {
    try (Load a = Load.start(2, first.port(), "/a", "X-API-Key", key.secret());
        Load b = Load.start(2, second.port(), "/a", "X-API-Key", key.secret())) {
      await().atMost(Duration.ofSeconds(20)).until(() -> a.count(200) > 20 && b.count(200) > 20);

      change(path, 500_000);
      assertInForce(key, level, 500_000, 200);
      change(path, 3);
      assertInForce(key, level, 3, 429);
      change(path, 700_000);
      assertInForce(key, level, 700_000, 200);

      assertThat(second.admin("DELETE", path, "").statusCode()).isEqualTo(204);
      await().atMost(BOUND).pollInterval(Duration.ofMillis(20))
          .until(() -> answer(first, key).statusCode() == 200 && answer(second, key).statusCode() == 200);
    }
  }

  private static void change(String path, long permits) throws Exception {
    HttpResponse<String> answer =
        first.admin("PUT", path, "{\"limits\":[{\"permits\":" + permits + ",\"period\":\"1s\"}]}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static void assertInForce(IssuedKey key, String level, long permits, int status) {
    await().atMost(BOUND).pollInterval(Duration.ofMillis(20)).until(
        () -> shows(answer(first, key), level, permits, status) && shows(answer(second, key), level, permits, status));
  }

  private static boolean shows(HttpResponse<String> answer, String level, long permits, int status) {
    String rule = "\"" + level + "-second\";q=" + permits + ";";
    return answer.statusCode() == status
        && answer.headers().firstValue("RateLimit-Policy").orElse("").contains(rule)
        && answer.headers().firstValue("X-RateLimit-Limit").orElse("").equals(Long.toString(permits));
  }

  private static HttpResponse<String> answer(GatewayNode node, IssuedKey key) throws Exception {
    return node.get("/a", "X-API-Key", key.secret());
  }
}
