package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.Refusal;
import io.gatehouse.event.Change;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Asking what the gateway would decide, through a socket. */
class DecisionsTest {

  @TempDir static Path directory;
  private static RunningAdmin admin;

  private record Holder(String user, String keyId, String key) {}

  @BeforeAll
  static void start() throws Exception {
    admin =
        RunningAdmin.start(
            directory,
            Map.of(
                "GATEHOUSE_RATE_LIMITS_IP_LEVEL", "",
                "GATEHOUSE_RATE_LIMITS_IP_LEVEL_REQUESTS_PER_HOUR", "100000",
                "GATEHOUSE_RATE_LIMITS_USER_LEVEL_REQUESTS_PER_HOUR", "3",
                "GATEHOUSE_QUOTAS_REQUESTS_PER_DAY", "500",
                "GATEHOUSE_QUOTAS_BYTES_PER_DAY", "1GiB"));
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
  }

  @Test
  void a_good_key_is_valid_and_asking_a_thousand_times_spends_nothing() throws Exception {
    Holder alice = holder("alice", "");

    for (int i = 0; i < 1_000; i++) {
      assertThat(validate("{\"key\":\"" + alice.key() + "\"}").path("valid").asBoolean()).isTrue();
    }

    JsonNode answer = validate("{\"key\":\"" + alice.key() + "\"}");
    assertThat(answer.path("code").asText()).isEqualTo("ok");
    assertThat(answer.path("user").asText()).isEqualTo(alice.user());
    assertThat(answer.path("key_id").asText()).isEqualTo(alice.keyId());
    assertThat(answer.path("remaining").asLong()).isEqualTo(3);
    assertThat(answer.path("retry_after").isNull()).isTrue();
    assertThat(answer.path("limits").findValuesAsText("policy"))
        .containsExactly("ip-hour", "user-hour", "api-minute");
    assertThat(answer.path("limits").get(1).toString())
        .isEqualTo("{\"policy\":\"user-hour\",\"limit\":3,\"remaining\":3,\"reset_after\":0,\"refuses\":false,"
            + "\"shadow\":false}");
    assertThat(answer.path("quotas").findValuesAsText("policy")).containsExactly("requests-day", "bytes-day");
    assertThat(used(alice)).isZero();
  }

  @Test
  void with_spend_each_answer_is_one_request_until_the_limit_is_used_up() throws Exception {
    Holder bob = holder("bob", "");
    String spend = "{\"key\":\"" + bob.key() + "\",\"spend\":true}";

    for (int left = 2; left >= 0; left--) {
      JsonNode answer = validate(spend);
      assertThat(answer.path("valid").asBoolean()).isTrue();
      assertThat(answer.path("remaining").asLong()).isEqualTo(left);
    }
    JsonNode refused = validate(spend);

    assertThat(refused.path("valid").asBoolean()).isFalse();
    assertThat(refused.path("code").asText()).isEqualTo("rate-limit-exceeded");
    assertThat(refused.path("rule").asText()).isEqualTo("user-hour");
    assertThat(refused.path("retry_after").asLong()).isBetween(1100L, 1200L);
    assertThat(used(bob)).isEqualTo(3);
    assertThat(admin.admits(bob.key(), "/")).isFalse();
  }

  @Test
  void every_way_to_be_refused_has_its_code_and_is_200_all_the_same() throws Exception {
    Holder carol = holder("carol", "GET /img");
    assertThat(code("{}")).isEqualTo("key-missing");
    assertThat(code("{\"key\":\"gk_live_x\"}")).isEqualTo("key-malformed");
    assertThat(code("{\"key\":\"" + carol.key() + "\",\"target\":\"/other\"}")).isEqualTo("scope-missing");
    assertThat(code("{\"key\":\"" + carol.key() + "\",\"target\":\"/img/a?x=1\",\"method\":\"POST\"}"))
        .isEqualTo("scope-missing");
    admin.send("PUT", "/users/" + carol.user() + "/whitelist", "{\"networks\":[\"10.0.0.0/8\"]}");
    forget();
    String image = "{\"key\":\"" + carol.key() + "\",\"target\":\"/img/a\"";
    assertThat(code(image + "}")).isEqualTo("address-forbidden");
    assertThat(code(image + ",\"address\":\"10.1.2.3\"}")).isEqualTo("ok");

    admin.send("PUT", "/users/" + carol.user() + "/quotas",
        "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":0}]}");
    forget();
    assertThat(code(image + ",\"address\":\"10.1.2.3\"}")).isEqualTo("quota-exceeded");

    admin.send("PATCH", "/keys/" + carol.keyId(), "{\"enabled\":false}");
    forget();
    assertThat(code(image + "}")).isEqualTo("key-disabled");
    admin.delete("/keys/" + carol.keyId());
    forget();
    assertThat(code(image + "}")).isEqualTo("key-invalid");
  }

  @Test
  void an_explanation_goes_gate_by_gate_and_names_what_binds_without_the_secret() throws Exception {
    Holder dave = holder("dave", "GET");
    admin.admits(dave.key(), "/");

    JsonNode byId = explain("?key_id=" + dave.keyId() + "&method=GET&target=/a%3Fx=1&address=192.0.2.7");

    assertThat(byId.path("verdict").asText()).isEqualTo("pass");
    assertThat(byId.path("gates").findValuesAsText("gate"))
        .containsExactly(
            "blocks", "abnormal-usage", "address-limit", "identity", "caller-blocks", "whitelist", "scope", "limits", "quota");
    assertThat(byId.path("gates").findValuesAsText("verdict")).containsOnly("pass");
    assertThat(byId.path("binding").toString())
        .isEqualTo("{\"gate\":\"limits\",\"rule\":\"user-hour\",\"detail\":\"2 of 3 left\"}");
    assertThat(byId.path("user").asText()).isEqualTo(dave.user());

    Reply byKey =
        admin.send("POST", "/explain", "{\"key\":\"" + dave.key() + "\",\"address\":\"192.0.2.7\",\"target\":\"/a?x=1\"}");
    assertThat(withoutTimes(byKey.json())).isEqualTo(withoutTimes(byId));

    JsonNode refused = explain("?key_id=" + dave.keyId() + "&method=PUT");
    assertThat(refused.path("verdict").asText()).isEqualTo("refuse");
    assertThat(refused.path("code").asText()).isEqualTo("scope-missing");
    assertThat(refused.path("binding").path("gate").asText()).isEqualTo("scope");
    assertThat(refused.path("gates").get(7).path("detail").asText()).isEqualTo("2 of 3 left");
  }

  @Test
  void an_explanation_of_a_request_that_nobody_answers_for_asks_the_other_gates_nothing() throws Exception {
    JsonNode nobody = explain("");

    assertThat(nobody.path("code").asText()).isEqualTo("key-missing");
    assertThat(nobody.path("gates").findValuesAsText("verdict"))
        .containsExactly(
            "pass", "pass", "pass", "refuse", "not-asked", "not-asked", "not-asked", "not-asked", "not-asked");
  }

  @Test
  void an_explanation_by_id_knows_a_user_that_is_switched_off() throws Exception {
    Holder erin = holder("erin", "");
    admin.send("PATCH", "/users/" + erin.user(), "{\"enabled\":false}");

    assertThat(explain("?key_id=" + erin.keyId()).path("code").asText()).isEqualTo("key-disabled");
    assertThat(admin.get("/explain?key_id=nosuchkey").status()).isEqualTo(404);
  }

  @Test
  void what_cannot_be_understood_is_listed_and_a_key_is_never_shown() throws Exception {
    Reply wrong =
        admin.send("POST", "/validate",
            "{\"key\":17,\"method\":\"GE T\",\"target\":\"/a/../b\",\"address\":\"localhost\",\"spend\":\"yes\"}");

    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.faulty()).containsExactlyInAnyOrder("key", "method", "target", "address", "spend");
    assertThat(wrong.json().toString()).doesNotContain("17");
    assertThat(admin.send("POST", "/explain", "{\"key\":\"x\",\"key_id\":\"y\"}").faulty()).containsExactly("key_id");
    assertThat(admin.get("/explain?key=gk_live_x").faulty()).containsExactly("key");
    assertThat(admin.exchange("POST", "/api/v1/validate", BodyPublishers.noBody()).status()).isEqualTo(401);
  }

  @Test
  void no_log_line_holds_the_key() throws Exception {
    Holder frank = holder("frank", "");
    List<String> lines = new CopyOnWriteArrayList<>();
    AppenderBase<ILoggingEvent> collector = new AppenderBase<>() {
      @Override
      protected void append(ILoggingEvent event) {
        lines.add(event.getFormattedMessage() + event.getKeyValuePairs() + event.getThrowableProxy());
      }
    };
    Logger ours = (Logger) LoggerFactory.getLogger("io.gatehouse");
    Level before = ours.getLevel();
    collector.setContext(ours.getLoggerContext());
    collector.start();
    ours.addAppender(collector);
    ours.setLevel(Level.TRACE);
    try {
      validate("{\"key\":\"" + frank.key() + "\"}");
      validate("{\"key\":\"" + frank.key() + "\",\"spend\":true}");
      validate("{\"key\":\"" + frank.key() + "x\"}");
      admin.send("POST", "/explain", "{\"key\":\"" + frank.key() + "\"}");
      admin.send("POST", "/validate", "{\"key\":[\"" + frank.key() + "\"]}");
      LoggerFactory.getLogger("io.gatehouse.test").info("the collector listens");
    } finally {
      ours.setLevel(before);
      ours.detachAppender(collector);
    }

    assertThat(lines).anyMatch(line -> line.contains("the collector listens"));
    assertThat(lines).noneMatch(line -> line.contains(frank.key().substring(20)));
  }

  @ParameterizedTest
  @EnumSource(Refusal.Reason.class)
  void a_code_is_the_end_of_the_problem_type_that_the_caller_gets(Refusal.Reason reason) throws Exception {
    String page = Files.readString(Path.of("..", "docs", "problems.md"));

    assertThat(page).containsPattern("\\| `[^` ]*\\b" + RefusalCode.of(reason) + "` \\|");
  }

  private static String code(String document) throws Exception {
    return validate(document).path("code").asText();
  }

  private static JsonNode validate(String document) throws Exception {
    Reply reply = admin.send("POST", "/validate", document);
    assertThat(reply.status()).as(reply.json().toString()).isEqualTo(200);
    return reply.json();
  }

  private static JsonNode explain(String query) throws Exception {
    Reply reply = admin.get("/explain" + query);
    assertThat(reply.status()).as(reply.json().toString()).isEqualTo(200);
    return reply.json();
  }

  /** Buckets fill while the test runs. */
  private static List<String> withoutTimes(JsonNode explanation) {
    List<String> words = new ArrayList<>();
    for (String field : List.of("gate", "verdict", "rule", "policy", "code", "user", "key_id")) {
      words.addAll(explanation.findValuesAsText(field));
    }
    return words;
  }

  private static Holder holder(String name, String scope) throws Exception {
    String user = admin.user(name);
    String scopes = scope.isEmpty() ? "" : ",\"scopes\":[\"" + scope + "\"]";
    JsonNode key = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"" + scopes + "}").json();
    return new Holder(user, key.path("id").asText(), key.path("key").asText());
  }

  private static long used(Holder holder) throws Exception {
    return admin.get("/users/" + holder.user() + "/usage").json().path("usage").get(0).path("used").asLong();
  }

  /** As the change log does within a second. */
  private static void forget() {
    admin.gatehouse().cache().changed(new Change(Change.Topic.USER, ""));
  }
}
