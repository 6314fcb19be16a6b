package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.gatehouse.jetty.fixture.EventStream;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.live.LiveFeed;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens, told through real sockets while it happens. */
@Timeout(120)
class LiveTest {

  @TempDir Path directory;
  private ScriptedBackend backend;
  private GatewayNode node;
  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws Exception {
    backend = ScriptedBackend.saying("picture");
    node = GatewayNode.start(directory, """
        backends: [{url: "%s", weight: 7}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        server: {shutdown_timeout: 60s}
        """.formatted(backend.uri()));
  }

  @AfterEach
  void stop() throws Exception {
    node.close();
    backend.close();
  }

  @Test
  void requests_refusals_users_and_backends_are_told() throws Exception {
    String user = node.user("alice");
    String key = node.key(user).secret();
    node.gatehouse().stores().limits().replaceLimits(
        Level.USER, user, Optional.of(List.of(Limit.of(2, Duration.ofDays(1)))));
    try (EventStream stream = look()) {
      stream.next("figures", figures -> true);
      for (int i = 0; i < 3; i++) {
        node.get("/a/" + key + "?key=" + key, "X-API-Key", key);
      }

      JsonNode refusal = stream.next("refusal", each -> true);
      assertThat(refusal.get("reason").textValue()).isEqualTo("rate_limited");
      assertThat(refusal.get("rule").textValue()).startsWith("user-");
      assertThat(refusal.get("user").textValue()).isEqualTo(user);
      assertThat(refusal.get("client").textValue()).isEqualTo("127.0.0.1");
      assertThat(refusal.get("path").textValue()).isEqualTo("/a/gk_live_***");
      assertThat(refusal.toString()).doesNotContain(key);
    }
    try (EventStream stream = look()) {
      stream.next("figures", each -> each.get("refused").isEmpty()); // the refusal above is in those of an earlier second
      node.get("/a", "X-API-Key", key);
      JsonNode figures = stream.next("figures", each -> each.get("refused").size() > 0);

      assertThat(figures.get("refused").get("rate_limited").intValue()).isEqualTo(1);
      assertThat(figures.get("users").get(0).get("user").textValue()).isEqualTo(user);
      JsonNode told = figures.get("backends").get(0);
      assertThat(told.get("url").textValue()).isEqualTo(backend.uri().toString());
      assertThat(told.get("weight").intValue()).isEqualTo(7);
      assertThat(told.get("usable").booleanValue()).isTrue();
    }
  }

  @Test
  void all_that_is_answered_while_somebody_looks_is_counted() throws Exception {
    String key = node.key(node.user("bob")).secret();
    node.get("/before", "X-API-Key", key);
    try (EventStream stream = look()) {
      stream.next("figures", figures -> true);
      for (int i = 0; i < 25; i++) {
        node.get("/a", "X-API-Key", key);
      }

      int completed = 0;
      JsonNode figures = MissingNode.getInstance();
      while (completed < 25) {
        figures = stream.next("figures", each -> each.get("completed").intValue() > 0);
        completed += figures.get("completed").intValue();
      }
      assertThat(completed).isEqualTo(25);
      assertThat(figures.get("latency_ms").get("p50").doubleValue()).isPositive();
    }
  }

  @Test
  void only_administrators_look_and_only_with_get() throws Exception {
    HttpResponse<String> nobody = node.get("/api/v1/live");
    HttpResponse<String> posted = node.admin("POST", "/api/v1/live", "{}");

    assertThat(nobody.statusCode()).isEqualTo(401);
    assertThat(GatewayNode.json(nobody).get("type").textValue()).endsWith(":admin-token-invalid");
    assertThat(posted.statusCode()).isEqualTo(405);
    assertThat(posted.headers().firstValue("Allow")).contains("GET");
  }

  @Test
  void the_answer_is_a_stream_that_nobody_keeps() throws Exception {
    try (EventStream stream = look()) {
      assertThat(stream.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
      assertThat(stream.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(stream.headers().firstValue("Content-Encoding")).isEmpty();
    }
  }

  @Test
  void one_more_than_may_is_told_to_come_back() throws Exception {
    List<EventStream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < LiveFeed.MOST_STREAMS; i++) {
        streams.add(look());
      }

      HttpResponse<String> refused = node.admin("GET", "/api/v1/live", "");

      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).contains("10");
      assertThat(GatewayNode.json(refused).get("type").textValue()).endsWith(":too-many-watchers");
    } finally {
      streams.forEach(EventStream::close);
    }
  }

  @Test
  void those_who_look_do_not_hold_up_the_end() throws Exception {
    EventStream stream = look();
    stream.next("figures", figures -> true);
    long begin = System.nanoTime();

    node.close();

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(45));
    assertThat(stream.rest()).isNull();
  }

  private EventStream look() throws Exception {
    return EventStream.open(
        client, URI.create("http://127.0.0.1:" + node.port() + "/api/v1/live"), GatewayNode.ADMIN_TOKEN);
  }
}
