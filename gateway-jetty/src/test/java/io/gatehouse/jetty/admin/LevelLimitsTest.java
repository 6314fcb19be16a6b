package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of keys and tenants, and how limits count. */
class LevelLimitsTest {

  @TempDir static Path directory;
  private static RunningAdmin admin;

  @BeforeAll
  static void start() throws Exception {
    admin =
        RunningAdmin.start(
            directory,
            Map.of(
                "GATEHOUSE_RATE_LIMITS_KEY_LEVEL_REQUESTS_PER_HOUR", "40",
                "GATEHOUSE_RATE_LIMITS_TENANT_LEVEL_REQUESTS_PER_HOUR", "50",
                "GATEHOUSE_RATE_LIMITS_CONCURRENCY_TIMEOUT", "90s",
                "GATEHOUSE_RATE_LIMITS_ENDPOINTS_0_NAME", "img",
                "GATEHOUSE_RATE_LIMITS_ENDPOINTS_0_PATH", "/img",
                "GATEHOUSE_RATE_LIMITS_ENDPOINTS_0_REQUESTS_PER_HOUR", "60"));
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
  }

  @Test
  void a_key_has_the_limits_of_the_configuration_or_its_own_and_shares_them_with_its_successor() throws Exception {
    String user = admin.user("keys");
    Reply made = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}");
    Reply next = admin.send("POST", "/keys/" + made.text("id") + "/rotate", "{}");
    String path = "/keys/" + made.text("id") + "/limits";
    String usual =
        "{\"own\":false,\"origin\":\"configuration\",\"limits\":[{\"permits\":40,\"period\":\"1h\",\"burst\":40,\"algorithm\":\"token-bucket\","
            + "\"shadow\":false}]}";
    assertThat(admin.get(path).json().toString()).isEqualTo(usual);

    Reply put = admin.send("PUT", "/keys/" + next.text("id") + "/limits", "{\"limits\":[{\"permits\":2,\"period\":\"1h\"}]}");
    assertThat(put.status()).isEqualTo(200);
    assertThat(admin.get(path).json()).isEqualTo(put.json());
    await().atMost(Duration.ofSeconds(5)).until(() -> limitOf(made, "key-hour") == 2);
    assertThat(admin.admits(made.text("key"), "/")).isTrue();
    assertThat(admin.admits(next.text("key"), "/")).isTrue();
    assertThat(admin.admits(made.text("key"), "/")).isFalse();

    assertThat(admin.delete("/keys/" + made.text("id")).status()).isEqualTo(204);
    assertThat(admin.get("/keys/" + next.text("id") + "/limits").json()).isEqualTo(put.json());
    assertThat(admin.delete("/keys/" + next.text("id") + "/limits").status()).isEqualTo(204);
    assertThat(admin.get("/keys/" + next.text("id") + "/limits").json().toString()).isEqualTo(usual);
  }

  @Test
  void a_tenant_has_limits_as_soon_as_it_is_named_and_its_users_share_them() throws Exception {
    String path = "/tenants/acme/limits";
    assertThat(admin.get(path).json().get("own").booleanValue()).isFalse();
    assertThat(admin.send("PUT", path, "{\"limits\":[{\"permits\":2,\"period\":\"1d\"}]}").status()).isEqualTo(200);
    Reply first = keyOf(admin.send("POST", "/users", "{\"name\":\"t1\",\"tenant\":\"acme\"}"));
    Reply second = keyOf(admin.send("POST", "/users", "{\"name\":\"t2\",\"tenant\":\"acme\"}"));

    assertThat(admin.admits(first.text("key"), "/")).isTrue();
    assertThat(admin.admits(second.text("key"), "/")).isTrue();
    assertThat(admin.admits(first.text("key"), "/")).isFalse();
    assertThat(admin.delete(path).status()).isEqualTo(204);
    await().atMost(Duration.ofSeconds(5)).until(() -> limitOf(first, "tenant-hour") == 50);
    assertThat(admin.admits(first.text("key"), "/")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {".acme", "-acme", "a%20b", "%61cme", "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345"})
  void no_tenant_has_such_a_name(String name) throws Exception {
    assertThat(admin.get("/tenants/" + name + "/limits").status()).isEqualTo(404);
    assertThat(admin.send("PUT", "/tenants/" + name + "/limits", "{\"limits\":[]}").status()).isEqualTo(404);
  }

  @Test
  void limits_of_a_key_that_is_not_there_are_not_found() throws Exception {
    assertThat(admin.get("/keys/nosuchkey/limits").status()).isEqualTo(404);
    assertThat(admin.send("PUT", "/keys/nosuchkey/limits", "{\"limits\":[]}").status()).isEqualTo(404);
    assertThat(admin.delete("/keys/nosuchkey/limits").status()).isEqualTo(404);
    assertThat(admin.get("/usage/nosuchkey/limits").status()).isEqualTo(404);
  }

  @Test
  void a_limit_says_how_it_counts_and_what_was_shown_can_be_sent_again() throws Exception {
    String path = "/users/" + admin.user("algorithms") + "/limits";

    Reply put = admin.send("PUT", path,
        "{\"limits\":[{\"algorithm\":\"concurrency\",\"permits\":20},"
            + "{\"algorithm\":\"sliding-window\",\"permits\":9,\"period\":\"1m\"},"
            + "{\"algorithm\":\"fixed-window\",\"permits\":8,\"period\":\"1m\",\"shadow\":true},"
            + "{\"algorithm\":\"sliding-log\",\"permits\":10000,\"period\":\"1m\"},"
            + "{\"permits\":7,\"period\":\"1m\"}]}");

    assertThat(put.json().toString()).isEqualTo(
        "{\"own\":true,\"origin\":\"own\",\"limits\":["
            + "{\"permits\":7,\"period\":\"1m\",\"burst\":7,\"algorithm\":\"token-bucket\",\"shadow\":false},"
            + "{\"permits\":9,\"period\":\"1m\",\"algorithm\":\"sliding-window\",\"shadow\":false},"
            + "{\"permits\":10000,\"period\":\"1m\",\"algorithm\":\"sliding-log\",\"shadow\":false},"
            + "{\"permits\":8,\"period\":\"1m\",\"algorithm\":\"fixed-window\",\"shadow\":true},"
            + "{\"permits\":20,\"period\":\"90s\",\"algorithm\":\"concurrency\",\"shadow\":false}]}");
    String again = "{\"limits\":" + put.json().get("limits") + "}";
    assertThat(admin.send("PUT", path, again).json()).isEqualTo(put.json());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "[{\"permits\":1,\"period\":\"1m\",\"algorithm\":\"leaky\"}] | limits[0].algorithm",
      "[{\"permits\":1,\"period\":\"1m\",\"algorithm\":\"TOKEN_BUCKET\"}] | limits[0].algorithm",
      "[{\"permits\":1,\"period\":\"1m\",\"algorithm\":null}] | limits[0].algorithm",
      "[{\"permits\":1,\"algorithm\":\"sliding-window\"}] | limits[0].period",
      "[{\"permits\":5,\"period\":\"1m\",\"burst\":5,\"algorithm\":\"fixed-window\"}] | limits[0].burst",
      "[{\"permits\":5,\"burst\":5,\"algorithm\":\"concurrency\"}] | limits[0].burst",
      "[{\"permits\":10001,\"period\":\"1m\",\"algorithm\":\"sliding-log\"}] | limits[0].permits",
      "[{\"permits\":1,\"algorithm\":\"concurrency\"},{\"permits\":2,\"period\":\"5m\",\"algorithm\":\"concurrency\"}]"
          + " | limits[1].algorithm",
      "[{\"permits\":1,\"period\":\"1m\"},{\"permits\":2,\"period\":\"60s\"}] | limits[1].period"
  })
  void what_does_not_go_together_is_refused_by_its_name_and_changes_nothing(String limits, String field)
      throws Exception {
    for (String path : new String[] {"/tenants/unhurt/limits", "/users/" + someone() + "/limits"}) {
      Reply reply = admin.send("PUT", path, "{\"limits\":" + limits + "}");

      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.faulty()).containsExactly(field);
      assertThat(admin.get(path).json().get("own").booleanValue()).isFalse();
    }
  }

  @Test
  void a_user_is_given_to_a_tenant_and_taken_away_again() throws Exception {
    Reply made = admin.send("POST", "/users", "{\"name\":\"moving\",\"tenant\":\"one\"}");
    String path = "/users/" + made.text("id");
    assertThat(made.text("tenant")).isEqualTo("one");

    assertThat(admin.send("PATCH", path, "{\"tenant\":\"two\"}").text("tenant")).isEqualTo("two");
    assertThat(admin.send("PATCH", path, "{\"enabled\":true}").text("tenant")).isEqualTo("two");
    assertThat(admin.send("PATCH", path, "{\"tenant\":null}").json().get("tenant").isNull()).isTrue();
    assertThat(admin.get(path).json().get("tenant").isNull()).isTrue();
    assertThat(admin.send("PATCH", path, "{\"tenant\":\"a b\"}").faulty()).containsExactly("tenant");
    assertThat(admin.send("POST", "/users", "{\"name\":\"bad\",\"tenant\":7}").faulty()).containsExactly("tenant");
  }

  @Test
  void where_a_key_stands_is_told_for_all_levels_and_by_endpoint() throws Exception {
    Reply key = keyOf(admin.send("POST", "/users", "{\"name\":\"standing\",\"tenant\":\"stand\"}"));
    admin.admits(key.text("key"), "/img/a");

    Reply there = admin.get("/usage/" + key.text("id") + "/limits?target=/img/b");
    Reply elsewhere = admin.get("/usage/" + key.text("id") + "/limits");

    assertThat(there.json().get("limits").findValuesAsText("policy")).containsExactly(
        "endpoint-img-hour", "key-hour", "user-minute", "user-hour", "tenant-hour", "api-minute");
    assertThat(there.json().get("limits").findValuesAsText("remaining").subList(0, 2)).containsExactly("59", "39");
    assertThat(elsewhere.json().get("limits").findValuesAsText("policy")).containsExactly(
        "key-hour", "user-minute", "user-hour", "tenant-hour", "api-minute");
    assertThat(there.text("key_id")).isEqualTo(key.text("id"));
    assertThat(admin.get("/explain?key_id=" + key.text("id") + "&target=/img/b").json().path("gates")
        .findValuesAsText("policy")).startsWith("endpoint-img-hour", "key-hour");
    assertThat(admin.get("/usage/" + key.text("id") + "/limits?target=img").faulty()).containsExactly("target");
  }

  private static String someone() throws Exception {
    Reply found = admin.get("/users?name=someone");
    return found.json().get("users").isEmpty() ? admin.user("someone") : found.json().get("users").get(0).get("id").asText();
  }

  private static Reply keyOf(Reply user) throws Exception {
    return admin.send("POST", "/keys", "{\"user\":\"" + user.text("id") + "\"}");
  }

  /** What a rule says now; -1 when there is no such rule. */
  private static long limitOf(Reply key, String policy) throws Exception {
    var limits = admin.send("POST", "/validate", "{\"key\":\"" + key.text("key") + "\"}").json().get("limits");
    for (var limit : limits) {
      if (limit.get("policy").asText().equals(policy)) {
        return limit.get("limit").longValue();
      }
    }
    return -1;
  }
}
