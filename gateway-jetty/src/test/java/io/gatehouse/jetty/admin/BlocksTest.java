package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.Enforcement;
import io.gatehouse.access.Block;
import io.gatehouse.core.fixture.CountryFile;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlocksTest {

  @TempDir static Path directory;
  private static RunningAdmin admin;
  private static String user;
  private static String key;

  @BeforeAll
  static void start() throws Exception {
    Path countries = Files.write(directory.resolve("countries.mmdb"), CountryFile.of(Map.of("192.0.2.0/24", "DE")));
    admin = RunningAdmin.start(directory, Map.of("GATEHOUSE_ABUSE_COUNTRIES_FILE", countries.toString()));
    user = admin.user("blocked");
    key = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}").text("id");
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
  }

  @Test
  void a_block_is_made_shown_changed_and_lifted() throws Exception {
    Reply made = add(
        """
        {"kind":"network","value":"::ffff:198.51.100.9","reason":"scraping — again","expires_at":"2999-01-01T00:00:00.5Z"}""");

    assertThat(made.status()).isEqualTo(201);
    String path = made.header("Location").substring("/api/v1".length());
    assertThat(path).isEqualTo("/blocks/" + made.text("id"));
    assertThat(made.json().toString()).isEqualTo(
        "{\"id\":\"" + made.text("id") + "\",\"kind\":\"network\",\"value\":\"198.51.100.9/32\","
            + "\"reason\":\"scraping — again\",\"enforcement\":\"enforced\",\"source\":\"administrator\",\"created_at\":\""
            + made.text("created_at") + "\",\"expires_at\":\"2999-01-01T00:00:00.500Z\",\"strikes\":0}");
    assertThat(admin.get(path).json()).isEqualTo(made.json());
    assertThat(admin.get(path).header("ETag")).isEqualTo(made.header("ETag"));

    Reply changed = admin.send("PATCH", path, "{\"enforcement\":\"shadow\",\"expires_at\":null}");
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.text("reason")).isEqualTo("scraping — again");
    assertThat(changed.text("enforcement")).isEqualTo("shadow");
    assertThat(changed.json().path("expires_at").isNull()).isTrue();

    Reply stale = admin.exchange(
        "DELETE", "/api/v1" + path, BodyPublishers.noBody(),
        "Authorization", "Bearer " + RunningAdmin.TOKEN, "If-Match", made.header("ETag"));
    assertThat(stale.status()).isEqualTo(412);
    assertThat(admin.delete(path).status()).isEqualTo(204);
    assertThat(admin.delete(path).status()).isEqualTo(404);
    assertThat(admin.get(path).status()).isEqualTo(404);
    List<String> operations = new ArrayList<>();
    admin.get("/audit?object=" + path.substring(1)).json().path("changes")
        .forEach(change -> operations.add(change.path("operation").asText()));
    assertThat(operations).containsExactly("deleteBlock", "changeBlock", "addBlock");
  }

  @Test
  void what_is_wrong_is_said_field_by_field() throws Exception {
    assertThat(add("{}").faulty()).containsExactly("kind");
    assertThat(add("{\"kind\":\"network\"}").faulty()).containsExactly("value");
    assertThat(add("{\"kind\":\"planet\",\"value\":\"x\",\"enforcement\":\"maybe\",\"reason\":1,\"strikes\":3}").faulty())
        .containsExactlyInAnyOrder("kind", "enforcement", "reason", "strikes");
    for (String wrong : List.of(
        "{\"kind\":\"network\",\"value\":\"300.1.1.1\"}", "{\"kind\":\"network\",\"value\":\"example.com\"}",
        "{\"kind\":\"country\",\"value\":\"de\"}", "{\"kind\":\"country\",\"value\":\"DEU\"}",
        "{\"kind\":\"key\",\"value\":\"nobody\"}", "{\"kind\":\"user\",\"value\":\"nobody\"}",
        "{\"kind\":\"user\",\"value\":\"" + key + "\"}")) {
      assertThat(add(wrong).faulty()).as(wrong).containsExactly("value");
    }
    assertThat(add("{\"kind\":\"key\",\"value\":\"" + key + "\",\"expires_at\":\"2020-01-01T00:00:00Z\"}").faulty())
        .containsExactly("expires_at");
    assertThat(add("{\"kind\":\"key\",\"value\":\"" + key + "\",\"reason\":\"" + "x".repeat(501) + "\"}").faulty())
        .containsExactly("reason");
    assertThat(admin.get("/blocks?kind=planet&source=me&enforcement=no&limit=0").faulty())
        .containsExactlyInAnyOrder("kind", "source", "enforcement", "limit");
  }

  @Test
  void one_value_is_blocked_once_by_administrators_and_again_when_that_has_ended() throws Exception {
    Reply first = add("{\"kind\":\"network\",\"value\":\"198.51.100.20\"}");
    Reply second = add("{\"kind\":\"network\",\"value\":\"198.51.100.20/32\"}");

    assertThat(second.status()).isEqualTo(409);
    assertThat(second.problem()).isEqualTo("block-exists");
    assertThat(second.text("detail")).contains(first.text("id"));

    Block block = admin.gatehouse().stores().blocks().block(first.text("id")).orElseThrow();
    admin.gatehouse().stores().blocks().updateBlock(block.withExpiresAt(Optional.of(Instant.now().minusSeconds(1))));
    assertThat(admin.get("/blocks/" + first.text("id")).status()).isEqualTo(404);
    assertThat(admin.send("PATCH", "/blocks/" + first.text("id"), "{}").status()).isEqualTo(404);
    assertThat(add("{\"kind\":\"network\",\"value\":\"198.51.100.20\"}").status()).isEqualTo(201);
  }

  @Test
  void nobody_locks_themselves_out_unless_they_want_to() throws Exception {
    for (String own : List.of("127.0.0.1", "127.0.0.0/8", "0.0.0.0/0", "::ffff:127.0.0.1")) {
      Reply refused = add("{\"kind\":\"network\",\"value\":\"" + own + "\"}");
      assertThat(refused.status()).as(own).isEqualTo(400);
      assertThat(refused.faulty()).containsExactly("value");
      assertThat(refused.json().at("/errors/0/detail").asText())
          .contains("covers your own address, 127.0.0.1").contains("force=true");
    }
    Reply shadow = add("{\"kind\":\"network\",\"value\":\"127.0.0.1\",\"enforcement\":\"shadow\"}");
    assertThat(shadow.status()).isEqualTo(201);
    String path = "/blocks/" + shadow.text("id");
    assertThat(admin.send("PATCH", path, "{\"enforcement\":\"enforced\"}").faulty()).containsExactly("value");
    assertThat(admin.send("PATCH", path + "?force=true", "{\"enforcement\":\"enforced\"}").status()).isEqualTo(200);
    assertThat(admin.send("PATCH", path, "{\"reason\":\"x\"}").status()).isEqualTo(200);
    assertThat(admin.delete(path).status()).isEqualTo(204);
    Reply forced = admin.send("POST", "/blocks?force=true&dryRun=true", "{\"kind\":\"network\",\"value\":\"127.0.0.1\"}");
    assertThat(forced.status()).isEqualTo(200);
    assertThat(forced.json().at("/changes/0/after/value").asText()).isEqualTo("127.0.0.1/32");
    assertThat(admin.get("/blocks?kind=network").json().toString()).doesNotContain("127.0.0.1/32");

    Reply abroad = from("192.0.2.9", "{\"kind\":\"country\",\"value\":\"DE\"}");
    assertThat(abroad.faulty()).containsExactly("value");
    assertThat(abroad.json().at("/errors/0/detail").asText()).contains("192.0.2.9");
  }

  private static Reply from(String address, String json) throws Exception {
    return admin.exchange(
        "POST", "/api/v1/blocks", BodyPublishers.ofString(json), "Authorization", "Bearer " + RunningAdmin.TOKEN,
        "Content-Type", "application/json", "X-Forwarded-For", address);
  }

  @Test
  void the_list_goes_page_by_page_and_shows_what_is_asked_for() throws Exception {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.add(
          add("{\"kind\":\"network\",\"value\":\"2001:db8:9::" + i + "\",\"enforcement\":\"" + (i < 2 ? "shadow" : "enforced")
              + "\"}").text("id"));
    }
    Block automatic =
        new Block(
            "01M9AUTOMATIC", Block.Kind.KEY, key, "why", Enforcement.ENFORCED, Block.Source.AUTOMATIC, Instant.now(),
            Optional.of(Instant.now().plusSeconds(600)), 3);
    admin.gatehouse().stores().blocks().addBlock(automatic);

    assertThat(walk("kind=network&source=administrator&limit=2")).containsAll(made);
    assertThat(walk("kind=network&enforcement=shadow&limit=1")).contains(made.get(0), made.get(1))
        .doesNotContain(made.get(2));
    JsonNode own = admin.get("/blocks?source=automatic").json().path("blocks");
    assertThat(own).hasSize(1);
    assertThat(own.get(0).path("strikes").asInt()).isEqualTo(3);
    assertThat(own.get(0).path("source").asText()).isEqualTo("automatic");
    assertThat(admin.send("PATCH", "/blocks/01M9AUTOMATIC", "{\"expires_at\":null}").text("strikes")).isEqualTo("3");
    assertThat(admin.delete("/blocks/01M9AUTOMATIC").status()).isEqualTo(204);
  }

  private static List<String> walk(String query) throws Exception {
    List<String> seen = new ArrayList<>();
    Reply page = admin.get("/blocks?" + query);
    while (true) {
      page.json().path("blocks").forEach(block -> seen.add(block.path("id").asText()));
      if (page.json().path("next").isNull()) {
        assertThat(seen).doesNotHaveDuplicates();
        return seen;
      }
      String link = page.header("Link");
      page = admin.get(link.substring("</api/v1".length(), link.indexOf('>')));
    }
  }

  @Test
  void an_explanation_shows_the_block_even_in_the_shadow() throws Exception {
    String id = add("{\"kind\":\"user\",\"value\":\"" + user + "\",\"enforcement\":\"shadow\"}").text("id");
    awaitKnown(id, "kind=user");
    JsonNode gate = gate(admin.get("/explain?key_id=" + key).json(), "caller-blocks");
    assertThat(gate.path("verdict").asText()).isEqualTo("pass");
    assertThat(gate.path("rule").asText()).isEqualTo("block-user-shadow");
    assertThat(gate.path("detail").asText()).isEqualTo("in the shadow: user " + user + ", block " + id);

    admin.send("PATCH", "/blocks/" + id, "{\"enforcement\":\"enforced\"}");

    await().until(
        () -> admin.get("/explain?key_id=" + key).text("code").equals("key-disabled"));
    assertThat(gate(admin.get("/explain?key_id=" + key).json(), "caller-blocks").path("verdict").asText())
        .isEqualTo("refuse");
    admin.delete("/blocks/" + id);
    await().until(() -> admin.get("/explain?key_id=" + key).text("code").equals("ok"));
  }

  private static void awaitKnown(String id, String query) throws Exception {
    await().until(
        () -> gate(admin.get("/explain?key_id=" + key).json(), "caller-blocks").path("detail").asText().contains(id));
    assertThat(admin.get("/blocks?" + query).json().toString()).contains(id);
  }

  private static JsonNode gate(JsonNode explanation, String name) {
    for (JsonNode gate : explanation.path("gates")) {
      if (gate.path("gate").asText().equals(name)) {
        return gate;
      }
    }
    throw new AssertionError("no gate " + name + " in " + explanation);
  }

  private static Reply add(String json) throws Exception {
    return admin.send("POST", "/blocks", json);
  }
}
