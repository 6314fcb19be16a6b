package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import net.logstash.logback.encoder.LogstashEncoder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** One access line for every request, with what is needed to find it again and nothing that must stay secret. */
class LogsTest {

  @TempDir Path directory;

  private final List<ILoggingEvent> lines = new CopyOnWriteArrayList<>();
  private final Logger access = (Logger) LoggerFactory.getLogger("io.gatehouse.access");
  private final AppenderBase<ILoggingEvent> collector =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event);
        }
      };

  @BeforeEach
  void listen() {
    collector.setContext(access.getLoggerContext());
    collector.start();
    access.addAppender(collector);
    access.setLevel(ch.qos.logback.classic.Level.INFO);
  }

  @AfterEach
  void stopListening() {
    access.detachAppender(collector);
  }

  @Test
  void an_access_line_tells_who_what_where_and_how_long() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, """
            backends: [{url: "%s"}]
            auth: {query_parameter: api_key}
            rate_limits: {ip_level: none, user_level: none, api_level: none}
            """.formatted(backend.uri()))) {
      String user = node.user("alice");
      IssuedKey key = node.key(user);
      String parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

      HttpResponse<String> answer =
          node.get("/a/b?x=1&api_key=" + key.secret(), "X-Request-Id", "my-id_1", "traceparent", parent);

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("X-Request-Id")).contains("my-id_1");
      await().atMost(Duration.ofSeconds(5)).until(() -> lines.size() == 1);
      Map<String, String> fields =
          lines.get(0).getKeyValuePairs().stream()
              .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
      assertThat(fields)
          .containsEntry("method", "GET")
          .containsEntry("path", "/a/b")
          .containsEntry("status", "200")
          .containsEntry("response_bytes", "7")
          .containsEntry("user", user)
          .containsEntry("key", key.key().id())
          .containsEntry("backend", backend.uri().toString())
          .containsEntry("request_id", "my-id_1")
          .containsEntry("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736")
          .containsEntry("client", "127.0.0.1");
      assertThat(Double.parseDouble(fields.get("duration_ms"))).isPositive();
      LogstashEncoder encoder = new LogstashEncoder();
      encoder.start();
      String json = new String(encoder.encode(lines.get(0)), java.nio.charset.StandardCharsets.UTF_8);
      assertThat(json).contains("\"status\":200").doesNotContain(key.secret()).doesNotContain("x=1");
      assertThat(backend.requests()).anySatisfy(head -> {
        assertThat(head.target()).isEqualTo("/a/b?x=1");
        assertThat(head.first("traceparent")).isEqualTo(parent);
        assertThat(head.first("X-Request-Id")).isEqualTo("my-id_1");
      });
    }
  }
}
