package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.Load;
import io.gatehouse.jetty.fixture.NodePair;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways on one PostgreSQL and one Redis are one gateway to their users. */
class TwoNodesTest {

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
  void together_they_admit_a_limit_once() throws Exception {
    String user = first.user("limited");
    // An hour in which hardly anything comes back: what is admitted is the burst, once.
    first.gatehouse().stores().limits().replaceLimits(Level.USER, user, Optional.of(List.of(Limit.of(500, Duration.ofHours(24)))));
    IssuedKey key = first.key(user);
    try (Load a = Load.start(4, first.port(), "/a", "X-API-Key", key.secret());
        Load b = Load.start(4, second.port(), "/a", "X-API-Key", key.secret())) {
      await().atMost(Duration.ofSeconds(20)).until(() -> a.count(429) > 50 && b.count(429) > 50);
      a.close();
      b.close();

      assertThat(a.count(200) + b.count(200)).as("%s and %s", a.outcomes(), b.outcomes()).isBetween(500L, 501L);
      assertThat(a.outcomes()).containsOnlyKeys("200", "429");
      assertThat(b.outcomes()).containsOnlyKeys("200", "429");
    }
  }

  @Test
  void together_they_admit_a_quota_once() throws Exception {
    String user = first.user("quota");
    first.gatehouse().stores().quotas()
        .replaceQuotas(user, Optional.of(List.of(new Quota(Meter.REQUESTS, Window.MONTH, 300))));
    IssuedKey key = first.key(user);
    try (Load a = Load.start(4, first.port(), "/a", "X-API-Key", key.secret());
        Load b = Load.start(4, second.port(), "/a", "X-API-Key", key.secret())) {
      await().atMost(Duration.ofSeconds(20)).until(() -> a.count(429) > 50 && b.count(429) > 50);
      a.close();
      b.close();

      assertThat(a.count(200) + b.count(200)).as("%s and %s", a.outcomes(), b.outcomes()).isEqualTo(300);
    }
  }

  @Test
  void a_quota_begun_anew_on_one_is_so_on_both_within_a_second_and_is_admitted_once_more() throws Exception {
    String user = first.user("reset");
    IssuedKey key = first.key(user);
    first.gatehouse().stores().quotas()
        .replaceQuotas(user, Optional.of(List.of(new Quota(Meter.REQUESTS, Window.MONTH, 20))));
    for (int i = 0; i < 10; i++) {
      assertThat(first.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
      assertThat(second.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
    }
    assertThat(second.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(429);

    HttpResponse<String> reset =
        first.admin("POST", "/api/v1/users/" + user + "/quotas/reset", "{\"meter\": \"requests\"}");
    assertThat(reset.statusCode()).isEqualTo(200);
    second.gatehouse().counts().flush(); // what it had counted before comes late

    int[] admitted = {0};
    await().atMost(Duration.ofSeconds(5)).pollInterval(Duration.ofMillis(20)).until(() -> {
      admitted[0] += second.get("/a", "X-API-Key", key.secret()).statusCode() == 200 ? 1 : 0;
      admitted[0] += first.get("/a", "X-API-Key", key.secret()).statusCode() == 200 ? 1 : 0;
      return admitted[0] >= 20;
    });
    first.gatehouse().counts().flush();
    second.gatehouse().counts().flush();
    assertThat(first.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(429);
    assertThat(second.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(429);
  }

  @Test
  void a_quota_of_a_key_is_admitted_once_by_both_and_shared_with_its_successor_and_by_no_other_key() throws Exception {
    String user = first.user("key-quota");
    IssuedKey key = first.key(user);
    IssuedKey other = first.key(user);
    assertThat(first.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
    assertThat(second.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
    String quotas = "/api/v1/keys/" + key.key().id() + "/quotas";
    String forty = "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"month\",\"most\":40}]}";

    assertThat(first.admin("PUT", quotas, forty).statusCode()).isEqualTo(200);
    await().atMost(Duration.ofSeconds(1)).pollInterval(Duration.ofMillis(20))
        .until(() -> announced(first, key).contains("key-requests-month")
            && announced(second, key).contains("key-requests-month"));
    IssuedKey successor = second.gatehouse().stores().issuer().rotate(key.key().id(), Duration.ofHours(1)).orElseThrow();
    String[] halves = {key.secret(), successor.secret()};
    int[] admitted = {0};
    await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(1)).until(() -> {
      for (GatewayNode node : new GatewayNode[] {first, second}) {
        for (String half : halves) {
          HttpResponse<String> answer = node.get("/a", "X-API-Key", half);
          admitted[0] += answer.statusCode() == 200 ? 1 : 0;
          if (answer.statusCode() == 429) {
            assertThat(answer.body()).contains("key-requests-month");
            return true;
          }
        }
      }
      return false;
    });
    JsonNode used = GatewayNode.json(second.admin("GET", "/api/v1/keys/" + successor.key().id() + "/usage", ""));
    assertThat(used.at("/usage/0/used").asLong()).as(used.toString()).isEqualTo(40);
    assertThat(admitted[0]).isLessThanOrEqualTo(40);
    assertThat(first.get("/a", "X-API-Key", other.secret()).statusCode()).isEqualTo(200);

    assertThat(second.admin("POST", quotas + "/reset", "{\"all\":true}").statusCode()).isEqualTo(200);
    await().atMost(Duration.ofSeconds(1)).pollInterval(Duration.ofMillis(20))
        .until(() -> first.get("/a", "X-API-Key", key.secret()).statusCode() == 200
            && second.get("/a", "X-API-Key", successor.secret()).statusCode() == 200);
    assertThat(first.admin("DELETE", quotas, "").statusCode()).isEqualTo(204);
    await().atMost(Duration.ofSeconds(1)).pollInterval(Duration.ofMillis(20))
        .until(() -> !announced(first, key).contains("key-requests") && !announced(second, key).contains("key-requests"));
  }

  private static String announced(GatewayNode node, IssuedKey key) throws Exception {
    return node.get("/api/v1/account", "X-API-Key", key.secret()).headers().firstValue("RateLimit-Policy").orElse("");
  }

  @Test
  void what_a_tenant_sees_and_changes_on_one_is_so_on_both() throws Exception {
    String user = first.user("tenant");
    IssuedKey key = first.key(user, "account:keys");
    first.gatehouse().stores().quotas()
        .replaceQuotas(user, Optional.of(List.of(new Quota(Meter.REQUESTS, Window.MONTH, 100))));
    for (int i = 0; i < 3; i++) {
      assertThat(first.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
      assertThat(second.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
    }
    for (GatewayNode node : new GatewayNode[] {first, second}) {
      await().atMost(Duration.ofSeconds(10)).until(() -> {
        JsonNode rows = GatewayNode.json(node.get("/api/v1/account/usage", "X-API-Key", key.secret())).path("usage");
        return rows.findValues("used").get(1).asLong() == 6;
      });
    }

    HttpResponse<String> made =
        first.send("POST", "/api/v1/account/keys", "{}", "X-API-Key", key.secret(), "Content-Type", "application/json");
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    String secret = GatewayNode.json(made).path("key").asText();
    assertThat(second.get("/a", "X-API-Key", secret).statusCode()).isEqualTo(200);
    assertThat(second.send(
        "DELETE", "/api/v1/account/keys/" + GatewayNode.json(made).path("id").asText(), "", "X-API-Key", key.secret())
        .statusCode()).isEqualTo(204);
    await().atMost(Duration.ofSeconds(1)).pollInterval(Duration.ofMillis(20))
        .until(() -> first.get("/a", "X-API-Key", secret).statusCode() == 401
            && second.get("/a", "X-API-Key", secret).statusCode() == 401);
  }

  @Test
  void a_threshold_is_told_again_when_a_plan_or_a_change_of_plans_has_raised_the_quota() throws Exception {
    String user = first.user("raised");
    IssuedKey key = first.key(user);
    for (int most : new int[] {10, 40}) {
      first.admin("PUT", "/api/v1/plans/raised-" + most, plan(most));
    }
    second.gatehouse().stores().plans().assign(user, Optional.of("raised-10"));
    use(key, 10);
    await().atMost(Duration.ofSeconds(10)).until(() -> crossed(user).equals(List.of(50, 80, 100)));

    // As the command line does it, and as a scheduled change happens: without a word to any gateway.
    second.gatehouse().stores().plans().assign(user, Optional.of("raised-40"));
    await().atMost(Duration.ofSeconds(5)).until(() -> crossed(user).isEmpty());
    use(key, 22);
    awaitHalf(user, key);

    assertThat(first.admin("PUT", "/api/v1/plans/raised-40", plan(60)).statusCode()).isEqualTo(200);
    await().atMost(Duration.ofSeconds(5)).until(() -> crossed(user).isEmpty());
    use(key, 31);
    awaitHalf(user, key);
  }

  private static String plan(int most) {
    return "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":" + most + ",\"beyond\":\"soft\"}]}";
  }

  /** Until both together have so many. */
  private static void use(IssuedKey key, int requests) throws Exception {
    QuotaKey day = new QuotaKey(
        key.key().user(), Meter.REQUESTS, Window.DAY, Window.DAY.startAt(Instant.now(), BillingCalendar.UTC));
    while (first.gatehouse().counts().quotas().used(day) < requests) {
      assertThat(first.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
    }
  }

  /** A node that has not heard of the larger quota yet compares with the smaller one, so somebody has to go on asking. */
  private static void awaitHalf(String user, IssuedKey key) {
    await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(200)).until(() -> {
      assertThat(first.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
      return crossed(user).equals(List.of(50));
    });
  }

  private static List<Integer> crossed(String user) throws Exception {
    List<Integer> percents = new ArrayList<>();
    GatewayNode.json(first.admin("GET", "/api/v1/users/" + user + "/usage", "")).at("/usage/0/crossed")
        .forEach(row -> percents.add(row.path("percent").asInt()));
    return percents;
  }

  @Test
  void a_threshold_that_both_cross_is_told_by_one() throws Exception {
    String user = first.user("crossing");
    IssuedKey key = first.key(user);
    first.gatehouse().stores().quotas()
        .replaceQuotas(user, Optional.of(List.of(new Quota(Meter.REQUESTS, Window.DAY, 40, Beyond.SOFT))));
    double before = crossings(first) + crossings(second);
    for (int i = 0; i < 25; i++) {
      assertThat(first.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
      assertThat(second.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
      if (i == 20) {
        // Each hears of the other's share, and both come to more than the half.
        first.gatehouse().counts().flush();
        second.gatehouse().counts().flush();
      }
    }

    String usage = "/api/v1/users/" + user + "/usage";
    await().atMost(Duration.ofSeconds(10)).until(() -> {
      first.get("/a", "X-API-Key", key.secret());
      second.get("/a", "X-API-Key", key.secret());
      return GatewayNode.json(first.admin("GET", usage, "")).at("/usage/0/crossed").size() == 3;
    });
    await().atMost(Duration.ofSeconds(5)).until(() -> crossings(first) + crossings(second) == before + 3);
    assertThat(GatewayNode.json(second.admin("GET", usage, "")).at("/usage/0/over").asBoolean()).isTrue();
  }

  private static double crossings(GatewayNode node) throws Exception {
    return node.admin("GET", "/metrics", "").body().lines()
        // Of this quota: what other tests have crossed may be told only now.
        .filter(line -> line.startsWith("gatehouse_quota_crossings_total{") && line.contains("quota=\"requests-day\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Test
  void a_key_disabled_on_one_is_refused_on_both_within_a_second() throws Exception {
    IssuedKey key = first.key(first.user("disabled"));
    assertThat(first.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
    assertThat(second.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);

    first.admin("PATCH", "/api/v1/keys/" + key.key().id(), "{\"enabled\": false}");

    await().atMost(Duration.ofSeconds(1)).pollInterval(Duration.ofMillis(20))
        .until(() -> first.get("/a", "X-API-Key", key.secret()).statusCode() == 401
            && second.get("/a", "X-API-Key", key.secret()).statusCode() == 401);
  }

  @Test
  void a_network_taken_off_the_list_on_one_is_shut_on_both_within_a_second() throws Exception {
    String user = second.user("listed");
    IssuedKey key = second.key(user);
    second.gatehouse().stores().whitelist().replaceNetworks(user, List.of(Cidr.parse("127.0.0.0/8")));
    assertThat(first.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
    assertThat(second.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);

    second.gatehouse().stores().whitelist().replaceNetworks(user, List.of(Cidr.parse("10.0.0.0/8")));

    await().atMost(Duration.ofSeconds(1)).pollInterval(Duration.ofMillis(20))
        .until(() -> first.get("/a", "X-API-Key", key.secret()).statusCode() == 403
            && second.get("/a", "X-API-Key", key.secret()).statusCode() == 403);
  }

  @Test
  void a_backend_added_and_drained_on_one_is_so_on_both() throws Exception {
    IssuedKey key = first.key(first.user("backends"));
    try (ScriptedBackend added = ScriptedBackend.saying("added")) {
      assertThat(first.admin("PUT", "/api/v1/backends", "{\"url\": \"" + added.uri() + "\"}").statusCode())
          .isEqualTo(201);
      await().atMost(Duration.ofSeconds(5)).until(() -> bodyOf(first, key).equals("added"));
      await().atMost(Duration.ofSeconds(5)).until(() -> bodyOf(second, key).equals("added"));

      first.admin("PUT", "/api/v1/backends", "{\"url\": \"" + added.uri() + "\", \"state\": \"draining\"}");
      await().atMost(Duration.ofSeconds(5)).until(() -> neverAdded(first, key) && neverAdded(second, key));

      assertThat(first.admin("DELETE", "/api/v1/backends?url=" + added.uri(), "").statusCode()).isEqualTo(204);
    }
  }

  private static boolean neverAdded(GatewayNode node, IssuedKey key) throws Exception {
    for (int i = 0; i < 6; i++) {
      if (bodyOf(node, key).equals("added")) {
        return false;
      }
    }
    return true;
  }

  private static String bodyOf(GatewayNode node, IssuedKey key) throws Exception {
    return node.get("/a", "X-API-Key", key.secret()).body();
  }
}
