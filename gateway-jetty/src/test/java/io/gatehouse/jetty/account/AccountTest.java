package io.gatehouse.jetty.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.KeyTerms;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.plan.Plan;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tenants see and change of their own, over a real socket of a whole gateway whose administration is elsewhere. */
class AccountTest {

  private static final String ACCOUNT = "/api/v1/account";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir static Path directory;
  private static ScriptedBackend backend;
  private static GatewayNode node;

  @BeforeAll
  static void start() throws Exception {
    backend = ScriptedBackend.saying("picture");
    node =
        GatewayNode.start(
            directory,
            """
            backends: [{url: "%s"}]
            admin: {listen: "127.0.0.1:0"}
            rate_limits: {ip_level: none, user_level: none, api_level: none}
            """.formatted(backend.uri()));
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    backend.close();
  }

  @Test
  void a_caller_is_told_who_they_are_by_their_key_alone() throws Exception {
    String user = node.user("whoami");
    IssuedKey key = node.key(user, "GET", "images:read");

    HttpResponse<String> answer = call(key, "GET", "");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    JsonNode json = GatewayNode.json(answer);
    assertThat(json.path("user").asText()).isEqualTo(user);
    assertThat(json.path("plan").isNull()).isTrue();
    assertThat(json.at("/key/id").asText()).isEqualTo(key.key().id());
    assertThat(key.secret()).startsWith(json.at("/key/start").asText());
    assertThat(json.at("/key/scopes").toString()).isEqualTo("[\"GET\",\"images:read\"]");
    assertThat(answer.body()).doesNotContain(key.secret().substring(16));
    assertThat(problem(node.get(ACCOUNT))).isEqualTo("key-missing");
    assertThat(problem(node.get(ACCOUNT, "X-API-Key", "nonsense"))).isEqualTo("key-malformed");
    assertThat(problem(node.get(ACCOUNT, "Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN)))
        .as("an administrator has no account").isEqualTo("key-malformed");
    assertThat(problem(call(key, "GET", "/nothing"))).isEqualTo("not-found");
    assertThat(call(key, "POST", "/usage").statusCode()).isIn(403, 405);
    assertThat(node.get("/api/v1/accounts", "X-API-Key", key.secret()).body())
        .as("what only begins alike is the backend's").isEqualTo("picture");
  }

  @Test
  void administration_is_not_on_the_public_port_and_the_account_is_on_both() throws Exception {
    IssuedKey key = node.key(node.user("ports"));
    URI admin = node.server().adminUri().orElseThrow();

    assertThat(node.get("/api/v1/users", "X-API-Key", key.secret()).body()).isEqualTo("picture");
    assertThat(at(admin, ACCOUNT, "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
    assertThat(at(admin, "/api/v1/users", "X-API-Key", key.secret()).statusCode()).isEqualTo(401);
  }

  @Test
  void use_is_told_with_what_is_left_and_a_forecast_for_the_user_and_for_the_key() throws Exception {
    String user = node.user("usage");
    IssuedKey key = node.key(user);
    IssuedKey other = node.key(node.user("usage of another"));
    stores().quotas().replaceQuotas(user, Optional.of(List.of(new Quota(Meter.REQUESTS, Window.MONTH, 10))));
    stores().quotas().replaceKeyQuotas(key.key().lineage(), List.of(new Quota(Meter.REQUESTS, Window.DAY, 5)));
    proxied(key);
    proxied(key);
    proxied(other);

    await().atMost(PATIENCE).untilAsserted(() -> {
      JsonNode usage = GatewayNode.json(call(key, "GET", "/usage"));
      JsonNode month = row(usage.path("usage"), "requests", "month");
      JsonNode day = row(usage.path("key_usage"), "requests", "day");
      assertThat(month.path("used").asLong()).isEqualTo(2);
      assertThat(month.path("most").asLong()).isEqualTo(10);
      assertThat(month.path("remaining").asLong()).isEqualTo(8);
      assertThat(day.path("used").asLong()).isEqualTo(2);
      assertThat(day.path("remaining").asLong()).isEqualTo(3);
      assertThat(usage.path("key_usage")).hasSize(1);
      double share = share(month);
      if (share > 0.011) {
        assertThat(month.path("forecast").asDouble()).isBetween(2 / share - 1, 2 / share + 2);
      }
    });
  }

  @Test
  void history_is_the_users_own_by_minute_hour_and_day() throws Exception {
    IssuedKey key = node.key(node.user("history"));
    IssuedKey other = node.key(node.user("history of another"));
    proxied(key);
    proxied(other);
    proxied(other);

    for (String by : List.of("minute", "hour", "day")) {
      await().atMost(PATIENCE).until(() -> {
        node.gatehouse().counts().flush();
        JsonNode rows = GatewayNode.json(call(key, "GET", "/history?by=" + by)).path("history");
        return rows.size() == 1 && rows.get(0).path("requests").asLong() == 1;
      });
    }
    assertThat(problem(call(key, "GET", "/history?by=minute&from=2000-01-01T00:00:00Z"))).isEqualTo("invalid-input");
    assertThat(problem(call(key, "GET", "/history?user=x"))).isEqualTo("invalid-input");
  }

  @Test
  void limits_are_told_without_spending_and_each_question_is_charged_like_any_request() throws Exception {
    String user = node.user("limits");
    IssuedKey key = node.key(user);
    stores().limits().replaceLimits(Level.USER, user, Optional.of(List.of(Limit.of(4, Duration.ofDays(1)))));
    stores().quotas().replaceQuotas(user, Optional.of(List.of(new Quota(Meter.REQUESTS, Window.DAY, 2))));

    HttpResponse<String> answer = call(key, "GET", "/limits?method=GET&target=/img/a.png");
    JsonNode json = GatewayNode.json(answer);
    JsonNode limit = json.at("/limits/0");
    assertThat(limit.path("policy").asText()).isEqualTo("user-day");
    assertThat(limit.path("remaining").asLong()).as("the question was charged, and its own was not").isEqualTo(3);
    assertThat(answer.headers().firstValue("RateLimit").orElse("")).contains("r=3");
    assertThat(json.at("/quotas/0/remaining").asLong()).as("no quota is charged").isEqualTo(2);

    proxied(key);
    assertThat(call(key, "GET", "").statusCode()).isEqualTo(200);
    assertThat(call(key, "GET", "").statusCode()).isEqualTo(200);
    assertThat(problem(call(key, "GET", ""))).isEqualTo("rate-limit-exceeded");
    assertThat(problem(node.get("/a", "X-API-Key", key.secret()))).isEqualTo("rate-limit-exceeded");
  }

  @Test
  void an_exhausted_quota_shuts_nobody_out_of_seeing_it() throws Exception {
    String user = node.user("exhausted");
    IssuedKey key = node.key(user);
    stores().quotas().replaceQuotas(user, Optional.of(List.of(new Quota(Meter.REQUESTS, Window.DAY, 0))));

    assertThat(problem(node.get("/a", "X-API-Key", key.secret()))).endsWith("#quota-exceeded");
    assertThat(GatewayNode.json(call(key, "GET", "/usage")).path("usage").get(0).path("remaining").asLong()).isZero();
  }

  @Test
  void an_address_that_may_not_call_may_not_ask() throws Exception {
    String user = node.user("denied");
    IssuedKey key = node.key(user);
    stores().whitelist().replaceDenied(user, List.of(Cidr.parse("127.0.0.0/8")));

    assertThat(problem(call(key, "GET", ""))).isEqualTo("address-forbidden");
  }

  @Test
  void a_plain_key_sees_all_keys_of_its_user_and_changes_itself_only() throws Exception {
    String user = node.user("plain");
    IssuedKey key = node.key(user);
    IssuedKey other = node.key(user);

    assertThat(GatewayNode.json(call(key, "GET", "/keys")).path("keys").findValuesAsText("id"))
        .containsExactly(key.key().id(), other.key().id());
    assertThat(GatewayNode.json(call(key, "GET", "/keys/" + other.key().id())).path("start").asText())
        .isEqualTo(other.key().start());
    assertThat(problem(call(key, "POST", "/keys", "{}"))).isEqualTo("scope-missing");
    assertThat(problem(call(key, "POST", "/keys/" + other.key().id() + "/rotate"))).isEqualTo("scope-missing");
    assertThat(problem(call(key, "DELETE", "/keys/" + other.key().id()))).isEqualTo("scope-missing");

    HttpResponse<String> rotated = call(key, "POST", "/keys/" + key.key().id() + "/rotate", "{\"grace\":\"1h\"}");
    assertThat(rotated.statusCode()).as(rotated.body()).isEqualTo(201);
    String fresh = GatewayNode.json(rotated).path("key").asText();
    String id = GatewayNode.json(rotated).path("id").asText();
    assertThat(rotated.headers().firstValue("Location")).contains(ACCOUNT + "/keys/" + id);
    assertThat(node.get("/a", "X-API-Key", fresh).statusCode()).isEqualTo(200);
    assertThat(GatewayNode.json(node.get(ACCOUNT, "X-API-Key", fresh)).at("/key/replaces").asText())
        .isEqualTo(key.key().id());
    await().atMost(PATIENCE).until(
        () -> call(key, "GET", "").headers().firstValue("Sunset").isPresent());

    assertThat(node.send("DELETE", ACCOUNT + "/keys/" + id, "", "X-API-Key", fresh).statusCode()).isEqualTo(204);
    await().atMost(PATIENCE).until(() -> node.get(ACCOUNT, "X-API-Key", fresh).statusCode() == 401);
    assertThat(call(key, "GET", "").statusCode()).isEqualTo(200);
  }

  @Test
  void what_a_key_makes_may_no_more_than_the_key() throws Exception {
    String user = node.user("maker");
    Instant end = Instant.parse("2999-01-01T00:00:00Z");
    IssuedKey maker =
        stores().issuer().issue(user, new KeyTerms(
            "", Set.of("account:keys", "GET /img", "POST"), List.of(Cidr.parse("127.0.0.0/8")), Optional.of(end)));

    Map<String, List<String>> tooMuch = new TreeMap<>(Map.of(
        "{\"scopes\":[]}", List.of("scopes"),
        "{\"scopes\":[\"GET\"]}", List.of("scopes"),
        "{\"scopes\":[\"* /img\"]}", List.of("scopes"),
        "{\"scopes\":[\"GET /img/\",\"images:write\"]}", List.of("scopes"),
        "{\"scopes\":[\"account:keys\"]}", List.of("scopes"),
        "{\"networks\":[]}", List.of("networks"),
        "{\"networks\":[\"126.0.0.0/7\"]}", List.of("networks"),
        "{\"networks\":[\"::/0\"]}", List.of("networks"),
        "{\"expires_at\":null}", List.of("expires_at"),
        "{\"scopes\":[\"*\"],\"expires_at\":\"2999-01-01T00:00:00.001Z\"}", List.of("scopes", "expires_at")));
    for (Map.Entry<String, List<String>> each : tooMuch.entrySet()) {
      HttpResponse<String> refused = call(maker, "POST", "/keys", each.getKey());
      assertThat(refused.statusCode()).as(each.getKey()).isEqualTo(400);
      assertThat(GatewayNode.json(refused).path("errors").findValuesAsText("field"))
          .as(each.getKey()).containsExactlyElementsOf(each.getValue());
    }
    JsonNode alike = GatewayNode.json(call(maker, "POST", "/keys"));
    assertThat(alike.path("scopes").toString()).isEqualTo("[\"GET /img\",\"POST\",\"account:keys\"]");
    assertThat(alike.path("networks").toString()).isEqualTo("[\"127.0.0.0/8\"]");
    assertThat(alike.path("expires_at").asText()).isEqualTo(end.toString());
    JsonNode less = GatewayNode.json(call(maker, "POST", "/keys",
        "{\"name\":\"less\",\"scopes\":[\"GET /img/a\",\"HEAD /img\",\"POST /x\"],\"networks\":[\"127.0.0.1\"],"
            + "\"expires_at\":\"2998-01-01T00:00:00Z\"}"));
    assertThat(less.path("name").asText()).isEqualTo("less");
    assertThat(node.get("/img/a/1", "X-API-Key", less.path("key").asText()).statusCode()).isEqualTo(200);
    assertThat(problem(node.get("/img/b", "X-API-Key", less.path("key").asText()))).isEqualTo("scope-missing");

    IssuedKey more = node.key(user);
    assertThat(problem(call(maker, "POST", "/keys/" + more.key().id() + "/rotate")))
        .as("whoever rotates it has its rights").isEqualTo("scope-missing");
    assertThat(call(maker, "POST", "/keys/" + less.path("id").asText() + "/rotate").statusCode()).isEqualTo(201);
    assertThat(call(maker, "DELETE", "/keys/" + more.key().id()).statusCode()).isEqualTo(204);
    await().atMost(PATIENCE).until(() -> node.get("/a", "X-API-Key", more.secret()).statusCode() == 401);
  }

  @Test
  void a_key_does_not_escape_its_own_limits_by_making_another() throws Exception {
    String user = node.user("escaping");
    IssuedKey limited = node.key(user, "account:keys");
    IssuedKey bounded = node.key(user, "account:keys");
    stores().limits().replaceLimits(
        Level.KEY, limited.key().lineage(), Optional.of(List.of(Limit.of(1000, Duration.ofSeconds(1)))));
    stores().quotas().replaceKeyQuotas(bounded.key().lineage(), List.of(new Quota(Meter.BYTES, Window.DAY, 1_000_000)));

    IssuedKey free = node.key(user, "account:keys");
    assertThat(problem(call(limited, "POST", "/keys/" + free.key().id() + "/rotate"))).isEqualTo("key-limited");
    assertThat(call(free, "POST", "/keys/" + limited.key().id() + "/rotate").statusCode()).isEqualTo(201);
    assertThat(problem(call(limited, "POST", "/keys", "{}"))).isEqualTo("key-limited");
    assertThat(problem(call(bounded, "POST", "/keys", "{}"))).isEqualTo("key-limited");
    assertThat(call(bounded, "POST", "/keys/" + bounded.key().id() + "/rotate").statusCode())
        .as("a successor shares them").isEqualTo(201);
  }

  @Test
  void keys_of_others_look_like_keys_that_are_not_there() throws Exception {
    IssuedKey mine = node.key(node.user("mine"), "account:keys");
    IssuedKey plain = node.key(node.user("mine, plain"));
    IssuedKey theirs = node.key(node.user("theirs"));
    String missing = "1".repeat(theirs.key().id().length());

    for (IssuedKey key : List.of(mine, plain)) {
      for (String[] each : new String[][] {{"GET", ""}, {"DELETE", ""}, {"POST", "/rotate"}}) {
        HttpResponse<String> foreign = call(key, each[0], "/keys/" + theirs.key().id() + each[1]);
        HttpResponse<String> nobodys = call(key, each[0], "/keys/" + missing + each[1]);
        assertThat(foreign.statusCode()).isEqualTo(nobodys.statusCode()).isIn(403, 404);
        assertThat(foreign.body()).isEqualTo(nobodys.body());
        assertThat(names(foreign)).isEqualTo(names(nobodys));
      }
    }
    assertThat(call(mine, "DELETE", "/keys/" + theirs.key().id()).statusCode()).isEqualTo(404);
    assertThat(call(theirs, "GET", "").statusCode()).isEqualTo(200);
  }

  @Test
  void a_key_with_scopes_needs_the_permission_or_a_scope_that_covers_the_path() throws Exception {
    String user = node.user("scoped");
    stores().plans().putPlan(new Plan(
        "scoped", "", Map.of(), Optional.empty(), Set.of("GET /img"), Map.of()));
    stores().plans().assign(user, Optional.of("scoped"));

    assertThat(call(node.key(user), "GET", "").statusCode())
        .as("the scopes of a plan are about the API behind").isEqualTo(200);
    assertThat(call(node.key(user, "images:read"), "GET", "").statusCode()).isEqualTo(200);
    assertThat(problem(call(node.key(user, "GET /img"), "GET", ""))).isEqualTo("scope-missing");
    assertThat(call(node.key(user, "GET /img", "account:read"), "GET", "/usage").statusCode()).isEqualTo(200);
    assertThat(call(node.key(user, "GET /img", "account:keys"), "GET", "/usage").statusCode()).isEqualTo(200);
    assertThat(call(node.key(user, "GET " + ACCOUNT), "GET", "/keys").statusCode()).isEqualTo(200);
    IssuedKey reading = node.key(user, "GET", "account:read");
    assertThat(problem(call(reading, "POST", "/keys/" + reading.key().id() + "/rotate"))).isEqualTo("scope-missing");
    IssuedKey rotating = node.key(user, "* " + ACCOUNT + "/keys");
    assertThat(call(rotating, "POST", "/keys/" + rotating.key().id() + "/rotate").statusCode()).isEqualTo(201);
  }

  @Test
  void a_change_is_made_once_as_it_is_expected_or_only_foreseen() throws Exception {
    String user = node.user("careful");
    IssuedKey key = node.key(user, "account:keys");
    String path = "/keys/" + key.key().id();
    String tag = call(key, "GET", path).headers().firstValue("ETag").orElseThrow();

    HttpResponse<String> foreseen = call(key, "POST", "/keys?dryRun=true", "{\"name\":\"a\"}");
    assertThat(foreseen.headers().firstValue("Content-Type")).contains("application/vnd.gatehouse.dry-run+json");
    assertThat(stores().keys().keysOf(user)).hasSize(1);

    HttpResponse<String> first = call(key, "POST", "/keys", "{\"name\":\"a\"}", "Idempotency-Key", "one");
    HttpResponse<String> again = call(key, "POST", "/keys", "{\"name\":\"a\"}", "Idempotency-Key", "one");
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.headers().firstValue("Idempotent-Replayed")).contains("true");
    assertThat(problem(call(key, "POST", "/keys", "{\"name\":\"b\"}", "Idempotency-Key", "one")))
        .isEqualTo("idempotency-key-reused");
    assertThat(call(node.key(user, "account:keys"), "POST", "/keys", "{\"name\":\"b\"}", "Idempotency-Key", "one")
        .statusCode()).as("the word of another key").isEqualTo(201);
    assertThat(stores().keys().keysOf(user)).hasSize(4);

    assertThat(call(key, "POST", path + "/rotate", "", "If-Match", "\"other\"").statusCode()).isEqualTo(412);
    assertThat(call(key, "POST", path + "/rotate", "", "If-Match", tag).statusCode()).isEqualTo(201);
    assertThat(call(key, "DELETE", path, "", "If-Match", tag).statusCode()).isEqualTo(412);
  }

  @Test
  void the_audit_log_names_the_key_and_never_the_secret() throws Exception {
    IssuedKey key = node.key(node.user("audited"), "account:keys");
    JsonNode made = GatewayNode.json(call(key, "POST", "/keys", "{\"name\":\"made\"}"));
    call(key, "POST", "/keys/" + made.path("id").asText() + "/rotate");
    call(key, "DELETE", "/keys/" + made.path("id").asText());

    HttpResponse<String> audit =
        at(
            node.server().adminUri().orElseThrow(),
            "/api/v1/audit?administrator=key:" + key.key().id(),
            "Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN);

    List<String> changes = new ArrayList<>();
    GatewayNode.json(audit).path("changes").forEach(
        row -> changes.add(row.path("operation").asText() + " " + row.path("object").asText().replace(
            made.path("id").asText(), "made").replaceAll("keys/[0-9A-Za-z]{9,}", "keys/other")));
    assertThat(changes).containsExactlyInAnyOrder(
        "deleteOwnKey keys/made", "rotateOwnKey keys/made", "rotateOwnKey keys/other", "addOwnKey keys/made");
    assertThat(audit.body()).contains("127.0.0.1").doesNotContain(made.path("key").asText());
  }

  @Test
  void a_gateway_without_imgproxy_signs_nothing() throws Exception {
    IssuedKey key = node.key(node.user("signing"));
    stores().signing().issue(key.key().id());

    assertThat(problem(call(key, "POST", "/signed-urls", "{\"source\":\"local:///a.jpg\"}"))).isEqualTo("images-off");
  }

  private static HttpResponse<String> call(IssuedKey key, String method, String path) throws Exception {
    return call(key, method, path, "");
  }

  private static HttpResponse<String> call(
      IssuedKey key, String method, String path, String body, String... more) throws Exception {
    List<String> fields = new ArrayList<>(List.of(more));
    fields.addAll(List.of("X-API-Key", key.secret()));
    if (!body.isEmpty()) {
      fields.addAll(List.of("Content-Type", "application/json"));
    }
    return node.send(method, ACCOUNT + path, body, fields.toArray(String[]::new));
  }

  private static HttpResponse<String> at(URI root, String path, String... fields) throws Exception {
    return HttpClient.newHttpClient().send(
        HttpRequest.newBuilder(URI.create(root + path)).headers(fields).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void proxied(IssuedKey key) throws Exception {
    assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
  }

  private static Stores stores() {
    return node.gatehouse().stores();
  }

  private static String problem(HttpResponse<String> answer) throws Exception {
    return GatewayNode.json(answer).path("type").asText().replace("urn:gatehouse:problem:", "");
  }

  private static JsonNode row(JsonNode rows, String meter, String window) {
    for (JsonNode row : rows) {
      if (row.path("meter").asText().equals(meter) && row.path("window").asText().equals(window)) {
        return row;
      }
    }
    throw new AssertionError("no row of " + meter + " and " + window + " in " + rows);
  }

  /** How much of its period is over. */
  private static double share(JsonNode row) {
    Instant begin = Instant.parse(row.path("period_start").asText());
    Instant end = Instant.parse(row.path("resets_at").asText());
    return (double) Duration.between(begin, Instant.now()).toMillis() / Duration.between(begin, end).toMillis();
  }

  private static Set<String> names(HttpResponse<String> answer) {
    return answer.headers().map().keySet();
  }
}
