package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreconditionsTest {

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
  void a_change_bound_to_what_was_read_fails_when_that_is_no_longer_there() throws Exception {
    String user = "/users/" + admin.user("bound");
    String key = "/keys/" + admin.send("POST", "/keys", "{\"user\":\"" + user.substring(7) + "\"}").text("id");
    Map<String, List<String>> changes =
        Map.of(
            user, List.of("PATCH", "{\"name\":\"bound-1\"}", "{\"name\":\"bound-2\"}"),
            key, List.of("PATCH", "{\"name\":\"a\"}", "{\"name\":\"b\"}"),
            user + "/whitelist", List.of("PUT", "{\"networks\":[\"10.0.0.0/8\"]}", "{\"networks\":[]}"),
            key + "/limits", List.of("PUT", "{\"limits\":[]}", "{\"limits\":[{\"permits\":1,\"period\":\"1s\"}]}"),
            "/tenants/bound/limits",
                List.of("PUT", "{\"limits\":[]}", "{\"limits\":[{\"permits\":1,\"period\":\"1s\"}]}"),
            user + "/limits", List.of("PUT", "{\"limits\":[]}", "{\"limits\":[{\"permits\":1,\"period\":\"1s\"}]}"),
            user + "/quotas",
                List.of(
                    "PUT", "{\"quotas\":[]}",
                    "{\"quotas\":[{\"meter\":\"bytes\",\"window\":\"day\",\"most\":1}]}"));
    for (Map.Entry<String, List<String>> change : changes.entrySet()) {
      String path = change.getKey();
      String method = change.getValue().get(0);
      String read = admin.get(path).header("ETag");
      assertThat(read).matches("\"[0-9a-f]{32}\"");

      Reply first = admin.send(method, path, change.getValue().get(1), "If-Match", "\"other\", " + read);
      Reply second = admin.send(method, path, change.getValue().get(2), "If-Match", read);

      assertThat(first.status()).as(path).isEqualTo(200);
      assertThat(first.header("ETag")).isEqualTo(admin.get(path).header("ETag")).isNotEqualTo(read);
      assertThat(second.status()).as(path).isEqualTo(412);
      assertThat(second.problem()).isEqualTo("precondition-failed");
      assertThat(admin.get(path).json()).isEqualTo(first.json());
      assertThat(admin.send(method, path, change.getValue().get(2), "If-Match", "*").status()).isEqualTo(200);
    }

    assertThat(admin.delete(key, "If-Match", "\"old\"").status()).isEqualTo(412);
    assertThat(admin.delete(user, "If-Match", "W/" + admin.get(user).header("ETag")).status()).isEqualTo(412);
    assertThat(admin.delete(user, "If-Match", admin.get(user).header("ETag")).status()).isEqualTo(204);
  }

  @Test
  void what_a_reader_has_already_is_not_sent_again() throws Exception {
    String path = "/users/" + admin.user("reader");
    String tag = admin.get(path).header("ETag");

    Reply again = admin.send("GET", path, BodyPublishers.noBody(), "If-None-Match", "W/" + tag);
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.header("ETag")).isEqualTo(tag);
    Reply other = admin.send("GET", path, BodyPublishers.noBody(), "If-None-Match", "\"other\"");
    assertThat(other.status()).isEqualTo(200);
  }

  @Test
  void of_many_changes_bound_to_the_same_state_one_is_made() throws Exception {
    String path = "/users/" + admin.user("contended");
    String tag = admin.get(path).header("ETag");
    List<Callable<Integer>> changes = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      String body = "{\"name\":\"contended-" + i + "\"}";
      changes.add(() -> admin.send("PATCH", path, body, "If-Match", tag).status());
    }

    ExecutorService threads = Executors.newFixedThreadPool(changes.size());
    List<Integer> statuses = new ArrayList<>();
    try {
      for (Future<Integer> status : threads.invokeAll(changes)) {
        statuses.add(status.get());
      }
    } finally {
      threads.shutdown();
    }

    assertThat(statuses).containsOnly(200, 412).containsOnlyOnce(200);
  }
}
