package io.gatehouse.jetty.admin;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.Admission;
import io.gatehouse.Outcome;
import io.gatehouse.Refusal;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoliciesTest {

  @TempDir static Path directory;
  private static RunningAdmin admin;

  @BeforeAll
  static void start() throws Exception {
    admin =
        RunningAdmin.start(
            directory,
            Map.of("GATEHOUSE_QUOTAS_REQUESTS_PER_DAY", "500", "GATEHOUSE_QUOTAS_TIME_ZONE", "Europe/Berlin"));
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
  }

  @Test
  void networks_are_replaced_as_a_whole_and_take_effect() throws Exception {
    String user = admin.user("networks");
    String path = "/users/" + user + "/whitelist";
    String key = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}").text("key");
    assertThat(admin.get(path).json().toString()).isEqualTo("{\"networks\":[]}");
    assertThat(admin.admits(key, "/")).isTrue();

    Reply put =
        admin.send("PUT", path, "{\"networks\":[\"10.1.2.3/8\",\"::ffff:10.0.0.0/104\",\"2001:db8::1\"]}");
    assertThat(put.status()).isEqualTo(200);
    assertThat(put.json().toString())
        .isEqualTo("{\"networks\":[\"10.0.0.0/8\",\"2001:db8:0:0:0:0:0:1/128\"]}");
    assertThat(admin.get(path).json()).isEqualTo(put.json());
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> !admin.admits(key, "/"));

    assertThat(admin.send("PUT", path, "{\"networks\":[]}").status()).isEqualTo(200);
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> admin.admits(key, "/"));
  }

  @Test
  void a_shadow_may_stand_beside_an_enforced_rule() throws Exception {
    String user = admin.user("shadows");

    Reply limits =
        admin.send(
            "PUT", "/users/" + user + "/limits",
            "{\"limits\":[{\"permits\":9,\"period\":\"1m\"},{\"permits\":5,\"period\":\"1m\",\"shadow\":true}]}");
    Reply quotas =
        admin.send(
            "PUT", "/users/" + user + "/quotas",
            "{\"quotas\":[{\"meter\":\"bytes\",\"window\":\"day\",\"most\":7,\"shadow\":true}]}");
    Reply twice =
        admin.send(
            "PUT", "/users/" + user + "/limits",
            "{\"limits\":[{\"permits\":9,\"period\":\"1m\",\"shadow\":true},"
                + "{\"permits\":5,\"period\":\"1m\",\"shadow\":true}]}");

    assertThat(limits.json().path("limits").findValuesAsText("shadow")).containsExactly("false", "true");
    assertThat(limits.json().path("limits").findValuesAsText("permits")).containsExactly("9", "5");
    assertThat(quotas.json().path("quotas").findValuesAsText("shadow")).containsExactly("true");
    assertThat(admin.get("/users/" + user + "/usage").json().path("usage").findValuesAsText("most"))
        .containsOnly("null");
    assertThat(twice.faulty()).containsExactly("limits[1].period");
  }

  @Test
  void limits_of_ones_own_take_the_place_of_the_defaults_until_they_are_deleted() throws Exception {
    String path = "/users/" + admin.user("limits") + "/limits";
    String defaults =
        "{\"own\":false,\"origin\":\"configuration\",\"limits\":[{\"permits\":1000,\"period\":\"1m\",\"burst\":1000,\"algorithm\":\"token-bucket\",\"shadow\":false},"
            + "{\"permits\":10000,\"period\":\"1h\",\"burst\":10000,\"algorithm\":\"token-bucket\",\"shadow\":false}]}";
    assertThat(admin.get(path).json().toString()).isEqualTo(defaults);

    Reply put =
        admin.send(
            "PUT", path,
            "{\"limits\":[{\"permits\":5,\"period\":\"PT1M\"},{\"permits\":2,\"period\":\"1500ms\",\"burst\":9}]}");
    assertThat(put.status()).isEqualTo(200);
    assertThat(put.json().toString())
        .isEqualTo(
            "{\"own\":true,\"origin\":\"own\",\"limits\":[{\"permits\":2,\"period\":\"1500ms\",\"burst\":9,\"algorithm\":\"token-bucket\",\"shadow\":false},"
                + "{\"permits\":5,\"period\":\"1m\",\"burst\":5,\"algorithm\":\"token-bucket\",\"shadow\":false}]}");
    assertThat(admin.get(path).json()).isEqualTo(put.json());

    Reply none = admin.send("PUT", path, "{\"limits\":[]}");
    assertThat(none.json().toString()).isEqualTo("{\"own\":true,\"origin\":\"own\",\"limits\":[]}");
    assertThat(admin.delete(path).status()).isEqualTo(204);
    assertThat(admin.get(path).json().toString()).isEqualTo(defaults);
  }

  @Test
  void quotas_of_ones_own_take_the_place_of_the_defaults_until_they_are_deleted() throws Exception {
    String path = "/users/" + admin.user("quotas") + "/quotas";
    String defaults = "{\"own\":false,\"origin\":\"configuration\",\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":500,\"beyond\":\"hard\",\"shadow\":false,\"over\":false,\"crossed\":[]}]}";
    assertThat(admin.get(path).json().toString()).isEqualTo(defaults);

    Reply put =
        admin.send(
            "PUT", path,
            "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"month\",\"most\":9007199254740992},"
                + "{\"meter\":\"bytes\",\"window\":\"day\",\"most\":0}]}");
    assertThat(put.status()).isEqualTo(200);
    assertThat(put.json().toString())
        .isEqualTo(
            "{\"own\":true,\"origin\":\"own\",\"quotas\":[{\"meter\":\"bytes\",\"window\":\"day\",\"most\":0,\"beyond\":\"hard\","
                + "\"shadow\":false,\"over\":false,\"crossed\":[]},{\"meter\":\"requests\",\"window\":\"month\","
                + "\"most\":9007199254740992,\"beyond\":\"hard\",\"shadow\":false,\"over\":false,\"crossed\":[]}]}");
    assertThat(admin.get(path).json()).isEqualTo(put.json());

    assertThat(admin.delete(path).status()).isEqualTo(204);
    assertThat(admin.get(path).json().toString()).isEqualTo(defaults);
  }

  @Test
  void use_is_told_with_what_is_left_and_when_it_begins_anew() throws Exception {
    String user = admin.user("usage");
    String key = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}").text("key");
    admin.send(
        "PUT", "/users/" + user + "/quotas",
        "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":2},"
            + "{\"meter\":\"bytes\",\"window\":\"month\",\"most\":1000}]}");
    for (int i = 0; i < 2; i++) {
      Admission.Admitted admitted =
          (Admission.Admitted) admin.gatehouse().gateway().admit(Requests.get("/").with("X-API-Key", key));
      admitted.complete(new Outcome(200, 0, 300, Duration.ofMillis(1), Outcome.Ending.ANSWERED));
    }
    assertThat(admin.admits(key, "/")).isFalse();

    Reply usage = admin.get("/users/" + user + "/usage");

    assertThat(usage.text("time_zone")).isEqualTo("Europe/Berlin");
    assertThat(usage.json().get("usage")).hasSize(4);
    JsonNode requests = row(usage, "requests", "day");
    assertThat(requests.get("used").longValue()).isEqualTo(2);
    assertThat(requests.get("most").longValue()).isEqualTo(2);
    assertThat(requests.get("remaining").longValue()).isZero();
    JsonNode bytes = row(usage, "bytes", "month");
    assertThat(bytes.get("used").longValue()).isEqualTo(600);
    assertThat(bytes.get("remaining").longValue()).isEqualTo(400);
    JsonNode unlimited = row(usage, "requests", "month");
    assertThat(unlimited.get("used").longValue()).isEqualTo(2);
    assertThat(unlimited.get("most").isNull()).isTrue();
    assertThat(unlimited.get("remaining").isNull()).isTrue();
    Instant start = Instant.parse(requests.get("period_start").asText());
    Instant reset = Instant.parse(requests.get("resets_at").asText());
    assertThat(Duration.between(start, reset)).isBetween(Duration.ofHours(23), Duration.ofHours(25));
    assertThat(Instant.now()).isBetween(start, reset);
  }

  @Test
  void use_beyond_a_quota_is_told_as_over_and_as_overage_and_when_thresholds_were_crossed() throws Exception {
    String user = admin.user("over");
    String key = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}").text("key");
    String path = "/users/" + user + "/quotas";
    Reply put = admin.send(
        "PUT", path,
        "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":1,\"beyond\":\"soft\"},"
            + "{\"meter\":\"response-bytes\",\"window\":\"month\",\"most\":100,\"beyond\":\"overage\",\"cap\":700},"
            + "{\"meter\":\"stored-bytes\",\"window\":\"lifetime\",\"most\":1000}]}");
    assertThat(put.status()).isEqualTo(200);
    for (int i = 0; i < 2; i++) {
      Admission.Admitted admitted =
          (Admission.Admitted) admin.gatehouse().gateway().admit(Requests.get("/").with("X-API-Key", key));
      admitted.complete(new Outcome(200, 0, 300, Duration.ofMillis(1), Outcome.Ending.ANSWERED));
    }
    assertThat(admin.gatehouse().storedBytes().add(user, 600)).isEmpty();
    assertThat(admin.gatehouse().storedBytes().add(user, 600).orElseThrow().reason())
        .isEqualTo(Refusal.Reason.STORAGE_EXHAUSTED);

    await().atMost(Duration.ofSeconds(5)).until(
        () -> row(admin.get("/users/" + user + "/usage"), "response-bytes", "month").get("crossed").size() == 3);
    Reply usage = admin.get("/users/" + user + "/usage");
    JsonNode soft = row(usage, "requests", "day");
    JsonNode overage = row(usage, "response-bytes", "month");
    JsonNode stored = row(usage, "stored-bytes", "lifetime");
    assertThat(soft.get("over").booleanValue()).isTrue();
    assertThat(soft.get("remaining").longValue()).isZero();
    assertThat(overage.get("overage").longValue()).isEqualTo(500);
    assertThat(stored.get("used").longValue()).isEqualTo(600);
    assertThat(stored.get("resets_at").isNull()).isTrue();
    Reply quotas = admin.get(path);
    assertThat(quotas.json().at("/quotas/1/overage").longValue()).isEqualTo(500);
    assertThat(quotas.json().at("/quotas/1/crossed").findValuesAsText("percent")).containsExactly("50", "80", "100");
    assertThat(quotas.header("ETag")).as("what is used is not what was set").isEqualTo(put.header("ETag"));
  }

  @Test
  void use_is_begun_anew() throws Exception {
    String user = admin.user("anew");
    String key = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}").text("key");
    String path = "/users/" + user + "/quotas/reset";
    admin.send("PUT", "/users/" + user + "/quotas",
        "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":1}]}");
    assertThat(admin.admits(key, "/")).isTrue();
    assertThat(admin.admits(key, "/")).isFalse();

    Reply reset = admin.send("POST", path, "{\"meter\":\"requests\",\"window\":\"day\"}");

    assertThat(reset.status()).isEqualTo(200);
    assertThat(row(reset, "requests", "day").get("used").longValue()).isZero();
    assertThat(row(reset, "requests", "month").get("used").longValue()).isEqualTo(1);
    await().atMost(Duration.ofSeconds(5)).until(() -> admin.admits(key, "/"));
    assertThat(row(admin.send("POST", path, "{\"all\":true}"), "requests", "month").get("used").longValue()).isZero();
    for (String wrong : new String[] {
      "{}", "{\"all\":false}", "{\"all\":true,\"meter\":\"bytes\"}", "{\"meter\":\"stored-bytes\"}", "{\"meter\":\"x\"}"
    }) {
      assertThat(admin.send("POST", path, wrong).status()).as(wrong).isEqualTo(400);
    }
    assertThat(admin.send("POST", "/users/01NOBODY/quotas/reset", "{\"all\":true}").status()).isEqualTo(404);
  }

  @Test
  void a_calendar_of_ones_own_takes_the_place_of_the_default_until_it_is_deleted() throws Exception {
    String user = admin.user("calendar");
    String path = "/users/" + user + "/calendar";
    String defaults = "{\"own\":false,\"time_zone\":\"Europe/Berlin\",\"billing_day\":1}";
    assertThat(admin.get(path).json().toString()).isEqualTo(defaults);

    Reply put = admin.send("PUT", path, "{\"time_zone\":\"Asia/Tokyo\",\"billing_day\":31}");
    assertThat(put.json().toString()).isEqualTo("{\"own\":true,\"time_zone\":\"Asia/Tokyo\",\"billing_day\":31}");
    Reply usage = admin.get("/users/" + user + "/usage");
    assertThat(usage.text("time_zone")).isEqualTo("Asia/Tokyo");
    assertThat(Instant.parse(row(usage, "requests", "day").get("resets_at").asText()))
        .isEqualTo(ZonedDateTime.now(ZoneId.of("Asia/Tokyo")).toLocalDate().plusDays(1)
            .atStartOfDay(ZoneId.of("Asia/Tokyo")).toInstant());

    assertThat(admin.send("PUT", path, "{\"time_zone\":\"Berlin\",\"billing_day\":32}").faulty())
        .containsExactly("time_zone", "billing_day");
    assertThat(admin.delete(path).status()).isEqualTo(204);
    assertThat(admin.get(path).json().toString()).isEqualTo(defaults);
  }

  @Test
  void quotas_that_make_no_sense_are_told_by_the_field() throws Exception {
    String path = "/users/" + admin.user("nonsense") + "/quotas";
    Reply wrong = admin.send(
        "PUT", path,
        "{\"quotas\":[{\"meter\":\"stored-bytes\",\"window\":\"day\",\"most\":1},"
            + "{\"meter\":\"bytes\",\"window\":\"lifetime\",\"most\":1},"
            + "{\"meter\":\"bytes\",\"window\":\"day\",\"most\":5,\"beyond\":\"overage\",\"cap\":4},"
            + "{\"meter\":\"bytes\",\"window\":\"day\",\"most\":5,\"cap\":6},"
            + "{\"meter\":\"bytes\",\"window\":\"day\",\"most\":5,\"beyond\":\"soft\",\"shadow\":true}]}");

    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.faulty()).containsExactly(
        "quotas[0].window", "quotas[1].window", "quotas[2].cap", "quotas[3].cap", "quotas[4].shadow");
  }

  @Test
  void nobody_has_policies_who_is_not_there() throws Exception {
    for (String policy : new String[] {"whitelist", "limits", "quotas", "calendar", "usage"}) {
      assertThat(admin.get("/users/01NOBODY/" + policy).status()).isEqualTo(404);
    }
    assertThat(admin.send("PUT", "/users/01NOBODY/whitelist", "{\"networks\":[]}").status()).isEqualTo(404);
    assertThat(admin.send("PUT", "/users/01NOBODY/limits", "{\"limits\":[]}").status()).isEqualTo(404);
    assertThat(admin.delete("/users/01NOBODY/quotas").status()).isEqualTo(404);
  }

  private static JsonNode row(Reply usage, String meter, String window) {
    for (JsonNode row : usage.json().get("usage")) {
      if (row.get("meter").asText().equals(meter) && row.get("window").asText().equals(window)) {
        return row;
      }
    }
    throw new AssertionError("no row for " + meter + " and " + window);
  }
}
