package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.live.LiveFeed;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens, told through real sockets while it happens. */
@Timeout(120)
class LiveTest {

  private static final ObjectMapper JSON = new ObjectMapper();

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
    try (Stream stream = look()) {
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
    try (Stream stream = look()) {
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
    try (Stream stream = look()) {
      stream.next("figures", figures -> true);
      for (int i = 0; i < 25; i++) {
        node.get("/a", "X-API-Key", key);
      }

      int completed = 0;
      JsonNode figures = JSON.createObjectNode();
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
    try (Stream stream = look()) {
      assertThat(stream.response.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
      assertThat(stream.response.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(stream.response.headers().firstValue("Content-Encoding")).isEmpty();
    }
  }

  @Test
  void one_more_than_may_is_told_to_come_back() throws Exception {
    List<Stream> streams = new ArrayList<>();
    try {
      for (int i = 0; i < LiveFeed.MOST_STREAMS; i++) {
        streams.add(look());
      }

      HttpResponse<String> refused = node.admin("GET", "/api/v1/live", "");

      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("Retry-After")).contains("10");
      assertThat(GatewayNode.json(refused).get("type").textValue()).endsWith(":too-many-watchers");
    } finally {
      streams.forEach(Stream::close);
    }
  }

  @Test
  void those_who_look_do_not_hold_up_the_end() throws Exception {
    Stream stream = look();
    stream.next("figures", figures -> true);
    long begin = System.nanoTime();

    node.close();

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(45));
    assertThat(stream.rest()).isNull();
  }

  private Stream look() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port() + "/api/v1/live"))
        .header("Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN)
        .build();
    HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    return new Stream(response);
  }

  /** A stream that is open, read event by event. */
  private static final class Stream implements AutoCloseable {

    private final HttpResponse<InputStream> response;
    private final BufferedReader lines;

    Stream(HttpResponse<InputStream> response) {
      this.response = response;
      this.lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    /** The next event of this name that is as sought. */
    JsonNode next(String name, Predicate<JsonNode> sought) throws IOException {
      String event = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("event: ")) {
          event = line.substring(7);
        } else if (line.startsWith("data: ") && event.equals(name)) {
          JsonNode data = JSON.readTree(line.substring(6));
          if (sought.test(data)) {
            return data;
          }
        }
      }
      throw new IOException("the stream ended before there was such an event");
    }

    /** Null when the stream ends in order. */
    Exception rest() {
      try {
        while (lines.readLine() != null) {
          continue;
        }
        return null;
      } catch (IOException e) {
        return e;
      }
    }

    @Override
    public void close() {
      try {
        response.body().close();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }
}
