package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.admin.AuditRecord;
import io.gatehouse.admin.GivenAnswer;
import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same request with the same key is made once and answered alike. */
class RepeatsTest {

  private static RunningAdmin admin;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    admin = RunningAdmin.start(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
  }

  @Test
  void a_repeated_request_gets_the_first_answer_with_its_secret() throws Exception {
    String user = admin.user("repeats");
    String body = "{\"user\":\"" + user + "\",\"name\":\"a\"}";

    Reply first = admin.send("POST", "/keys", body, "Idempotency-Key", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"");
    // Written in another way, it is the same document; and the quotes of the field may be left out.
    Reply again =
        admin.send(
            "POST", "/keys", body.replace(":", " : "), "Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324");

    assertThat(first.status()).isEqualTo(201);
    assertThat(first.header("Idempotent-Replayed")).isEmpty();
    assertThat(again.status()).isEqualTo(201);
    assertThat(again.json()).isEqualTo(first.json());
    assertThat(again.header("Location")).isEqualTo(first.header("Location"));
    assertThat(again.header("ETag")).isEqualTo(first.header("ETag"));
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    assertThat(admin.admits(again.text("key"), "/x")).isTrue();
    assertThat(admin.get("/keys?user=" + user).json().path("keys")).hasSize(1);
  }

  @Test
  void another_request_with_the_key_is_refused() throws Exception {
    admin.send("POST", "/users", "{\"name\":\"one\"}", "Idempotency-Key", "k1");

    Reply other = admin.send("POST", "/users", "{\"name\":\"two\"}", "Idempotency-Key", "k1");
    Reply elsewhere = admin.send("POST", "/keys", "{\"name\":\"one\"}", "Idempotency-Key", "k1");

    assertThat(other.status()).isEqualTo(422);
    assertThat(other.problem()).isEqualTo("idempotency-key-reused");
    assertThat(elsewhere.status()).isEqualTo(422);
    assertThat(admin.get("/users?name=two").json().path("users")).isEmpty();
  }

  @Test
  void what_was_refused_is_judged_anew() throws Exception {
    String body = "{\"name\":\"taken\"}";
    String user = admin.user("taken");
    assertThat(admin.send("POST", "/users", body, "Idempotency-Key", "k2").status()).isEqualTo(409);

    admin.delete("/users/" + user);

    assertThat(admin.send("POST", "/users", body, "Idempotency-Key", "k2").status()).isEqualTo(201);
  }

  @Test
  void keys_of_two_administrators_are_two() throws Exception {
    String token = admin.send("POST", "/administrators", "{\"name\":\"o\",\"role\":\"owner\"}").text("token");
    Reply first = admin.send("POST", "/users", "{\"name\":\"mine\"}", "Idempotency-Key", "k3");

    Reply other =
        admin.exchange(
            "POST",
            "/api/v1/users",
            BodyPublishers.ofString("{\"name\":\"theirs\"}"),
            "Authorization", "Bearer " + token, "Content-Type", "application/json", "Idempotency-Key", "k3");

    assertThat(first.status()).isEqualTo(201);
    assertThat(other.status()).isEqualTo(201);
  }

  @Test
  void of_many_at_once_one_is_made() throws Exception {
    List<Callable<Reply>> calls = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      calls.add(() -> admin.send("POST", "/users", "{\"name\":\"crowd\"}", "Idempotency-Key", "k4"));
    }
    ExecutorService threads = Executors.newFixedThreadPool(calls.size());
    try {
      List<String> ids = new ArrayList<>();
      for (Future<Reply> reply : threads.invokeAll(calls)) {
        if (reply.get().status() == 201) {
          ids.add(reply.get().text("id"));
        } else {
          assertThat(reply.get().status()).isEqualTo(409);
          assertThat(reply.get().problem()).isEqualTo("request-in-progress");
        }
      }
      assertThat(ids).isNotEmpty();
      assertThat(ids.stream().distinct()).hasSize(1);
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void a_bad_key_is_refused() throws Exception {
    assertThat(admin.send("POST", "/users", "{\"name\":\"x\"}", "Idempotency-Key", "a\\b").faulty())
        .containsExactly("Idempotency-Key");
    assertThat(admin.send("POST", "/users", "{\"name\":\"x\"}", "Idempotency-Key", "a".repeat(256)).faulty())
        .containsExactly("Idempotency-Key");
  }

  @Test
  void neither_key_nor_answer_can_be_read_in_the_store() throws Exception {
    Reply token =
        admin.send("POST", "/administrators", "{\"name\":\"n\",\"role\":\"viewer\"}", "Idempotency-Key", "plain-word");

    String digest = admin.gatehouse().stores().seal().digest(AuditRecord.CONFIGURATION + "\nplain-word");
    GivenAnswer kept =
        admin.gatehouse().stores().answers().find(AuditRecord.CONFIGURATION, digest, Instant.EPOCH).orElseThrow();

    assertThat(kept.toString()).doesNotContain("plain-word", token.text("token"), token.text("id"));
  }
}
