package io.gatehouse.jetty.admin;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysTest {

  @TempDir static Path directory;
  private static RunningAdmin admin;

  @BeforeAll
  static void start() throws Exception {
    admin = RunningAdmin.start(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
  }

  @Test
  void a_key_tells_its_secret_once() throws Exception {
    String user = admin.user("teller");

    Reply made =
        admin.send(
            "POST",
            "/keys",
            "{\"user\":\"" + user + "\",\"name\":\"ci\",\"scopes\":[\"* /b/\",\"GET\",\"GET\"],"
                + "\"expires_at\":\"2999-01-01t02:00:00.123456+02:00\"}");

    assertThat(made.status()).isEqualTo(201);
    assertThat(made.header("Cache-Control")).isEqualTo("no-store");
    assertThat(made.header("Location")).isEqualTo("/api/v1/keys/" + made.text("id"));
    assertThat(made.text("key")).matches("gk_live_[0-9A-Za-z]{48}").startsWith(made.text("start"));
    assertThat(made.text("expires_at")).isEqualTo("2999-01-01T00:00:00.123Z");
    assertThat(made.json().get("scopes").toString()).isEqualTo("[\"* /b/\",\"GET\"]");

    Reply shown = admin.get("/keys/" + made.text("id"));
    assertThat(shown.json().has("key")).isFalse();
    assertThat(shown.header("ETag")).isEqualTo(made.header("ETag")).isNotEmpty();
    Reply listed = admin.get("/keys?user=" + user);
    assertThat(listed.json().get("keys")).hasSize(1);
    assertThat(listed.json().get("keys").get(0)).isEqualTo(inLists(shown));
    assertThat(listed.json().toString() + shown.json()).doesNotContain(made.text("key").substring(13));
  }

  @Test
  void a_key_is_accepted_at_once_and_refused_within_a_second_of_every_way_to_end_it() throws Exception {
    String user = admin.user("caller");
    Reply made = admin.send("POST", "/keys", "{\"user\":\"" + user + "\",\"scopes\":[\"GET /img/\"]}");
    String key = made.text("key");
    String path = "/keys/" + made.text("id");
    assertThat(admin.admits(key, "/img/a.jpg")).isTrue();
    assertThat(admin.admits(key, "/other")).isFalse();

    assertThat(admin.send("PATCH", path, "{\"enabled\":false}").status()).isEqualTo(200);
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> !admin.admits(key, "/img/a.jpg"));
    assertThat(admin.send("PATCH", path, "{\"enabled\":true,\"scopes\":[]}").status()).isEqualTo(200);
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> admin.admits(key, "/other"));

    admin.send("PATCH", "/users/" + user, "{\"enabled\":false}");
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> !admin.admits(key, "/other"));
    admin.send("PATCH", "/users/" + user, "{\"enabled\":true}");
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> admin.admits(key, "/other"));

    assertThat(admin.delete(path).status()).isEqualTo(204);
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> !admin.admits(key, "/other"));
    assertThat(admin.get(path).status()).isEqualTo(404);
    assertThat(admin.delete(path).status()).isEqualTo(404);
  }

  @Test
  void what_a_patch_leaves_out_stays_and_null_takes_the_end_away() throws Exception {
    String user = admin.user("patcher");
    String path =
        "/keys/"
            + admin
                .send(
                    "POST",
                    "/keys",
                    "{\"user\":\"" + user + "\",\"name\":\"a\",\"scopes\":[\"GET\"],"
                        + "\"expires_at\":\"2999-01-01T00:00:00Z\"}")
                .text("id");

    Reply renamed =
        admin.send("PATCH", path, BodyPublishers.ofString("{\"name\":\"b\"}"),
            "Content-Type", "application/merge-patch+json; charset=utf-8");
    assertThat(renamed.text("name")).isEqualTo("b");
    assertThat(renamed.text("expires_at")).isEqualTo("2999-01-01T00:00:00Z");
    assertThat(renamed.json().get("scopes")).hasSize(1);

    Reply endless = admin.send("PATCH", path, "{\"expires_at\":null}");
    assertThat(endless.json().get("expires_at").isNull()).isTrue();
    assertThat(endless.text("name")).isEqualTo("b");
    assertThat(admin.get(path).json()).isEqualTo(endless.json());
  }

  @Test
  void a_rotated_key_and_its_successor_share_the_time_of_grace() throws Exception {
    String user = admin.user("rotator");
    Reply old = admin.send("POST", "/keys", "{\"user\":\"" + user + "\",\"name\":\"n\",\"scopes\":[\"GET\"]}");
    String path = "/keys/" + old.text("id");

    Reply fresh = admin.send("POST", path + "/rotate", BodyPublishers.noBody());

    assertThat(fresh.status()).isEqualTo(201);
    assertThat(fresh.header("Location")).isEqualTo("/api/v1/keys/" + fresh.text("id"));
    assertThat(fresh.text("replaces")).isEqualTo(old.text("id"));
    assertThat(fresh.text("name")).isEqualTo("n");
    assertThat(admin.admits(old.text("key"), "/")).isTrue();
    assertThat(admin.admits(fresh.text("key"), "/")).isTrue();
    Duration grace = Duration.between(Instant.now(), Instant.parse(admin.get(path).text("expires_at")));
    assertThat(grace).isBetween(Duration.ofHours(23), Duration.ofHours(24));

    Reply last = admin.send("POST", "/keys/" + fresh.text("id") + "/rotate", "{\"grace\":\"0s\"}");
    assertThat(last.status()).isEqualTo(201);
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> !admin.admits(fresh.text("key"), "/"));
    Reply tooLate = admin.send("POST", "/keys/" + fresh.text("id") + "/rotate", "{\"grace\":\"PT1H\"}");
    assertThat(tooLate.status()).isEqualTo(409);
    assertThat(tooLate.problem()).isEqualTo("key-not-usable");
    assertThat(admin.send("POST", "/keys/nothing/rotate", "{}").status()).isEqualTo(404);
  }

  @Test
  void a_key_is_kept_to_its_networks_and_those_of_its_user() throws Exception {
    String user = admin.user("office");
    Reply made = admin.send(
        "POST", "/keys", "{\"user\":\"" + user + "\",\"networks\":[\"192.0.2.0/24\",\"192.0.2.9/24\"]}");
    String path = "/keys/" + made.text("id");
    assertThat(made.json().get("networks").toString()).isEqualTo("[\"192.0.2.0/24\"]");
    assertThat(admin.admits(made.text("key"), "/")).as("comes from 192.0.2.1").isTrue();

    Reply moved = admin.send("PATCH", path, "{\"networks\":[\"198.51.100.0/24\"]}");
    assertThat(moved.json().get("networks").toString()).isEqualTo("[\"198.51.100.0/24\"]");
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> !admin.admits(made.text("key"), "/"));
    assertThat(admin.send("PATCH", path, "{\"name\":\"x\"}").json().get("networks")).hasSize(1);

    admin.send("PATCH", path, "{\"networks\":[]}");
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> admin.admits(made.text("key"), "/"));
    Reply denied = admin.send("PUT", "/users/" + user + "/denylist", "{\"networks\":[\"192.0.2.1\"]}");
    assertThat(denied.json().toString()).isEqualTo("{\"networks\":[\"192.0.2.1/32\"]}");
    assertThat(admin.get("/users/" + user + "/whitelist").json().get("networks")).isEmpty();
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> !admin.admits(made.text("key"), "/"));
    assertThat(admin.send("PATCH", path, "{\"networks\":[\"here\"]}").faulty()).containsExactly("networks[0]");
  }

  @Test
  void a_reported_key_is_suspended_and_nobody_learns_whether_it_was_known() throws Exception {
    String user = admin.user("leaker");
    Reply made = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}");
    String path = "/keys/" + made.text("id");

    Reply known = admin.send("POST", "/keys/report", "{\"key\":\"" + made.text("key") + "\"}");
    Reply unknown = admin.send("POST", "/keys/report", "{\"key\":\"gk_live_nothing\"}");

    assertThat(known.status()).isEqualTo(unknown.status()).isEqualTo(202);
    assertThat(known.json()).isEqualTo(unknown.json());
    assertThat(known.headers().map().keySet()).isEqualTo(unknown.headers().map().keySet());
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> !admin.admits(made.text("key"), "/"));
    Reply shown = admin.get(path);
    assertThat(shown.json().get("enabled").booleanValue()).isFalse();
    assertThat(shown.text("suspension")).isEqualTo("leaked");
    assertThat(admin.send("POST", path + "/rotate", "{}").problem()).isEqualTo("key-not-usable");
    assertThat(admin.send("PATCH", path, "{\"name\":\"x\"}").text("suspension")).isEqualTo("leaked");

    JsonNode entries = admin.get("/audit?operation=reportKey").json().get("changes");
    assertThat(entries).as("of the known key only").hasSize(1);
    assertThat(entries.get(0).get("object").textValue()).isEqualTo("keys/" + made.text("id"));
    assertThat(entries.toString()).contains("leaked").doesNotContain(made.text("key").substring(13));

    Reply enabled = admin.send("PATCH", path, "{\"enabled\":true}");
    assertThat(enabled.json().get("suspension").isNull()).isTrue();
    assertThat(admin.send("POST", "/keys/report", "{}").faulty()).containsExactly("key");
    assertThat(admin.send("POST", "/keys/report", "{\"key\":7}").faulty()).containsExactly("key");
    assertThat(admin.get("/keys/report").status()).isEqualTo(405);
  }

  @Test
  void a_key_of_somebody_elses_making_is_added_by_its_hash() throws Exception {
    String user = admin.user("importer");
    String bcrypt = "$2b$10$" + "a".repeat(53);

    Reply sha = admin.send("POST", "/keys",
        "{\"user\":\"" + user + "\",\"name\":\"old\",\"hash\":\"" + "AB".repeat(32) + "\"}");
    Reply slow = admin.send("POST", "/keys",
        "{\"user\":\"" + user + "\",\"start\":\"imported1\",\"hash\":\"" + bcrypt + "\"}");

    assertThat(sha.status()).isEqualTo(201);
    assertThat(sha.json().has("key")).isFalse();
    assertThat(sha.text("name")).isEqualTo("old");
    assertThat(sha.header("Location")).isEqualTo("/api/v1/keys/" + sha.text("id"));
    assertThat(slow.text("start")).isEqualTo("imported1");
    assertThat(admin.get("/keys?user=" + user).json().get("keys")).hasSize(2);
    for (String faulty : List.of(
        "\"hash\":\"" + "ab".repeat(32) + "\"",
        "\"hash\":\"" + bcrypt + "\"",
        "\"hash\":\"" + bcrypt + "\",\"start\":\"imported1\"",
        "\"hash\":\"abc\"",
        "\"hash\":7",
        "\"start\":\"imported2\"")) {
      Reply refused = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"," + faulty + "}");
      assertThat(refused.status()).as(faulty).isEqualTo(400);
      assertThat(refused.json().toString()).doesNotContain("abab", "aaaa");
    }
    assertThat(admin.get("/keys?user=" + user).json().get("keys")).hasSize(2);
  }

  @Test
  void the_last_use_of_a_key_is_told_and_is_no_change_of_it() throws Exception {
    String user = admin.user("user");
    Reply made = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}");
    String path = "/keys/" + made.text("id");
    assertThat(admin.get(path).json().get("last_used_at").isNull()).isTrue();

    Instant before = Instant.now().truncatedTo(ChronoUnit.MINUTES);
    admin.calls(made.text("key"), "/");

    await().atMost(ofSeconds(20)).until(() -> !admin.get(path).json().get("last_used_at").isNull());
    Reply used = admin.get(path);
    assertThat(Instant.parse(used.text("last_used_at"))).isBetween(before, Instant.now());
    assertThat(used.header("ETag")).isEqualTo(made.header("ETag"));
    assertThat(admin.get("/keys?user=" + user).json().get("keys").get(0)).isEqualTo(inLists(used));
  }

  /** Quotas are told of a single key only. */
  private static JsonNode inLists(Reply key) {
    return ((ObjectNode) key.json().deepCopy()).without("quotas");
  }

  @Test
  void a_key_needs_a_user_who_is_there() throws Exception {
    Reply refused = admin.send("POST", "/keys", "{\"user\":\"01NOBODY\",\"name\":7}");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.faulty()).containsExactly("name", "user");
    assertThat(admin.get("/keys?user=01NOBODY").status()).isEqualTo(404);
    assertThat(admin.get("/keys").faulty()).containsExactly("user");
  }

  @Test
  void the_keys_of_a_deleted_user_are_gone() throws Exception {
    String user = admin.user("leaver");
    Reply made = admin.send("POST", "/keys", "{\"user\":\"" + user + "\"}");

    admin.delete("/users/" + user);

    assertThat(admin.get("/keys/" + made.text("id")).status()).isEqualTo(404);
    await().pollInterval(ofMillis(20)).atMost(ofSeconds(1)).until(() -> !admin.admits(made.text("key"), "/"));
  }
}
