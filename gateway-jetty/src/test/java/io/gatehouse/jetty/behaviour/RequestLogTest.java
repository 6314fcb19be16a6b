package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.core.fixture.PostgresFixture;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.RequestRecord;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Single requests, in the database, as they come through a whole gateway. */
class RequestLogTest {

  @TempDir Path directory;

  @Test
  void what_passes_and_what_is_refused_is_in_the_database_a_moment_later_without_any_key() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, """
            backends: [{url: "%s"}]
            auth: {query_parameter: licence}
            rate_limits: {ip_level: none, user_level: {requests_per_hour: 1}, api_level: none}
            request_log: {enabled: true, query: true}
            """.formatted(backend.uri()))) {
      String user = node.user("alice");
      IssuedKey key = node.key(user);

      node.get("/a?x=1&licence=" + key.secret(), "X-Request-Id", "first");
      node.get("/a?x=2", "X-API-Key", key.secret(), "X-Request-Id", "second");
      node.get("/" + key.secret(), "X-Request-Id", "third");
      node.get("/health");
      node.admin("GET", "/api/v1/users", "");

      List<RequestRecord> rows = rows(node, 3);
      // A row is written when the answer is complete, which the client may know a moment before the server.
      assertThat(rows).extracting(RequestRecord::requestId).containsExactlyInAnyOrder("third", "second", "first");
      RequestRecord first = row(rows, "first");
      assertThat(first.caller()).contains(new Subject(user, key.key().id()));
      assertThat(first.target()).isEqualTo("/a?x=1&licence=***");
      assertThat(first.status()).isEqualTo(200);
      assertThat(first.reason()).isEmpty();
      assertThat(first.backend()).isEqualTo(backend.uri().toString());
      assertThat(first.responseBytes()).isEqualTo(7);
      assertThat(first.client()).isEqualTo("127.0.0.1");
      assertThat(first.traceId()).hasSize(32);
      assertThat(first.elapsed()).isPositive();
      RequestRecord second = row(rows, "second");
      assertThat(second.caller()).contains(new Subject(user, key.key().id()));
      assertThat(second.status()).isEqualTo(429);
      assertThat(second.reason()).contains(Refusal.Reason.RATE_LIMITED);
      assertThat(second.rule()).isEqualTo("user-hour");
      assertThat(second.backend()).isEmpty();
      RequestRecord third = row(rows, "third");
      assertThat(third.caller()).isEmpty();
      assertThat(third.reason()).contains(Refusal.Reason.KEY_MISSING);
      assertThat(third.target()).isEqualTo("/gk_live_***");
      assertThat(rows.toString()).doesNotContain(key.secret());
      assertThat(node.admin("GET", "/api/v1/requests?user=" + user, "").body()).contains("\"request_id\":\"second\"");
      HttpResponse<String> metrics = node.get("/metrics");
      assertThat(metrics.body())
          .contains("gatehouse_request_log_written_total 3.0", "gatehouse_request_log_dropped_total 0.0",
              "gatehouse_request_log_ready 1.0");
    }
  }

  @Test
  void in_postgres_the_partitions_are_made_at_the_start() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, """
            backends: [{url: "%s"}]
            database: {dsn: "%s"}
            request_log: {enabled: true, sample: 0}
            """.formatted(backend.uri(), PostgresFixture.shared().newDatabase()))) {
      IssuedKey key = node.key(node.user("alice"));

      node.get("/a", "X-API-Key", key.secret());
      node.get("/a", "X-Request-Id", "refused");

      assertThat(rows(node, 1)).extracting(RequestRecord::requestId).containsExactly("refused");
      assertThat(node.gatehouse().requestLogging().ready()).isTrue();
      assertThat(node.gatehouse().requestLogging().writer()).hasValueSatisfying(
          writer -> assertThat(writer.dropped()).isZero());
    }
  }

  @Test
  void nothing_is_logged_unless_it_is_enabled() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, "backends: [{url: \"%s\"}]\n".formatted(backend.uri()))) {
      node.get("/a");

      assertThat(node.gatehouse().requestLogging().writer()).isEmpty();
      assertThat(node.get("/metrics").body()).doesNotContain("gatehouse_request_log");
    }
  }

  private static RequestRecord row(List<RequestRecord> rows, String requestId) {
    return rows.stream().filter(each -> each.requestId().equals(requestId)).findFirst().orElseThrow();
  }

  private static List<RequestRecord> rows(GatewayNode node, int expected) {
    RequestLog log = node.gatehouse().stores().requests();
    RequestLog.Question all =
        RequestLog.Question.between(Instant.EPOCH, Instant.now().plus(Duration.ofDays(1)));
    await().atMost(Duration.ofSeconds(10)).until(() -> log.newest(all, 99).size() == expected);
    return log.newest(all, 99);
  }
}
