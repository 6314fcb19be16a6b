package io.gatehouse.jetty.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.jetty.admin.RunningAdmin.Reply;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadInputTest {

  private static final String JSON = "application/json";

  @TempDir static Path directory;
  private static RunningAdmin admin;
  private static String user;

  @BeforeAll
  static void start() throws Exception {
    admin = RunningAdmin.start(directory);
    user = admin.user("somebody");
  }

  @AfterAll
  static void stop() throws Exception {
    admin.close();
  }

  @Test
  void a_missing_and_a_wrong_token_are_answered_alike() throws Exception {
    Reply missing = admin.exchange("GET", "/api/v1/users", BodyPublishers.noBody());
    Reply wrong =
        admin.exchange("GET", "/api/v1/users", BodyPublishers.noBody(), "Authorization", "Bearer wrong");
    Reply nowhere = admin.exchange("PUT", "/api/v1/nowhere", BodyPublishers.ofString("{"));

    assertThat(missing.status()).isEqualTo(401);
    assertThat(missing.problem()).isEqualTo("admin-token-invalid");
    assertThat(missing.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"gatehouse admin\"");
    assertThat(missing.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(wrong.json()).isEqualTo(missing.json()).isEqualTo(nowhere.json());
    assertThat(wrong.header("WWW-Authenticate")).isEqualTo(missing.header("WWW-Authenticate"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/", "/nothing", "/users/", "//users", "/users/x/y", "/users//whitelist", "/keys/x/rotate/", "/Users",
        "/%75sers"
      })
  void an_unknown_path_is_not_found(String path) throws Exception {
    Reply reply = admin.get(path);

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.problem()).isEqualTo("not-found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PUT | /users | GET, HEAD, POST",
        "POST | /users/x | DELETE, GET, HEAD, PATCH",
        "GET | /keys/x/rotate | POST",
        "POST | /users/x/usage | GET, HEAD",
        "OPTIONS | /backends | DELETE, GET, HEAD, PUT",
        "SEARCH | /users/x/limits | DELETE, GET, HEAD, PUT",
      })
  void a_path_without_the_method_names_those_it_has(String method, String path, String allow)
      throws Exception {
    Reply reply = admin.send(method, path, BodyPublishers.noBody());

    assertThat(reply.status()).isEqualTo(405);
    assertThat(reply.problem()).isEqualTo("method-not-allowed");
    assertThat(reply.header("Allow")).isEqualTo(allow);
  }

  @Test
  void head_is_answered_as_get_is_without_the_body() throws Exception {
    Reply get = admin.get("/users/" + user);
    Reply head = admin.send("HEAD", "/users/" + user, BodyPublishers.noBody());

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Length")).isEqualTo(get.header("Content-Length"));
    assertThat(head.header("ETag")).isEqualTo(get.header("ETag"));
    assertThat(head.json().isMissingNode()).isTrue();
    assertThat(admin.send("HEAD", "/users/x", BodyPublishers.noBody()).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "POST | /users | {} | name | missing",
        "POST | /users | [] | | a list (expected: an object)",
        "POST | /users | null | | null (expected: an object)",
        "POST | /users | {\"name\":null} | name | null (expected: 1 to 100 characters, no control characters)",
        "POST | /users | {\"name\":\"a\\u0000\"} | name"
            + " | \"a?\" (expected: 1 to 100 characters, no control characters)",
        "POST | /users | {\"name\":\"\\ud800\"} | name"
            + " | \"?\" (expected: 1 to 100 characters, no control characters)",
        "POST | /users | {\"name\":\"x\",\"enabeld\":1} | enabeld | unknown (expected: name, tenant)",
        "PATCH | /users/USER | {\"enabeld\":true} | enabeld | unknown (did you mean enabled?)",
        "PATCH | /users/USER | {\"enabled\":\"yes\"} | enabled | \"yes\" (expected: true or false)",
        "PUT | /users/USER/whitelist | {\"networks\":[\"10.0.0.0/8\",\"here\"]} | networks[1]"
            + " | \"here\" (expected: an address or network such as 192.0.2.0/24)",
        "PUT | /users/USER/whitelist | {\"networks\":\"10.0.0.0/8\"} | networks"
            + " | \"10.0.0.0/8\" (expected: a list)",
        "PUT | /users/USER/limits | {\"limits\":[{\"permits\":1.5,\"period\":\"1m\"}]} | limits[0].permits"
            + " | 1.5 (expected: 1 to 2^53)",
        "PUT | /users/USER/limits | {\"limits\":[{\"permits\":1,\"period\":\"400d\"}]} | limits[0].period"
            + " | \"400d\" (expected: a duration from 1ms to 366d)",
        "PUT | /users/USER/limits | {\"limits\":[{\"permits\":1,\"period\":\"1m\"},{\"permits\":2,\"period\":\"60s\"}]}"
            + " | limits[1].period | 1m again (expected: each period once for each algorithm, concurrency once,"
            + " and all once as a shadow)",
        "PUT | /users/USER/limits | {\"limits\":[{\"permits\":1,\"period\":\"1m\",\"bursts\":1}]} | limits[0].bursts"
            + " | unknown (did you mean burst?)",
        "PUT | /users/USER/quotas | {\"quotas\":[{\"meter\":\"bytes\",\"window\":\"week\",\"most\":1}]}"
            + " | quotas[0].window | \"week\" (expected: one of day, month, lifetime)",
        "PUT | /users/USER/quotas | {\"quotas\":[{\"meter\":\"bytes\",\"window\":\"day\",\"most\":-1}]}"
            + " | quotas[0].most | -1 (expected: 0 to 2^53)",
        "POST | /keys | {\"user\":\"USER\",\"scopes\":[\"get\"]} | scopes[0]"
            + " | \"get\" (expected: such as \"GET\", \"* /img/\", \"POST /upload\" or \"images:write\")",
        "POST | /keys | {\"user\":\"USER\",\"expires_at\":\"2001-01-01T00:00:00Z\"} | expires_at"
            + " | \"2001-01-01T00:00:00Z\" (expected: a moment in the future such as 2030-12-31T23:59:59Z)",
        "POST | /keys | {\"user\":\"USER\",\"expires_at\":\"+123456789-01-01T00:00:00Z\"} | expires_at"
            + " | \"+123456789-01-01T00:00:00Z\" (expected: a moment in the future such as 2030-12-31T23:59:59Z)",
        "POST | /users?dry_run=true | {\"name\":\"x\"} | dry_run | unknown (did you mean dryRun?)",
        "GET | /users?limit=201 | | limit | \"201\" (expected: 1 to 200)",
        "GET | /users?limit=1&limit=2 | | limit | twice in the query (expected: once)",
        "GET | /users?after=%00 | | after | \"?\" (expected: an id)",
        "GET | /users?name=a&limit=1 | | name"
            + " | together with others (expected: alone; a name has one user)",
      })
  void a_faulty_field_is_named_with_what_was_expected(
      String method, String path, String body, String field, String detail) throws Exception {
    String target = path.replace("USER", user);

    Reply reply = body == null ? admin.get(target) : admin.send(method, target, body.replace("USER", user));

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.problem()).isEqualTo("invalid-input");
    assertThat(reply.faulty()).containsExactly(field == null ? "" : field);
    assertThat(reply.json().get("errors").get(0).get("detail").asText()).isEqualTo(detail);
  }

  @Test
  void many_faults_are_counted_and_the_first_are_listed() throws Exception {
    Reply reply = admin.send("PUT", "/users/" + user + "/whitelist",
        "{\"networks\":[" + "1,".repeat(99) + "1]}");

    assertThat(reply.text("detail")).isEqualTo("100 things are wrong. The first 50 are listed.");
    assertThat(reply.json().get("errors")).hasSize(50);
    Reply endless =
        admin.send("PUT", "/users/" + user + "/whitelist", "{\"networks\":[" + "1,".repeat(1000) + "1]}");
    assertThat(endless.json().get("errors").findValuesAsText("detail"))
        .containsExactly("1001 elements (expected: at most 1000)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"name\" | 1 | 8 | is not JSON",
        "{} {} | 1 | 4 | is not JSON",
        "`{\n \"name\": \"a\",\n \"name\": \"b\"}` | 3 | 8 | says a field twice",
      })
  void malformed_json_is_told_by_line_and_column(String body, int line, int column, String what)
      throws Exception {
    Reply reply = admin.send("POST", "/users", body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.problem()).isEqualTo("malformed-json");
    assertThat(reply.json().get("line").intValue()).isEqualTo(line);
    assertThat(reply.json().get("column").intValue()).isEqualTo(column);
    assertThat(reply.text("detail")).contains(what, "line " + line + ", column " + column);
  }

  @Test
  void what_cannot_be_a_document_is_malformed() throws Exception {
    assertThat(admin.send("POST", "/users", "[".repeat(100)).problem()).isEqualTo("malformed-json");
    assertThat(admin.send("POST", "/users", "{\"name\":" + "9".repeat(2000) + "}").problem())
        .isEqualTo("malformed-json");
    byte[] latin = "{\"name\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);
    Reply read = admin.send("POST", "/users", BodyPublishers.ofByteArray(latin), "Content-Type", JSON);
    assertThat(read.problem()).isEqualTo("malformed-json");
    Reply none = admin.send("POST", "/users", BodyPublishers.noBody());
    assertThat(none.problem()).isEqualTo("invalid-input");
    assertThat(none.json().get("errors").findValuesAsText("detail"))
        .containsExactly("no body (expected: an object)", "missing");
  }

  @Test
  void only_json_is_taken() throws Exception {
    String body = "{\"name\":\"typed\"}";

    assertThat(admin.send("POST", "/users", BodyPublishers.ofString(body)).status()).isEqualTo(415);
    Reply text = admin.send("POST", "/users", BodyPublishers.ofString(body), "Content-Type", "text/plain");
    assertThat(text.status()).isEqualTo(415);
    assertThat(text.problem()).isEqualTo("unsupported-media-type");
    assertThat(text.header("Accept")).isEqualTo(JSON);
    assertThat(admin.send("POST", "/users", body, "Content-Encoding", "gzip").status()).isEqualTo(415);
    Reply typed =
        admin.send(
            "POST", "/users", BodyPublishers.ofString(body), "Content-Type", "Application/JSON; charset=utf-8");
    assertThat(typed.status()).isEqualTo(201);
  }

  @Test
  void a_body_of_more_than_a_mebibyte_is_too_large_whether_its_length_is_declared_or_not() throws Exception {
    byte[] large = " ".repeat(8 << 20).getBytes(StandardCharsets.UTF_8);

    Reply declared = admin.send("POST", "/users", BodyPublishers.ofByteArray(large), "Content-Type", JSON);
    Reply chunked =
        admin.send("POST", "/users", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)),
            "Content-Type", JSON);

    assertThat(declared.status()).isEqualTo(413);
    assertThat(chunked.status()).isEqualTo(413);
    assertThat(chunked.problem()).isEqualTo("content-too-large");
  }

  @Test
  void a_body_that_breaks_off_is_the_clients_fault() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", admin.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(
          ("POST /api/v1/users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + RunningAdmin.TOKEN
                  + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(answer).startsWith("HTTP/1.1 400 ");
    }
  }
}
