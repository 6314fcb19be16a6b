package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import io.gatehouse.jetty.api.Operation;
import io.gatehouse.jetty.api.Trail;
import io.gatehouse.jetty.fixture.EventStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description of administration for machines: it is the one that is documented, and what it says is true. */
class OpenApiTest {

  private static final Path DOCS = Path.of("..", "docs");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode document = OpenApi.document();
  private final SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /** To write the files anew: {@code -Dgatehouse.openapi=write}. */
  @Test
  void the_documentation_has_the_generated_files() throws Exception {
    Map<Path, String> files =
        Map.of(
            DOCS.resolve("openapi.json"), text(document),
            DOCS.resolve("postman.json"), text(PostmanCollection.of(document)));
    for (Map.Entry<Path, String> file : files.entrySet()) {
      if ("write".equals(System.getProperty("gatehouse.openapi"))) {
        Files.writeString(file.getKey(), file.getValue());
      }

      assertThat(Files.readString(file.getKey())).isEqualTo(file.getValue());
    }
  }

  private static String text(JsonNode json) throws Exception {
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines);
    return JSON.writer(printer).writeValueAsString(json) + "\n";
  }

  @Test
  void every_name_is_there_and_every_schema_is_used() {
    Set<String> used = new LinkedHashSet<>();
    document.findValuesAsText("$ref").forEach(ref -> used.add(ref.replace("#/components/schemas/", "")));
    List<String> names = new ArrayList<>();
    document.path("components").path("schemas").fieldNames().forEachRemaining(names::add);
    List<String> ids = document.path("paths").findValuesAsText("operationId");

    assertThat(used).containsExactlyInAnyOrderElementsOf(names);
    assertThat(ids).doesNotHaveDuplicates().hasSize(OpenApi.operations().size());
  }

  @Test
  void every_operation_takes_and_answers_what_is_said(@TempDir Path directory) throws Exception {
    Map<String, String> all =
        Map.of(
            "GATEHOUSE_REQUEST_LOG_ENABLED", "true", "GATEHOUSE_IMAGES_KEY", "ab", "GATEHOUSE_IMAGES_SALT", "cd",
            "GATEHOUSE_IMAGES_SOURCES", "local:///");
    try (RunningAdmin admin = RunningAdmin.start(directory, all)) {
      Set<String> walked = new LinkedHashSet<>();
      Walk walk = new Walk(admin, walked);

      walk.call("describe", "/openapi.json");
      String user = walk.call("addUser", "/users", "{\"name\":\"walker\",\"tenant\":\"acme\"}").text("id");
      walk.call("listUsers", "/users?name_prefix=w&tenant=acme&enabled=true&order=newest&limit=1");
      walk.call("showMyself", "/me");
      walk.call("showUser", "/users/" + user);
      walk.call("changeUser", "/users/" + user, "{\"name\":\"walker\",\"enabled\":true,\"tenant\":\"acme\"}");
      walk.call("replaceNetworks", "/users/" + user + "/whitelist", "{\"networks\":[\"127.0.0.0/8\"]}");
      walk.call("showNetworks", "/users/" + user + "/whitelist");
      walk.call("replaceDenied", "/users/" + user + "/denylist", "{\"networks\":[\"203.0.113.0/24\"]}");
      walk.call("showDenied", "/users/" + user + "/denylist");
      Reply made =
          walk.call(
              "addKey", "/keys",
              "{\"user\":\"" + user + "\",\"name\":\"k\",\"scopes\":[\"GET\"],\"expires_at\":\"2999-01-01T00:00:00Z\"}");
      String key = made.text("id");
      walk.call("listKeys", "/keys?user=" + user + "&enabled=true&expires_before=2999-01-02T00:00:00Z&limit=1");
      walk.call("showKey", "/keys/" + key);
      walk.call("changeKey", "/keys/" + key, "{\"name\":\"l\",\"enabled\":true,\"scopes\":[],\"expires_at\":null}");
      String secret = walk.call("addSigningSecret", "/keys/" + key + "/signing-secrets").text("id");
      walk.call("listSigningSecrets", "/keys/" + key + "/signing-secrets");
      walk.call(
          "signUrl", "/keys/" + key + "/signed-urls",
          "{\"source\":\"local:///a.jpg\",\"options\":\"rs:fit:300:200\",\"expires_in\":\"1h\"}");
      walk.call("deleteSigningSecret", "/keys/" + key + "/signing-secrets/" + secret);
      String limits =
          "{\"limits\":[{\"permits\":5,\"period\":\"1m\",\"burst\":6},{\"permits\":2,\"algorithm\":\"concurrency\"},"
              + "{\"permits\":1,\"period\":\"1m\",\"shadow\":true}]}";
      for (String[] level :
          new String[][] {{"User", "/users/" + user}, {"Key", "/keys/" + key}, {"Tenant", "/tenants/acme"}}) {
        walk.call("replace" + level[0] + "Limits", level[1] + "/limits", limits);
        walk.call("show" + level[0] + "Limits", level[1] + "/limits");
      }
      walk.call(
          "replaceQuotas", "/users/" + user + "/quotas",
          "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":2},{\"meter\":\"bytes\",\"window\":\"month\","
              + "\"most\":5,\"beyond\":\"overage\",\"cap\":null},{\"meter\":\"pixels\",\"window\":\"day\",\"most\":5,"
              + "\"shadow\":true},{\"meter\":\"stored-bytes\",\"window\":\"lifetime\",\"most\":5}]}");
      walk.call("showQuotas", "/users/" + user + "/quotas");
      walk.call(
          "replaceKeyQuotas", "/keys/" + key + "/quotas",
          "{\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":5},{\"meter\":\"bytes\",\"window\":\"month\","
              + "\"most\":5,\"beyond\":\"soft\"}]}");
      walk.call("showKeyQuotas", "/keys/" + key + "/quotas");
      walk.call("showKeyUsage", "/keys/" + key + "/usage");
      walk.call("showKey", "/keys/" + key);
      walk.call(
          "putPlan", "/plans/pro",
          "{\"name\":\"pro\",\"title\":\"Pro\",\"limits\":{\"user\":[{\"permits\":5,\"period\":\"1m\"}],\"key\":null},"
              + "\"quotas\":[{\"meter\":\"requests\",\"window\":\"day\",\"most\":2}],\"scopes\":[\"GET\"],"
              + "\"options\":{\"max_pixels\":\"50\"}}");
      walk.call("putPlan", "/plans/pro", "{\"limits\":null,\"quotas\":null}");
      walk.call("listPlans", "/plans");
      walk.call("showPlan", "/plans/pro");
      walk.call("changeUserPlan", "/users/" + user + "/plan", "{\"plan\":\"pro\"}");
      walk.call(
          "changeUserPlan", "/users/" + user + "/plan", "{\"plan\":null,\"at\":\"2999-01-01T00:00:00Z\"}");
      walk.call("showUserPlan", "/users/" + user + "/plan");
      walk.call("listUsers", "/users?plan=pro");
      walk.call("showUser", "/users/" + user);
      walk.call("leavePlan", "/users/" + user + "/plan?scheduled=true");
      walk.call("leavePlan", "/users/" + user + "/plan");
      walk.call("deletePlan", "/plans/pro");
      walk.call("replaceCalendar", "/users/" + user + "/calendar", "{\"time_zone\":\"Europe/Berlin\",\"billing_day\":31}");
      walk.call("showCalendar", "/users/" + user + "/calendar");
      String asked = ",\"method\":\"GET\",\"target\":\"/x\",\"address\":\"127.0.0.1\"}";
      for (int i = 0; i < 3; i++) {
        walk.call("validate", "/validate", "{\"key\":\"" + made.text("key") + "\",\"spend\":true" + asked);
      }
      walk.call("validate", "/validate", "{}");
      walk.call("explain", "/explain", "{\"key\":\"" + made.text("key") + "\"" + asked);
      walk.call("explain", "/explain", "{\"key\":\"nonsense\"}");
      walk.call("explainById", "/explain?key_id=" + key + "&target=/x&method=GET&address=192.0.2.1");
      walk.call("showStandings", "/usage/" + key + "/limits");
      walk.call("showUsage", "/users/" + user + "/usage");
      walk.call("showHistory", "/users/" + user + "/usage/history?by=minute&group=endpoint");
      walk.call("showViolations", "/users/" + user + "/violations");
      String block =
          walk.call(
              "addBlock", "/blocks?force=false",
              "{\"kind\":\"network\",\"value\":\"203.0.113.7\",\"reason\":\"why\",\"enforcement\":\"shadow\","
                  + "\"expires_at\":\"2999-01-01T00:00:00Z\"}")
              .text("id");
      walk.call("addBlock", "/blocks", "{\"kind\":\"user\",\"value\":\"" + user + "\",\"enforcement\":\"shadow\"}");
      walk.call("listBlocks", "/blocks?kind=user&source=administrator&enforcement=shadow&limit=1");
      walk.call("showBlock", "/blocks/" + block);
      walk.call(
          "changeBlock", "/blocks/" + block, "{\"reason\":\"\",\"enforcement\":\"enforced\",\"expires_at\":null}");
      walk.call("deleteBlock", "/blocks/" + block);
      walk.call("listRequests", "/requests?status=4xx&limit=5");
      walk.call("beginAnew", "/users/" + user + "/quotas/reset", "{\"meter\":\"requests\",\"window\":\"day\"}");
      walk.call("beginKeyAnew", "/keys/" + key + "/quotas/reset", "{\"all\":true}");
      walk.call("liftKeyQuotas", "/keys/" + key + "/quotas");
      walk.call("resetUserLimits", "/users/" + user + "/limits");
      walk.call("resetKeyLimits", "/keys/" + key + "/limits");
      walk.call("resetTenantLimits", "/tenants/acme/limits");
      walk.call("resetQuotas", "/users/" + user + "/quotas");
      walk.call("resetCalendar", "/users/" + user + "/calendar");
      walk.call("rotateKey", "/keys/" + key + "/rotate", "{\"grace\":\"1h\"}");
      walk.call(
          "putBackend", "/backends",
          "{\"url\":\"http://127.0.0.1:11\",\"weight\":2,\"state\":\"draining\",\"health_check_interval\":\"1d\"}");
      walk.call("putBackend", "/backends", "{\"url\":\"http://127.0.0.1:12\",\"ttl\":\"30s\"}");
      walk.call("listBackends", "/backends");
      walk.look("watch", "/live");
      walk.call("listRoutes", "/routes");
      walk.call("showCache", "/cache");
      walk.call("forgetAnswers", "/cache?route=images&prefix=/a&tag=red");
      walk.call("deleteBackend", "/backends?url=http://127.0.0.1:11");
      String administrator =
          walk.call("addAdministrator", "/administrators", "{\"name\":\"a\",\"role\":\"tenant\",\"tenant\":\"acme\"}")
              .text("id");
      walk.call("listAdministrators", "/administrators");
      walk.call("showAdministrator", "/administrators/" + administrator);
      walk.call("rotateToken", "/administrators/" + administrator + "/rotate");
      walk.call("revokeAdministrator", "/administrators/" + administrator);
      walk.call("showSettings", "/settings");
      walk.call("reload", "/reload");
      walk.call(
          "addKey", "/keys",
          "{\"user\":\"" + user + "\",\"networks\":[\"192.0.2.0/24\"],\"start\":\"walker-1\",\"hash\":\"" + "ab".repeat(32) + "\"}");
      walk.call("reportKey", "/keys/report", "{\"key\":\"" + made.text("key") + "\"}");
      Reply holder = admin.send("POST", "/keys", "{\"user\":\"" + user + "\",\"scopes\":[\"account:keys\"]}");
      walk.holder = holder.text("key");
      walk.call("showAccount", "/account");
      walk.call("showOwnUsage", "/account/usage");
      walk.call("showOwnHistory", "/account/history?by=hour&group=endpoint");
      walk.call("showOwnLimits", "/account/limits?method=GET&target=/x");
      String own =
          walk.call(
              "addOwnKey", "/account/keys", "{\"name\":\"o\",\"scopes\":[\"account:keys\"],\"networks\":[],\"expires_at\":null}")
              .text("id");
      walk.call("listOwnKeys", "/account/keys?limit=1");
      walk.call("showOwnKey", "/account/keys/" + own);
      walk.call("rotateOwnKey", "/account/keys/" + own + "/rotate", "{\"grace\":\"1h\"}");
      walk.call("deleteOwnKey", "/account/keys/" + own);
      admin.send("POST", "/keys/" + holder.text("id") + "/signing-secrets", BodyPublishers.noBody());
      walk.call(
          "signOwnUrl", "/account/signed-urls",
          "{\"source\":\"local:///a.jpg\",\"options\":\"rs:fit:300:200\",\"expires_in\":\"1h\"}");
      walk.call("deleteKey", "/keys/" + key);
      walk.call("deleteUser", "/users/" + user);
      walk.call("listChanges", "/audit?limit=200");

      // What streams content is served by the whole server only; UploadTest holds it against its schemas.
      assertThat(walked)
          .containsExactlyInAnyOrderElementsOf(
              OpenApi.operations().stream()
                  .filter(operation -> !operation.path().startsWith("upload"))
                  .map(Operation::id)
                  .toList());
    }
  }

  /** Calls operations, and holds what is sent and answered against the document. */
  private final class Walk {

    private final RunningAdmin admin;
    private final Set<String> walked;

    /** The key with which operations of keys are called. */
    private String holder = "";

    Walk(RunningAdmin admin, Set<String> walked) {
      this.admin = admin;
      this.walked = walked;
    }

    Reply call(String id, String path, String... body) throws Exception {
      Operation operation =
          OpenApi.operations().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
      JsonNode said = document.path("paths").path("/api/v1/" + operation.path())
          .path(operation.method().toLowerCase(Locale.ROOT));
      assertThat(said.path("operationId").asText()).isEqualTo(id);
      if (body.length > 0) {
        hold(said.path("requestBody"), "application/json", JSON.readTree(body[0]), id + " takes");
      }
      if (operation.effect() == Operation.Effect.CHANGES) {
        Reply foreseen = send(operation, path + (path.contains("?") ? "&" : "?") + "dryRun=true", body);
        assertThat(foreseen.status()).as(id).isEqualTo(200);
        String status = operation.answers().containsKey(200) ? "200" : "2XX";
        hold(said.path("responses").path(status), Trail.DRY_RUN, foreseen.json(), id + " foresees");
      }

      Reply reply = send(operation, path, body);

      assertThat(operation.answers()).as(id + ": " + reply.json()).containsKey(reply.status());
      JsonNode answer = said.path("responses").path(Integer.toString(reply.status()));
      if (!operation.answers().get(reply.status()).isEmpty()) {
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        hold(answer, "application/json", reply.json(), id + " answers");
      }
      Reply wrong = send(operation, path + (path.contains("?") ? "&" : "?") + "nonsense=1", body);
      assertThat(wrong.status()).as(id).isIn(400, 404);
      hold(said.path("responses").path("default"), "application/problem+json", wrong.json(), id + " refuses");
      walked.add(id);
      return reply;
    }

    /** Looks on until each event that is described was told, while a request is refused. */
    void look(String id, String path) throws Exception {
      JsonNode said = document.path("paths").path("/api/v1" + path).path("get");
      assertThat(said.path("operationId").asText()).isEqualTo(id);
      JsonNode content = said.path("responses").path("200").path("content");
      JsonNode events = document.at(content.at("/text~1event-stream/schema/$ref").asText().substring(1)).path("x-events");
      Set<String> told = new LinkedHashSet<>();
      try (EventStream stream = admin.watch(path)) {
        assertThat(stream.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        while (told.size() < events.size()) {
          assertThat(admin.admits("nobody's", "/x")).isFalse();
          EventStream.Event event = stream.next();
          hold(events.path(event.name()), event.data(), id + " tells " + event.name());
          told.add(event.name());
        }
      }
      Reply wrong = admin.get(path + "?nonsense=1");
      assertThat(wrong.status()).isEqualTo(400);
      hold(said.path("responses").path("default"), "application/problem+json", wrong.json(), id + " refuses");
      walked.add(id);
    }

    private Reply send(Operation operation, String path, String... body) throws Exception {
      if (operation.permission().isPresent()) {
        return body.length > 0
            ? admin.asHolder(
                holder, operation.method(), path, BodyPublishers.ofString(body[0]), "Content-Type", "application/json")
            : admin.asHolder(holder, operation.method(), path, BodyPublishers.noBody());
      }
      return body.length > 0
          ? admin.send(operation.method(), path, body[0])
          : admin.send(operation.method(), path, BodyPublishers.noBody());
    }

    private void hold(JsonNode said, String type, JsonNode value, String what) {
      JsonNode reference = said.path("content").path(type).path("schema");
      assertThat(reference.isMissingNode()).as(what + " " + type).isFalse();
      hold(reference, value, what);
    }

    private void hold(JsonNode reference, JsonNode value, String what) {
      ObjectNode schema = reference.deepCopy();
      schema.set("$defs", document.path("components").path("schemas"));
      String inItself = schema.toString().replace("#/components/schemas/", "#/$defs/");
      List<Error> errors = schemas.getSchema(inItself).validate(value);
      assertThat(errors).as("%s %s", what, value).isEmpty();
    }
  }
}
