package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.limit.Limit;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Rules that are tried out beside the real ones: callers notice nothing, operators see what would have been. */
class ShadowTest {

  @TempDir Path directory;

  @Test
  void shadows_refuse_nothing_show_in_no_answer_and_are_counted_to_the_request() throws Exception {
    List<String> shadows = new CopyOnWriteArrayList<>();
    AppenderBase<ILoggingEvent> collector = new AppenderBase<>() {
      @Override
      protected void append(ILoggingEvent event) {
        shadows.add(event.getKeyValuePairs().stream()
            .filter(pair -> pair.key.equals("shadow")).map(pair -> String.valueOf(pair.value)).findFirst().orElse(""));
      }
    };
    Logger access = (Logger) LoggerFactory.getLogger("io.gatehouse.access");
    collector.setContext(access.getLoggerContext());
    collector.start();
    access.addAppender(collector);
    access.setLevel(Level.INFO);
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, """
            backends: [{url: "%s"}]
            rate_limits:
              ip_level: none
              api_level: {requests_per_hour: 7, shadow: true}
              user_level: none
            quotas: {requests_per_month: 9, shadow: true}
            """.formatted(backend.uri()))) {
      String user = node.user("alice");
      node.gatehouse().stores().limits().replaceLimits(io.gatehouse.limit.Level.USER, user, Optional.of(List.of(
          Limit.of(1000, Duration.ofHours(1)), Limit.of(5, Duration.ofHours(1)).asShadow())));
      IssuedKey key = node.key(user);

      for (int i = 0; i < 12; i++) {
        HttpResponse<String> answer = node.get("/a", "X-API-Key", key.secret());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().map().toString()).doesNotContain("shadow");
        assertThat(answer.headers().firstValue("X-RateLimit-Remaining")).contains(Integer.toString(999 - i));
      }

      String metrics = node.get("/metrics").body();
      assertThat(metrics)
          .contains("gatehouse_shadow_refusals_total{policy=\"user-hour-shadow\"} 7.0")
          .contains("gatehouse_shadow_refusals_total{policy=\"api-hour-shadow\"} 5.0")
          .contains("gatehouse_shadow_refusals_total{policy=\"requests-month-shadow\"} 3.0")
          .doesNotContain("gatehouse_refusals_total{");
      await().atMost(Duration.ofSeconds(5)).until(() -> shadows.size() >= 13);
      assertThat(shadows.get(4)).isEmpty();
      assertThat(shadows.get(5)).isEqualTo("user-hour-shadow");
      assertThat(shadows.get(11)).isEqualTo("user-hour-shadow,api-hour-shadow,requests-month-shadow");

      JsonNode explained = GatewayNode.json(node.admin("GET", "/api/v1/explain?key_id=" + key.key().id(), ""));
      assertThat(explained.path("verdict").asText()).isEqualTo("pass");
      JsonNode limits = StreamSupport.stream(explained.path("gates").spliterator(), false)
          .filter(gate -> gate.path("gate").asText().equals("limits")).findFirst().orElseThrow();
      assertThat(limits.path("rules").findValuesAsText("shadow")).containsExactly("false", "true", "true");
      assertThat(limits.path("rules").findValuesAsText("refuses")).containsExactly("false", "true", "true");
      assertThat(explained.path("binding").path("detail").asText()).isEqualTo("988 of 1000 left");
    } finally {
      access.detachAppender(collector);
    }
  }
}
