package io.gatehouse.jetty.admin;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsReader;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import io.gatehouse.key.User;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.PlanChange;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlansTest {

  private static final String WHOLE =
      """
      {"title":"For professionals",
       "limits":{"user":[{"permits":100,"period":"1s","burst":200}],"key":[]},
       "quotas":[{"meter":"requests","window":"day","most":1000}],
       "scopes":["GET /img/","* /api/"],
       "options":{"max_pixels":"50000000","tier":"2"}}""";

  @TempDir static Path directory;
  private static RunningAdmin admin;

  @BeforeAll
  static void start() throws Exception {
    admin = RunningAdmin.start(directory, Map.of("GATEHOUSE_QUOTAS_REQUESTS_PER_DAY", "500"));
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
  }

  @Test
  void those_on_a_plan_are_listed_and_those_who_will_be_too() throws Exception {
    admin.send("PUT", "/plans/sought", "{}");
    String now = admin.user("on it now");
    String later = admin.user("on it later");
    String nobody = admin.user("never on it");
    admin.send("PUT", "/users/" + now + "/plan", "{\"plan\":\"sought\"}");
    admin.send("PUT", "/users/" + later + "/plan", "{\"plan\":\"sought\",\"at\":\"2999-01-01T00:00:00Z\"}");

    Reply first = admin.get("/users?plan=sought&limit=1");
    Reply second = admin.get("/users?plan=sought&limit=1&after=" + first.text("next"));

    assertThat(first.json().path("users").findValuesAsText("id")).containsExactly(now);
    assertThat(first.header("Link")).contains("plan=sought");
    assertThat(second.json().path("users").findValuesAsText("id")).containsExactly(later);
    assertThat(second.json().path("next").isNull()).isTrue();
    assertThat(admin.get("/users?plan=none-of-this-name").json().path("users")).isEmpty();
    assertThat(admin.get("/users?plan=No%20Name").faulty()).containsExactly("plan");
    assertThat(admin.get("/users/" + nobody).status()).isEqualTo(200);
  }

  @Test
  void a_plan_is_made_shown_listed_replaced_and_deleted() throws Exception {
    Reply made = admin.send("PUT", "/plans/whole", WHOLE);
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.json().toString()).isEqualTo(
        "{\"name\":\"whole\",\"title\":\"For professionals\",\"limits\":{\"user\":[{\"permits\":100,\"period\":\"1s\","
            + "\"burst\":200,\"algorithm\":\"token-bucket\",\"shadow\":false}],\"key\":[]},\"quotas\":[{\"meter\":\"requests\","
            + "\"window\":\"day\",\"most\":1000,\"beyond\":\"hard\",\"shadow\":false}],\"scopes\":[\"* /api/\",\"GET /img/\"],"
            + "\"options\":{\"max_pixels\":\"50000000\",\"tier\":\"2\"}}");
    assertThat(admin.get("/plans/whole").json()).isEqualTo(made.json());
    assertThat(admin.get("/plans").json().path("plans")).contains(made.json());

    Reply same = admin.send("PUT", "/plans/whole", made.json().toString());
    assertThat(same.status()).isEqualTo(200);
    assertThat(same.json()).isEqualTo(made.json());

    Reply bare = admin.send("PUT", "/plans/whole", "{}");
    assertThat(bare.json().toString()).isEqualTo(
        "{\"name\":\"whole\",\"title\":\"\",\"limits\":{\"user\":null,\"key\":null},\"quotas\":null,\"scopes\":[],"
            + "\"options\":{}}");

    assertThat(admin.delete("/plans/whole").status()).isEqualTo(204);
    assertThat(admin.delete("/plans/whole").status()).isEqualTo(404);
    assertThat(admin.get("/plans/whole").status()).isEqualTo(404);
  }

  @Test
  void what_is_wrong_with_a_plan_is_said_field_by_field() throws Exception {
    Reply wrong =
        admin.send(
            "PUT", "/plans/wrong",
            """
            {"name":"other","title":"a\\nb","limits":{"user":[{"permits":0,"period":"1s"}],"tenant":[],
             "key":[{"permits":1,"period":"1s"},{"permits":2,"period":"1s"}]},
             "quotas":[{"meter":"bytes","window":"day","most":1},{"meter":"bytes","window":"day","most":2}],
             "scopes":["get"],"options":{"A":"1","a":2}}""");

    assertThat(wrong.problem()).isEqualTo("invalid-input");
    assertThat(wrong.faulty()).containsExactlyInAnyOrder(
        "name", "title", "limits.user[0].permits", "limits.tenant", "limits.key[1].period", "quotas[1]", "scopes[0]",
        "options.A", "options.a");
    assertThat(admin.send("PUT", "/plans/Wrong", "{}").status()).isEqualTo(404);
    assertThat(admin.get("/plans/wrong").status()).isEqualTo(404);
  }

  @Test
  void options_that_the_gateway_reads_are_judged_one_by_one(@TempDir Path other) throws Exception {
    try (RunningAdmin images =
        RunningAdmin.start(other, Map.of("GATEHOUSE_IMAGES_KEY", "ab12", "GATEHOUSE_IMAGES_SALT", "cd34"))) {
      judgeOptions(images);
    }
  }

  private static void judgeOptions(RunningAdmin images) throws Exception {
    Reply wrong = images.send("PUT", "/plans/pictures", "{\"options\":{\"images.max_width\":\"wide\",\"images.formats\":\"docx\","
        + "\"images.max_dpr\":\"2\",\"cache.charge_hits\":\"maybe\",\"tier\":\"2\"}}");

    assertThat(wrong.problem()).isEqualTo("invalid-input");
    assertThat(wrong.faulty()).containsExactlyInAnyOrder(
        "options.images.max_width", "options.images.formats", "options.cache.charge_hits");
    assertThat(wrong.json().toString()).contains("wide (expected: 0 to 1000000)");
    assertThat(images.send("PUT", "/plans/pictures", "{\"options\":{\"images.max_width\":\"900\"}}").status()).isEqualTo(201);
  }

  @Test
  void a_plan_is_changed_only_as_the_client_knows_it() throws Exception {
    String tag = admin.send("PUT", "/plans/tagged", "{}").header("ETag");
    assertThat(admin.get("/plans/tagged").header("ETag")).isEqualTo(tag);

    assertThat(admin.send("PUT", "/plans/tagged", "{}", "If-None-Match", "*").status()).isEqualTo(412);
    assertThat(admin.send("PUT", "/plans/tagged", "{\"title\":\"a\"}", "If-Match", tag).status()).isEqualTo(200);
    assertThat(admin.send("PUT", "/plans/tagged", "{\"title\":\"b\"}", "If-Match", tag).status()).isEqualTo(412);
    assertThat(admin.delete("/plans/tagged", "If-Match", tag).status()).isEqualTo(412);
    assertThat(admin.send("PUT", "/plans/missing", "{}", "If-Match", "*").status()).isEqualTo(412);
  }

  @Test
  void a_user_is_put_on_a_plan_and_shown_on_it_until_they_leave() throws Exception {
    String user = admin.user("on a plan");
    String path = "/users/" + user + "/plan";
    admin.send("PUT", "/plans/pro", "{}");
    assertThat(admin.get(path).json().toString()).isEqualTo("{\"plan\":null,\"next_plan\":null}");

    Reply put = admin.send("PUT", path, "{\"plan\":\"pro\"}");
    assertThat(put.json().toString()).isEqualTo("{\"plan\":\"pro\",\"next_plan\":null}");
    assertThat(admin.get(path).header("ETag")).isEqualTo(put.header("ETag"));
    assertThat(admin.get("/users/" + user).text("plan")).isEqualTo("pro");
    assertThat(admin.get("/users?name=on%20a%20plan").json().path("users").get(0).path("plan").asText())
        .isEqualTo("pro");

    assertThat(admin.delete("/plans/pro").problem()).isEqualTo("plan-in-use");
    assertThat(admin.delete(path, "If-Match", "\"other\"").status()).isEqualTo(412);
    assertThat(admin.delete(path).status()).isEqualTo(204);
    assertThat(admin.get(path).json().path("plan").isNull()).isTrue();
    assertThat(admin.delete("/plans/pro").status()).isEqualTo(204);
  }

  @Test
  void a_change_is_scheduled_told_and_taken_back() throws Exception {
    String user = admin.user("scheduled");
    String path = "/users/" + user + "/plan";
    admin.send("PUT", "/plans/trial", "{}");
    admin.send("PUT", path, "{\"plan\":\"trial\"}");

    Reply scheduled = admin.send("PUT", path, "{\"plan\":null,\"at\":\"2999-01-01T01:00:00+01:00\"}");
    String told = "{\"plan\":\"trial\",\"next_plan\":{\"plan\":null,\"at\":\"2999-01-01T00:00:00Z\"}}";
    assertThat(scheduled.json().toString()).isEqualTo(told);
    assertThat(admin.get("/users/" + user).json().path("next_plan").path("at").asText())
        .isEqualTo("2999-01-01T00:00:00Z");

    assertThat(admin.delete(path).status()).isEqualTo(204);
    assertThat(admin.get(path).json().path("next_plan").isNull()).isFalse();
    assertThat(admin.delete(path + "?scheduled=true").status()).isEqualTo(204);
    assertThat(admin.get(path).json().path("next_plan").isNull()).isTrue();
  }

  @Test
  void what_is_wrong_with_a_change_of_plan_is_said() throws Exception {
    String path = "/users/" + admin.user("wrong") + "/plan";

    assertThat(admin.send("PUT", path, "{}").faulty()).containsExactly("plan");
    assertThat(admin.send("PUT", path, "{\"plan\":\"nowhere\"}").faulty()).containsExactly("plan");
    assertThat(admin.send("PUT", path, "{\"plan\":7,\"at\":\"2001-01-01T00:00:00Z\"}").faulty())
        .containsExactly("plan", "at");
    assertThat(admin.send("PUT", "/users/nobody/plan", "{\"plan\":null}").status()).isEqualTo(404);
  }

  @Test
  void a_due_change_happens_without_a_call() throws Exception {
    String user = admin.user("due");
    admin.send("PUT", "/plans/now", "{}");

    admin.gatehouse().stores().plans()
        .schedule(user, new PlanChange(Optional.of("now"), Instant.now().plusMillis(300)));

    await().atMost(ofSeconds(10)).pollInterval(ofMillis(50))
        .until(() -> admin.get("/users/" + user).text("plan").equals("now"));
    assertThat(admin.get("/users/" + user).json().path("next_plan").isNull()).isTrue();
  }

  @Test
  void what_became_due_while_no_gateway_ran_holds_from_the_start(@TempDir Path other) throws Exception {
    Settings settings =
        SettingsReader.read(Optional.empty(), Map.of("GATEHOUSE_DATA_DIR", other.toString())).settings();
    try (Stores stores = Stores.open(settings, InstantSource.system())) {
      stores.users().addUser(new User("late", "late", true, Instant.EPOCH));
      stores.plans().putPlan(new Plan("overdue"));
      stores.plans().schedule("late", new PlanChange(Optional.of("overdue"), Instant.EPOCH));
    }

    try (RunningAdmin started = RunningAdmin.start(other)) {
      assertThat(started.get("/users/late/plan").json().toString())
          .isEqualTo("{\"plan\":\"overdue\",\"next_plan\":null}");
    }
  }

  @Test
  void limits_and_quotas_say_where_they_come_from() throws Exception {
    String user = admin.user("origin");
    String key = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}").text("id");
    admin.send("PUT", "/tenants/origin/limits", "{\"limits\":[]}");
    List<String> paths =
        List.of("/users/" + user + "/limits", "/keys/" + key + "/limits", "/users/" + user + "/quotas");
    assertOrigins(paths, "configuration", "configuration", "configuration");

    admin.send("PUT", "/plans/origin", WHOLE);
    admin.send("PUT", "/users/" + user + "/plan", "{\"plan\":\"origin\"}");
    assertOrigins(paths, "plan", "plan", "plan");
    assertThat(admin.get(paths.get(0)).json().path("limits").get(0).path("permits").asInt()).isEqualTo(100);
    assertThat(admin.get(paths.get(1)).json().path("limits")).isEmpty();
    assertThat(admin.get(paths.get(2)).json().path("quotas").get(0).path("most").asInt()).isEqualTo(1000);

    admin.send("PUT", paths.get(0), "{\"limits\":[]}");
    assertOrigins(paths, "own", "plan", "plan");
    admin.send("PUT", paths.get(2), "{\"quotas\":[]}");
    assertOrigins(paths, "own", "plan", "own");
    assertThat(admin.get("/tenants/origin/limits").text("origin")).isEqualTo("own");
    assertThat(admin.get("/tenants/other/limits").text("origin")).isEqualTo("configuration");
  }

  @Test
  void the_quota_of_a_plan_counts_and_a_higher_one_re_arms_what_was_told() throws Exception {
    String user = admin.user("upgraded");
    String secret = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}").text("key");
    admin.send("PUT", "/plans/two", "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":2}]}");
    admin.send("PUT", "/plans/ten", "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":10}]}");
    admin.send("PUT", "/users/" + user + "/plan", "{\"plan\":\"two\"}");
    String spend = "{\"key\":\"" + secret + "\",\"spend\":true}";

    assertThat(admin.send("POST", "/validate", spend).text("code")).isEqualTo("ok");
    assertThat(admin.send("POST", "/validate", spend).text("code")).isEqualTo("ok");
    assertThat(admin.send("POST", "/validate", spend).text("code")).isEqualTo("quota-exceeded");
    await().atMost(ofSeconds(10)).pollInterval(ofMillis(50)).until(() -> crossed(user).contains("100"));

    admin.send("PUT", "/users/" + user + "/plan", "{\"plan\":\"ten\"}");
    assertThat(crossed(user)).isEmpty();
    await().atMost(ofSeconds(10)).pollInterval(ofMillis(50))
        .until(() -> admin.send("POST", "/validate", spend).text("code").equals("ok"));
  }

  private static List<String> crossed(String user) throws Exception {
    return admin.get("/users/" + user + "/quotas").json().path("quotas").get(0).path("crossed")
        .findValuesAsText("percent");
  }

  private static void assertOrigins(List<String> paths, String... origins) throws Exception {
    for (int i = 0; i < origins.length; i++) {
      assertThat(admin.get(paths.get(i)).text("origin")).as(paths.get(i)).isEqualTo(origins[i]);
      assertThat(admin.get(paths.get(i)).json().path("own").asBoolean()).isEqualTo(origins[i].equals("own"));
    }
  }
}
