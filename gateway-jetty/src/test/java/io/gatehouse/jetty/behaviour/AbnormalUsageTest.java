package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.core.fixture.RedisServerFixture;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two refusals whose types others have registered, over a socket. */
class AbnormalUsageTest {

  @TempDir Path directory;

  @Test
  void a_client_that_goes_on_with_bad_keys_is_no_longer_listened_to() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, """
            backends: [{url: "%s"}]
            server: {trusted_proxies: ["127.0.0.1"]}
            rate_limits: {ip_level: none, user_level: none, api_level: none}
            """.formatted(backend.uri()), "GATEHOUSE_RATE_LIMITS_REFUSALS_PER_MINUTE", "20")) {
      IssuedKey key = node.key(node.user("alice"));
      HttpResponse<String> last = node.get("/a", "X-Forwarded-For", "192.0.2.7");
      for (int i = 0; i < 200 && last.statusCode() == 401; i++) {
        last = node.get("/a", "X-Forwarded-For", "192.0.2.7");
      }

      JsonNode problem = GatewayNode.json(last);
      assertThat(last.statusCode()).isEqualTo(429);
      assertThat(problem.get("type").asText())
          .isEqualTo("https://iana.org/assignments/http-problem-types#abnormal-usage-detected");
      assertThat(problem.get("violated-policies").get(0).asText()).isEqualTo("refusals-minute");
      assertThat(Integer.parseInt(last.headers().firstValue("Retry-After").orElseThrow())).isBetween(1, 60);
      assertThat(last.headers().map().keySet()).noneMatch(name -> name.toLowerCase().contains("ratelimit"));
      assertThat(node.get("/a", "X-API-Key", key.secret(), "X-Forwarded-For", "192.0.2.8").statusCode()).isEqualTo(200);
      Awaitility.await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofSeconds(8)).until(
          () -> node.get("/a", "X-API-Key", key.secret(), "X-Forwarded-For", "192.0.2.7").statusCode() == 200);
    }
  }

  @Test
  void a_refusal_by_one_node_alone_while_redis_is_away_is_503_and_says_when_to_come_back() throws Exception {
    try (RedisServerFixture redis = RedisServerFixture.started();
        ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, """
            backends: [{url: "%s"}]
            redis: {addr: "%s:%d"}
            rate_limits: {ip_level: none, user_level: {requests_per_hour: 5}, api_level: none}
            """.formatted(backend.uri(), redis.host(), redis.port()))) {
      IssuedKey key = node.key(node.user("alice"));
      assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
      redis.stop();
      HttpResponse<String> last = node.get("/a", "X-API-Key", key.secret());
      for (int i = 0; i < 20 && last.statusCode() == 200; i++) {
        last = node.get("/a", "X-API-Key", key.secret());
      }

      JsonNode problem = GatewayNode.json(last);
      assertThat(last.statusCode()).isEqualTo(503);
      assertThat(problem.get("type").asText())
          .isEqualTo("https://iana.org/assignments/http-problem-types#temporary-reduced-capacity");
      assertThat(problem.get("violated-policies").get(0).asText()).isEqualTo("user-hour");
      assertThat(Integer.parseInt(last.headers().firstValue("Retry-After").orElseThrow())).isBetween(1, 3600);
    }
  }
}
