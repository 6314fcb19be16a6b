package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every change is told: who, what, before and after. */
class AuditTest {

  private RunningAdmin admin;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    admin = RunningAdmin.start(directory);
  }

  @AfterEach
  void stop() throws Exception {
    admin.close();
  }

  private JsonNode changes(String query) throws Exception {
    return admin.get("/audit" + query).json().path("changes");
  }

  @Test
  void a_life_is_told_from_its_end_to_its_beginning() throws Exception {
    String user = admin.user("alice");
    admin.send("PATCH", "/users/" + user, "{\"enabled\":false}");
    admin.send("PUT", "/users/" + user + "/limits", "{\"limits\":[{\"permits\":5,\"period\":\"1s\"}]}");
    admin.delete("/users/" + user + "/limits");
    Reply key = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}");
    Reply successor = admin.send("POST", "/keys/" + key.text("id") + "/rotate", "{\"grace\":\"0s\"}");
    admin.send("POST", "/users/" + user + "/quotas/reset", "{\"all\":true}");
    admin.send("PUT", "/backends", "{\"url\":\"http://127.0.0.1:11\",\"weight\":3}");
    admin.send("PUT", "/backends", "{\"url\":\"http://127.0.0.1:11\",\"weight\":4}");
    admin.delete("/backends?url=http://127.0.0.1:11");
    admin.delete("/users/" + user);

    JsonNode all = changes("");
    assertThat(all.findValuesAsText("operation"))
        .containsExactly(
            "deleteUser", "deleteBackend", "putBackend", "putBackend", "beginAnew", "rotateKey", "rotateKey", "addKey",
            "resetUserLimits", "replaceUserLimits", "changeUser", "addUser");
    JsonNode born = all.get(11);
    assertThat(born.path("administrator").asText()).isEqualTo("configuration");
    assertThat(born.path("address").asText()).isEqualTo("127.0.0.1");
    assertThat(born.path("object").asText()).isEqualTo("users/" + user);
    assertThat(born.path("before").isNull()).isTrue();
    assertThat(born.path("after").path("name").asText()).isEqualTo("alice");
    assertThat(all.get(10).path("before").path("enabled").asBoolean()).isTrue();
    assertThat(all.get(10).path("after").path("enabled").asBoolean()).isFalse();
    assertThat(all.get(9).path("after").path("limits").get(0).path("permits").asInt()).isEqualTo(5);
    assertThat(all.get(8).path("before").path("own").asBoolean()).isTrue();
    assertThat(all.get(8).path("after").path("own").asBoolean()).isFalse();
    List<String> rotated = List.of(all.get(5).path("object").asText(), all.get(6).path("object").asText());
    assertThat(rotated).containsExactlyInAnyOrder("keys/" + key.text("id"), "keys/" + successor.text("id"));
    assertThat(all.get(3).path("before").isNull()).isTrue();
    assertThat(all.get(2).path("before").path("weight").asInt()).isEqualTo(3);
    assertThat(all.get(1).path("after").isNull()).isTrue();
    assertThat(all.get(0).path("after").isNull()).isTrue();
    assertThat(all.toString()).doesNotContain(key.text("key"), successor.text("key"));
  }

  @Test
  void what_was_refused_or_only_asked_is_not_told() throws Exception {
    String user = admin.user("alice");
    admin.send("POST", "/users", "{\"name\":\"ALICE\"}");
    admin.send("PATCH", "/users/" + user, "{\"enabled\":1}");
    admin.send("PATCH", "/users/" + user, "{\"enabled\":false}", "If-Match", "\"other\"");
    admin.send("POST", "/explain", "{}");
    admin.delete("/users/nobody");
    Reply beat =
        admin.exchange(
            "PUT", "/api/v1/backends", BodyPublishers.ofString("{\"url\":\"http://127.0.0.1:11\",\"ttl\":\"30s\"}"),
            "Authorization", "Bearer " + RunningAdmin.REGISTRATION_TOKEN, "Content-Type", "application/json");

    assertThat(beat.status()).isEqualTo(201);
    assertThat(changes("").findValuesAsText("operation")).containsExactly("addUser");
  }

  @Test
  void changes_are_found_by_who_and_what_and_page_by_page() throws Exception {
    Reply operator = admin.send("POST", "/administrators", "{\"name\":\"olga\",\"role\":\"operator\"}");
    String user = admin.user("alice");
    String other = admin.user("bob");
    for (int i = 0; i < 3; i++) {
      admin.exchange(
          "PUT", "/api/v1/users/" + user + "/whitelist", BodyPublishers.ofString("{\"networks\":[\"10.0.0." + i + "\"]}"),
          "Authorization", "Bearer " + operator.text("token"), "Content-Type", "application/json");
    }

    JsonNode hers = changes("?administrator=" + operator.text("id"));
    assertThat(hers).hasSize(3);
    assertThat(hers.findValuesAsText("name")).containsOnly("olga");
    assertThat(changes("?object=users/" + user)).hasSize(4);
    assertThat(changes("?object=users/" + other)).hasSize(1);
    assertThat(changes("?object=users")).hasSize(5);
    assertThat(changes("?operation=addUser")).hasSize(2);
    assertThat(changes("?from=2999-01-01T00:00:00Z&to=2999-01-02T00:00:00Z")).isEmpty();
    List<String> ids = new ArrayList<>();
    String next = "/audit?object=users&limit=2";
    while (!next.isEmpty()) {
      Reply page = admin.get(next);
      ids.addAll(idsOf(page.json().path("changes")));
      next = page.header("Link").replaceAll("^</api/v1(.*)>; rel=\"next\"$", "$1");
    }
    assertThat(ids).doesNotHaveDuplicates().isEqualTo(idsOf(changes("?object=users")));
    assertThat(admin.get("/audit?administrator=%2F&operation=*&object=/x&after=1&limit=0&from=x").faulty())
        .containsExactlyInAnyOrder("administrator", "operation", "object", "after", "limit", "from");
  }

  private static List<String> idsOf(JsonNode rows) {
    List<String> ids = new ArrayList<>();
    rows.forEach(row -> ids.add(row.path("id").asText()));
    return ids;
  }

  @Test
  void a_dry_run_tells_what_would_be_and_changes_nothing() throws Exception {
    String user = admin.user("alice");
    String state = admin.get("/users/" + user).json().toString();

    Reply added = admin.send("POST", "/users?dryRun=true", "{\"name\":\"carol\"}");
    Reply changed = admin.send("PATCH", "/users/" + user + "?dryRun=true", "{\"name\":\"dave\"}");
    Reply deleted = admin.delete("/users/" + user + "?dryRun=true");
    Reply key = admin.send("POST", "/keys?dryRun=true", "{\"user\":\"" + user + "\"}");
    Reply backend = admin.send("PUT", "/backends?dryRun=true", "{\"url\":\"http://127.0.0.1:11\"}");
    Reply counts = admin.send("POST", "/users/" + user + "/quotas/reset?dryRun=true", "{\"all\":true}");

    assertThat(added.status()).isEqualTo(200);
    assertThat(added.header("Content-Type")).isEqualTo("application/vnd.gatehouse.dry-run+json");
    assertThat(added.json().path("status").asInt()).isEqualTo(201);
    assertThat(added.json().path("changes").get(0).path("after").path("name").asText()).isEqualTo("carol");
    assertThat(changed.json().path("changes").get(0).path("before").path("name").asText()).isEqualTo("alice");
    assertThat(changed.json().path("changes").get(0).path("after").path("name").asText()).isEqualTo("dave");
    assertThat(deleted.json().path("status").asInt()).isEqualTo(204);
    assertThat(deleted.json().path("changes").get(0).path("after").isNull()).isTrue();
    assertThat(key.json().toString()).contains("gk_live_").doesNotContainPattern("gk_live_[0-9A-Za-z]{5}");
    assertThat(backend.json().path("changes").get(0).path("object").asText()).isEqualTo("backends/http://127.0.0.1:11");
    assertThat(counts.status()).isEqualTo(200);
    assertThat(admin.get("/users/" + user).json().toString()).isEqualTo(state);
    assertThat(admin.get("/users").json().path("users")).hasSize(1);
    assertThat(admin.get("/keys?user=" + user).json().path("keys")).isEmpty();
    assertThat(admin.get("/backends").json().path("backends")).hasSize(1);
    assertThat(changes("")).hasSize(1);
  }

  @Test
  void a_dry_run_refuses_what_the_change_would_refuse() throws Exception {
    String user = admin.user("alice");

    assertThat(admin.send("POST", "/users?dryRun=true", "{\"name\":\"Alice\"}").problem()).isEqualTo("name-taken");
    assertThat(admin.send("PATCH", "/users/" + user + "?dryRun=true", "{\"name\":\"\"}").faulty()).containsExactly("name");
    assertThat(admin.delete("/users/" + user + "?dryRun=true", "If-Match", "\"other\"").status()).isEqualTo(412);
    assertThat(admin.delete("/users/" + user + "?dryRun=perhaps").faulty()).containsExactly("dryRun");
    assertThat(admin.get("/users/" + user).status()).isEqualTo(200);
  }
}
