package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTest {

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
  void a_user_lives_from_its_making_to_its_deletion() throws Exception {
    Reply made = admin.send("POST", "/users", "{\"name\":\"Größe 😀\"}");
    assertThat(made.status()).isEqualTo(201);
    assertThat(made.header("Content-Type")).isEqualTo("application/json");
    assertThat(made.header("Cache-Control")).isEqualTo("no-store");
    assertThat(made.header("Location")).isEqualTo("/api/v1/users/" + made.text("id"));
    assertThat(made.json().get("enabled").booleanValue()).isTrue();

    String path = "/users/" + made.text("id");
    assertThat(admin.get(path).json()).isEqualTo(made.json());

    Reply changed = admin.send("PATCH", path, "{\"name\":\"big\",\"enabled\":false}");
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.text("name")).isEqualTo("big");
    assertThat(changed.json().get("enabled").booleanValue()).isFalse();
    assertThat(changed.text("created_at")).isEqualTo(made.text("created_at"));
    assertThat(admin.send("PATCH", path, "{\"enabled\":true}").text("name")).isEqualTo("big");

    Reply deleted = admin.delete(path);
    assertThat(deleted.status()).isEqualTo(204);
    assertThat(deleted.json().isMissingNode()).isTrue();
    assertThat(admin.get(path).problem()).isEqualTo("not-found");
    assertThat(admin.delete(path).status()).isEqualTo(404);
    assertThat(admin.send("PATCH", path, "{}").status()).isEqualTo(404);
  }

  @Test
  void a_name_belongs_to_one_user_whatever_its_case() throws Exception {
    String alice = admin.user("alice");
    String bob = admin.user("bob");

    Reply again = admin.send("POST", "/users", "{\"name\":\"ALICE\"}");
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.problem()).isEqualTo("name-taken");
    assertThat(admin.send("PATCH", "/users/" + bob, "{\"name\":\"Alice\"}").problem()).isEqualTo("name-taken");
    assertThat(admin.send("PATCH", "/users/" + alice, "{\"name\":\"Alice\"}").status()).isEqualTo(200);

    Reply found = admin.get("/users?name=aLiCe");
    assertThat(found.json().get("users").findValuesAsText("id")).containsExactly(alice);
    assertThat(found.json().get("next").isNull()).isTrue();
    assertThat(admin.get("/users?name=nobody").json().get("users")).isEmpty();
  }

  @Test
  void pages_follow_each_other_and_show_every_user_once() throws Exception {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      made.add(admin.user("page-" + i));
    }

    List<String> seen = new ArrayList<>();
    String target = "/users?limit=2";
    while (!target.isEmpty()) {
      Reply page = admin.get(target);
      assertThat(page.json().get("users").size()).isBetween(1, 2);
      seen.addAll(page.json().get("users").findValuesAsText("id"));
      String link = page.header("Link");
      String next = page.json().get("next").asText();
      target = link.isEmpty() ? "" : link.replaceAll("^</api/v1(.*)>; rel=\"next\"$", "$1");
      assertThat(link.isEmpty()).isEqualTo(page.json().get("next").isNull());
      assertThat(link.isEmpty() || target.equals("/users?after=" + next + "&limit=2")).isTrue();
    }

    assertThat(seen).doesNotHaveDuplicates().isSorted().containsAll(made);
  }
}
