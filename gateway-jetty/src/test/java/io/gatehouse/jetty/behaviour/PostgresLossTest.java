package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.fixture.PostgresFixture;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.Load;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL away: known keys work on, unknown ones are 503 and never 401, and all is well when it is back. */
class PostgresLossTest {

  @TempDir Path directory;

  @Test
  void known_keys_work_unknown_ones_cannot_be_judged_and_use_is_written_later() throws Exception {
    try (PostgresFixture postgres = PostgresFixture.start();
        ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, """
            database: {driver: postgres, dsn: "%s", query_timeout: 1s, connect_timeout: 1s}
            backends: [{url: "%s"}]
            rate_limits: {ip_level: none, user_level: none, api_level: none}
            """.formatted(postgres.newDatabase(), backend.uri()))) {
      String user = node.user("alice");
      IssuedKey known = node.key(user);
      IssuedKey unseen = node.key(user);
      assertThat(node.get("/a", "X-API-Key", known.secret()).statusCode()).isEqualTo(200);

      postgres.stop();
      try (Load load = Load.start(2, node.port(), "/a", "X-API-Key", known.secret())) {
        for (int i = 0; i < 5; i++) {
          HttpResponse<String> unjudged = node.get("/a", "X-API-Key", unseen.secret());
          assertThat(unjudged.statusCode()).as(unjudged.body()).isEqualTo(503);
          assertThat(unjudged.body()).contains("urn:gatehouse:problem:store-unavailable");
          assertThat(Integer.parseInt(unjudged.headers().firstValue("Retry-After").orElseThrow())).isPositive();
        }
        assertThat(node.get("/a", "X-API-Key", "gk_live_nonsense").statusCode())
            .as("what cannot be a key needs no database")
            .isEqualTo(401);
        await().atMost(Duration.ofSeconds(10)).until(() -> load.count(200) > 300);
        load.close();
        assertThat(load.outcomes().keySet()).isEqualTo(Set.of("200"));

        postgres.startAgain();
        await().atMost(Duration.ofSeconds(15))
            .until(() -> node.get("/a", "X-API-Key", unseen.secret()).statusCode() == 200);
        long served = load.count(200);
        // From the database itself: what this node says of use it would say without having written any of it.
        QuotaKey month =
            new QuotaKey(user, Meter.REQUESTS, Window.MONTH, Window.MONTH.startAt(Instant.now(), BillingCalendar.UTC));
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
          long written = node.gatehouse().stores().usage().totals(List.of(month), "").get(month);
          assertThat(written).isGreaterThanOrEqualTo(served);
        });
      }
    }
  }
}
