package io.gatehouse.jetty.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.Outcome;
import io.gatehouse.Outcome.Ending;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.core.upstream.CircuitBreaker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FiguresTest {

  private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

  private final Tally tally = new Tally();
  private Instant now = START;
  private final Figures figures = new Figures(tally, () -> now);

  @Test
  void figures_are_of_the_span_since_the_figures_before() throws Exception {
    complete("u1", 200, Ending.ANSWERED, 10);
    complete("u1", 503, Ending.UNANSWERED, 20);
    complete("u2", 200, Ending.ABORTED, 30);
    refuse("u1", Reason.RATE_LIMITED);

    JsonNode first = figuresAfter(Duration.ofMillis(1_000));
    JsonNode second = figuresAfter(Duration.ofMillis(1_250));

    assertThat(first.get("span_ms").intValue()).isEqualTo(1_000);
    assertThat(first.get("completed").intValue()).isEqualTo(3);
    assertThat(first.get("errors").intValue()).isEqualTo(2);
    assertThat(first.get("pools")).hasToString("[{\"pool\":\"default\",\"breaker\":\"half_open\"}]");
    assertThat(first.get("refused")).hasToString("{\"rate_limited\":1}");
    assertThat(first.get("users")).hasToString(
        "[{\"user\":\"u1\",\"requests\":3,\"refused\":1},{\"user\":\"u2\",\"requests\":1,\"refused\":0}]");
    assertThat(second.get("span_ms").intValue()).isEqualTo(1_250);
    assertThat(second.get("completed").intValue()).isZero();
    assertThat(second.get("refused")).isEmpty();
    assertThat(second.get("users")).isEmpty();
  }

  @Test
  void latencies_are_of_the_last_ten_figures() throws Exception {
    assertThat(figuresAfter(Duration.ofSeconds(1)).get("latency_ms").isNull()).isTrue();
    complete("", 200, Ending.ANSWERED, 400);

    for (int i = 0; i < 10; i++) {
      assertThat(figuresAfter(Duration.ofSeconds(1)).get("latency_ms").get("p99").doubleValue())
          .as("after %d seconds", i)
          .isCloseTo(400, within(13.0));
    }
    assertThat(figuresAfter(Duration.ofSeconds(1)).get("latency_ms").isNull()).isTrue();
  }

  @Test
  void refusals_are_told_one_by_one_with_ids_only_and_beyond_the_bound_only_counted() throws Exception {
    for (int i = 0; i < Tally.MOST_WAITING + 7; i++) {
      refuse(i == 0 ? "" : "u" + i, i == 0 ? Reason.KEY_MISSING : Reason.QUOTA_EXHAUSTED);
    }

    List<byte[]> events = figures.refusals(5);

    assertThat(events).hasSize(5);
    JsonNode first = document("refusal", events.get(0));
    assertThat(first.get("reason").textValue()).isEqualTo("key_missing");
    assertThat(first.get("user").isNull()).isTrue();
    assertThat(document("refusal", events.get(1)).get("user").textValue()).isEqualTo("u1");
    assertThat(figures.refusals(100)).hasSize(Tally.MOST_WAITING - 5);
    JsonNode told = figuresAfter(Duration.ofSeconds(1));
    assertThat(told.get("refusals_left_out").intValue()).isEqualTo(7);
    assertThat(told.get("refused").get("quota_exhausted").intValue()).isEqualTo(Tally.MOST_WAITING + 6);
  }

  @Test
  void only_the_ten_busiest_users_are_told_however_many_there_are() throws Exception {
    for (int user = 0; user < 5_000; user++) {
      complete("u" + user, 200, Ending.ANSWERED, 1);
    }
    complete("u7", 200, Ending.ANSWERED, 1);

    JsonNode users = figuresAfter(Duration.ofSeconds(1)).get("users");

    assertThat(users).hasSize(10);
    assertThat(users.get(0).get("user").textValue()).isEqualTo("u7");
  }

  private void complete(String user, int status, Ending ending, int millis) {
    tally.completed(user, new Outcome(status, 0, 0, Duration.ofMillis(millis), ending));
  }

  private void refuse(String user, Reason reason) {
    tally.refused(new Refused(now, reason, "user-minute", user, "", "192.0.2.1", "GET", "/a"));
  }

  private JsonNode figuresAfter(Duration span) throws Exception {
    now = now.plus(span);
    return document("figures", figures.figures(List.of(), Map.of("default", CircuitBreaker.State.HALF_OPEN), 1));
  }

  private static JsonNode document(String name, byte[] event) throws Exception {
    String[] lines = new String(event, StandardCharsets.UTF_8).split("\n", -1);
    assertThat(lines).hasSize(4);
    assertThat(lines[0]).isEqualTo("event: " + name);
    assertThat(lines[1]).startsWith("data: ");
    assertThat(lines[2] + lines[3]).isEmpty();
    return new ObjectMapper().readTree(lines[1].substring(6));
  }
}
