package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.Load;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backends that go away under load, and come back. */
class BackendLossTest {

  @TempDir Path directory;

  @Test
  void a_backend_that_dies_under_load_costs_no_client_an_error_and_its_traffic_returns() throws Exception {
    try (ScriptedBackend steady = ScriptedBackend.saying("steady");
        ScriptedBackend mortal = ScriptedBackend.saying("mortal");
        GatewayNode node = GatewayNode.start(directory, yaml(steady, mortal))) {
      IssuedKey key = node.key(node.user("alice"));
      try (Load load = Load.start(16, node.port(), "/a", "X-API-Key", key.secret())) {
        await().atMost(Duration.ofSeconds(10)).until(() -> mortal.requests().size() > 200);
        mortal.kill();
        await().atMost(Duration.ofSeconds(5)).until(() -> node.get("/health/backends").body().contains("degraded"));
        long before = load.count(200);
        await().atMost(Duration.ofSeconds(10)).until(() -> load.count(200) > before + 500);

        mortal.revive();
        int seen = mortal.requests().size();
        await().atMost(Duration.ofSeconds(10)).until(() -> mortal.requests().size() > seen + 100);
        load.close();

        assertThat(load.outcomes().keySet()).as("%s", load.outcomes()).isEqualTo(Set.of("200"));
      }
    }
  }

  @Test
  void without_any_backend_the_answer_is_503_at_once_and_200_again_when_one_is_back() throws Exception {
    try (ScriptedBackend only = ScriptedBackend.saying("only");
        GatewayNode node = GatewayNode.start(directory, """
            backends: [{url: "%s"}]
            health_check: {fast_interval: 200ms}
            rate_limits: {ip_level: none, user_level: none, api_level: none}
            """.formatted(only.uri()))) {
      IssuedKey key = node.key(node.user("alice"));
      assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);

      only.kill();
      await().atMost(Duration.ofSeconds(10)).until(() -> node.get("/a", "X-API-Key", key.secret()).statusCode() == 503);
      HttpResponse<String> refused = node.get("/a", "X-API-Key", key.secret());
      assertThat(refused.body()).contains("urn:gatehouse:problem:no-healthy-backend");
      assertThat(refused.headers().firstValue("Retry-After")).contains("1");
      assertThat(node.get("/health").statusCode()).as("the gateway itself is well").isEqualTo(200);

      only.revive();
      await().atMost(Duration.ofSeconds(10)).until(() -> node.get("/a", "X-API-Key", key.secret()).statusCode() == 200);
    }
  }

  private static String yaml(ScriptedBackend first, ScriptedBackend second) {
    return """
        backends: [{url: "%s"}, {url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        """.formatted(first.uri(), second.uri());
  }
}
