package io.gatehouse.jetty.admin;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.core.settings.BackendAddress;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendsTest {

  private static final String ADDED = "http://127.0.0.1:10";

  @TempDir Path directory;
  private RunningAdmin admin;

  @BeforeEach
  void start() throws Exception {
    admin = RunningAdmin.start(directory);
  }

  @AfterEach
  void stop() throws Exception {
    admin.close();
  }

  @Test
  void a_backend_is_added_changed_drained_and_taken_away() throws Exception {
    Reply added = admin.send("PUT", "/backends", "{\"url\":\"HTTP://127.0.0.1:10/\",\"weight\":50}");
    assertThat(added.status()).isEqualTo(201);
    assertThat(added.text("url")).isEqualTo(ADDED);
    assertThat(added.text("state")).isEqualTo("enabled");
    assertThat(added.text("health_check_interval")).isEqualTo("30s");
    assertThat(added.text("origin")).isEqualTo("store");
    assertThat(added.json().get("in_file").booleanValue()).isFalse();
    await().atMost(ofSeconds(1)).until(() -> pooled(ADDED).isPresent());

    Reply drained = admin.send("PUT", "/backends", "{\"url\":\"" + ADDED + "\",\"state\":\"draining\"}");
    assertThat(drained.status()).isEqualTo(200);
    assertThat(drained.json().get("weight").intValue()).isEqualTo(50);
    await().atMost(ofSeconds(1)).until(() -> pooled(ADDED).get().state() == Upstream.State.DRAINING);

    assertThat(admin.delete("/backends?url=http%3A%2F%2F127.0.0.1%3A10").status()).isEqualTo(204);
    assertThat(admin.delete("/backends?url=" + ADDED).status()).isEqualTo(404);
    await().atMost(ofSeconds(1)).until(() -> pooled(ADDED).isEmpty());
  }

  @Test
  void the_list_shows_where_a_backend_comes_from_and_how_it_is() throws Exception {
    await()
        .atMost(ofSeconds(10))
        .until(() -> row(RunningAdmin.CONFIGURED).get("health").asText().equals("unhealthy"));

    JsonNode row = row(RunningAdmin.CONFIGURED);

    assertThat(row.get("origin").asText()).isEqualTo("file");
    assertThat(row.get("in_file").booleanValue()).isTrue();
    assertThat(row.get("weight").intValue()).isEqualTo(7);
    assertThat(row.get("in_flight").intValue()).isZero();
    assertThat(row.get("last_error").asText()).isNotEmpty();
    assertThat(row.get("since").asText()).matches("\\d{4}-.*Z");
  }

  @Test
  void what_is_kept_over_a_backend_of_the_file_can_be_taken_back_but_not_the_backend() throws Exception {
    Reply put = admin.send("PUT", "/backends", "{\"url\":\"" + RunningAdmin.CONFIGURED + "\",\"weight\":9}");
    assertThat(put.status()).isEqualTo(200);
    assertThat(put.text("origin")).isEqualTo("store");
    assertThat(put.json().get("in_file").booleanValue()).isTrue();
    await().atMost(ofSeconds(1)).until(() -> pooled(RunningAdmin.CONFIGURED).get().weight() == 9);

    assertThat(admin.delete("/backends?url=" + RunningAdmin.CONFIGURED).status()).isEqualTo(204);
    assertThat(row(RunningAdmin.CONFIGURED).get("weight").intValue()).isEqualTo(7);
    await().atMost(ofSeconds(1)).until(() -> pooled(RunningAdmin.CONFIGURED).get().weight() == 7);

    Reply refused = admin.delete("/backends?url=" + RunningAdmin.CONFIGURED);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.problem()).isEqualTo("backend-configured");
  }

  @Test
  void all_that_is_wrong_with_a_backend_is_said_and_no_password_with_it() throws Exception {
    Reply refused =
        admin.send(
            "PUT",
            "/backends",
            "{\"url\":\"http://me:secret@127.0.0.1\",\"weight\":120,\"state\":\"gone\","
                + "\"health_check_interval\":\"1ms\",\"wieght\":1}");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.problem()).isEqualTo("invalid-input");
    assertThat(refused.json().get("errors").findValuesAsText("detail"))
        .containsExactly(
            "unknown (did you mean weight?)",
            "\"http://***@127.0.0.1\" (expected: " + BackendAddress.EXPECTED + ")",
            "120 (expected: 1 to 100)",
            "\"gone\" (expected: one of enabled, draining)",
            "\"1ms\" (expected: a duration from 2s to 1d)");
    assertThat(refused.faulty()).containsExactly("wieght", "url", "weight", "state", "health_check_interval");
    assertThat(refused.json().toString()).doesNotContain("secret");
    assertThat(admin.delete("/backends").faulty()).containsExactly("url");
  }

  @Test
  void a_put_can_be_bound_to_whether_the_backend_is_there() throws Exception {
    String added = "{\"url\":\"" + ADDED + "\"}";

    assertThat(admin.send("PUT", "/backends", added, "If-Match", "*").status()).isEqualTo(412);
    assertThat(admin.send("PUT", "/backends", added, "If-None-Match", "*").status()).isEqualTo(201);
    assertThat(admin.send("PUT", "/backends", added, "If-None-Match", "*").status()).isEqualTo(412);
    assertThat(admin.send("PUT", "/backends", added, "If-Match", "*").status()).isEqualTo(200);
    assertThat(admin.delete("/backends?url=" + ADDED, "If-Match", "\"x\"").status()).isEqualTo(412);
  }

  private JsonNode row(String url) throws Exception {
    for (JsonNode row : admin.get("/backends").json().get("backends")) {
      if (row.get("url").asText().equals(url)) {
        return row;
      }
    }
    throw new AssertionError("no row for " + url);
  }

  private Optional<Upstream> pooled(String url) {
    return admin.gatehouse().pool().standings().stream()
        .map(standing -> standing.upstream())
        .filter(upstream -> upstream.uri().equals(URI.create(url)))
        .findFirst();
  }
}
