package io.gatehouse.jetty.upload;

import static io.gatehouse.jetty.upload.Pictures.ascii;
import static io.gatehouse.jetty.upload.Pictures.form;
import static io.gatehouse.jetty.upload.Pictures.picture;
import static io.gatehouse.jetty.upload.Pictures.png;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.key.User;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import io.gatehouse.upload.Upload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads over real sockets, into a directory. What does not succeed leaves no file, no row and no charge. */
class UploadTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST = 100_000;
  private static final int ROOM = 400_000;

  @TempDir static Path directory;
  private static GatewayNode node;
  private static Path root;
  private static int users;

  private String user;
  private String key;

  @BeforeAll
  static void start() throws IOException {
    root = directory.resolve("images");
    node = GatewayNode.start(directory, """
        server: {shutdown_timeout: 2s}
        upload: {directory: "%s", max_bytes: %d, max_pixels: 1000000, max_side: 5000, max_frames: 3, max_concurrent: 8}
        rate_limits: {ip_level: none, user_level: none, key_level: none}
        routes: [{name: images, path: /images}]
        backends: [{url: "http://127.0.0.1:9"}]
        """.formatted(root, MOST));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @BeforeEach
  void newUser() {
    user = node.user("user" + users++);
    key = node.key(user).secret();
    node.gatehouse().stores().quotas().replaceQuotas(
        user, Optional.of(List.of(new Quota(Meter.STORED_BYTES, Window.LIFETIME, ROOM))));
  }

  @AfterEach
  void what_is_stored_is_what_is_charged_and_nothing_is_left_over() {
    await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
      assertThat(incoming()).isEmpty();
      assertThat(node.gatehouse().storedBytes().held(user)).isEqualTo(charged());
      assertThat(files()).isEqualTo(objects());
    });
  }

  @Test
  void a_raw_body_is_stored_under_the_hash_of_its_content() throws Exception {
    byte[] image = picture("jpg", 40, 30, 1);

    Answer answer = post(image, "image/jpeg");

    assertThat(answer.status()).isEqualTo(201);
    JsonNode json = answer.json();
    assertThat(answer.head().first("Location")).isEqualTo("/api/v1/upload/" + json.get("id").textValue());
    assertThat(json.get("type").textValue()).isEqualTo("image/jpeg");
    assertThat(json.get("width").intValue()).isEqualTo(40);
    assertThat(json.get("height").intValue()).isEqualTo(30);
    assertThat(json.get("bytes").intValue()).isEqualTo(image.length);
    String sha256 = json.get("sha256").textValue();
    assertThat(json.get("source").textValue())
        .isEqualTo("local:///~" + user + "/" + sha256.substring(0, 2) + "/" + sha256 + ".jpg");
    assertThat(root.resolve("~" + user).resolve(sha256.substring(0, 2)).resolve(sha256 + ".jpg")).hasBinaryContent(image);
    assertThat(get(answer.head().first("Location"), key).json()).isEqualTo(json);
    List<String> described = new ArrayList<>();
    UploadOperations.SCHEMAS.get("Upload").json().get("properties").fieldNames().forEachRemaining(described::add);
    assertThat(json.fieldNames()).toIterable().containsExactlyElementsOf(described);
  }

  @Test
  void a_form_with_one_file_is_stored_like_its_file() throws Exception {
    byte[] image = picture("png", 40, 30, 2);
    byte[] form = form("b0", "Content-Disposition: form-data; name=\"f\"; filename=\"a.gif\"\r\nContent-Type: image/gif", image);

    Answer answer = post(form, "multipart/form-data; boundary=b0");

    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.json().get("type").textValue()).isEqualTo("image/png");
    assertThat(answer.json().get("bytes").intValue()).isEqualTo(image.length);
    assertThat(post(image, "").status()).as("the same content").isEqualTo(200);
  }

  @Test
  void a_form_that_comes_byte_by_byte_and_in_chunks_is_the_same() throws Exception {
    byte[] image = picture("png", 9, 9, 3);
    byte[] form = form("b0", "Content-Disposition: form-data; name=f; filename=a", image);
    try (Wire wire = Wire.connect(node.port())) {
      wire.send(head("POST", key, "Transfer-Encoding: chunked", "Content-Type: multipart/form-data; boundary=\"b0\""));
      for (byte each : form) {
        wire.send(new byte[] {'1', '\r', '\n', each, '\r', '\n'});
      }
      wire.send("0\r\n\r\n");

      assertThat(answer(wire).json().get("bytes").intValue()).isEqualTo(image.length);
    }
  }

  @Test
  void a_user_who_is_blocked_stores_nothing() throws Exception {
    node.admin("POST", "/api/v1/blocks", "{\"kind\":\"user\",\"value\":\"" + user + "\"}");

    await().atMost(Duration.ofSeconds(20)).untilAsserted(
        () -> assertFault(post(picture("png", 9, 9, 77), "image/png"), 401, "disabled"));
  }

  @Test
  void what_a_form_should_not_be_is_told() throws Exception {
    byte[] image = picture("png", 9, 9, 4);
    String file = "Content-Disposition: form-data; name=f; filename=a";
    String type = "multipart/form-data; boundary=b0";

    assertFault(post(form("b0", "Content-Disposition: form-data; name=f", image), type), 400, "no file");
    assertFault(post(form("b0", file, image, file, image), type), 400, "second file");
    assertFault(post(form("b0", file, image, "Content-Disposition: form-data; name=x", image), type), 400, "no file");
    assertFault(post(form("b1", file, image), type), 400, "ends too early");
    assertFault(post(ascii("--b0--\r\n"), type), 400, "no file");
    assertFault(post(form("b0", file, new byte[0]), type), 400, "no content");
    assertFault(post(form("b0", file + "\r\nX: " + "x".repeat(9000), image), type), 400, "8192");
    assertFault(post(form("b0", file + "\r\nContent-Transfer-Encoding: base64", image), type), 400, "base64");
    assertFault(post(image, "multipart/form-data"), 400, "boundary");
    byte[] whole = form("b0", file, image);
    assertFault(post(Arrays.copyOf(whole, whole.length - 8), type), 400, "ends");
  }

  @Test
  void what_stands_before_and_behind_a_form_is_passed_over() throws Exception {
    byte[] form = form("b0", "Content-Disposition: form-data; name=f; filename*=UTF-8''a", picture("png", 9, 9, 5));
    byte[] more = new byte[form.length + 16];
    System.arraycopy(ascii("before\r\n"), 0, more, 0, 8);
    System.arraycopy(form, 0, more, 8, form.length);
    System.arraycopy(ascii("behind\r\n"), 0, more, 8 + form.length, 8);

    assertThat(post(more, "multipart/form-data; boundary=b0").status()).isEqualTo(201);
  }

  @Test
  void content_may_be_as_long_as_allowed_and_not_a_byte_longer() throws Exception {
    String file = "Content-Disposition: form-data; name=f; filename=a";
    String type = "multipart/form-data; boundary=b0";

    assertThat(post(png(MOST, 6), "image/png").status()).isEqualTo(201);
    assertFault(post(png(MOST + 1, 6), "image/png"), 413, "" + MOST);
    assertThat(post(form("b0", file, png(MOST, 7)), type).status()).isEqualTo(201);
    assertFault(post(form("b0", file, png(MOST + 1, 7)), type), 413, "" + MOST);
    assertFault(post(form("b0", file, png(MOST + 70_000, 7)), type), 413, "" + MOST);
    assertThat(chunked(png(MOST, 8)).status()).isEqualTo(201);
    assertFault(chunked(png(MOST + 1, 8)), 413, "" + MOST);
    assertFault(chunked(png(8 * MOST, 8)), 413, "" + MOST);
  }

  @Test
  void who_waits_with_the_body_is_refused_before_it_is_sent() throws Exception {
    for (String[] fields : List.of(
        new String[] {"413", "Content-Length: " + (MOST + 1)},
        new String[] {"415", "Content-Length: 5", "Content-Type: text/plain"},
        new String[] {"415", "Content-Length: 5", "Content-Encoding: gzip"})) {
      try (Wire wire = Wire.connect(node.port())) {
        String[] all = Stream.concat(Stream.of("Expect: 100-continue"), Stream.of(fields).skip(1)).toArray(String[]::new);
        wire.send(head("POST", key, all));

        assertThat(answer(wire).status()).isEqualTo(Integer.parseInt(fields[0]));
      }
    }
    byte[] image = picture("png", 9, 9, 9);
    try (Wire wire = Wire.connect(node.port())) {
      wire.send(head("POST", key, "Expect: 100-continue", "Content-Length: " + image.length));
      assertThat(wire.head().status()).isEqualTo(100);
      wire.send(image);

      assertThat(answer(wire).status()).isEqualTo(201);
    }
  }

  @Test
  void the_type_is_that_of_the_bytes() throws Exception {
    assertThat(post(picture("png", 9, 9, 10), "image/jpeg").json().get("type").textValue()).isEqualTo("image/png");
    assertThat(post(picture("gif", 9, 9, 10), "application/octet-stream").json().get("type").textValue())
        .isEqualTo("image/gif");
    assertFault(post(ascii("%PDF-1.7 and much more".repeat(20)), "image/png"), 415, "not looked at");
    assertFault(post(ascii("<svg xmlns='http://www.w3.org/2000/svg'/>"), "image/svg+xml"), 415, "SVG");
    assertFault(post(ascii("<?xml version='1.0'?><svg/>"), "image/png"), 415, "SVG");
    assertFault(post(new byte[0], "image/png"), 400, "no content");
  }

  @Test
  void images_that_are_too_large_are_refused_by_their_header() throws Exception {
    assertThat(post(picture("png", 1000, 1000, 11), "").status()).isEqualTo(201);
    assertFault(post(picture("png", 1001, 1000, 11), ""), 422, "1001 x 1000");
    assertThat(post(picture("png", 5000, 1, 11), "").status()).isEqualTo(201);
    assertFault(post(picture("png", 5001, 1, 11), ""), 422, "5000 are allowed on a side");
    byte[] cut = Arrays.copyOf(picture("png", 9, 9, 11), 20);
    assertFault(post(cut, ""), 422, "ends before");
  }

  @Test
  void what_does_not_fit_beside_what_is_stored_is_refused_and_what_is_deleted_makes_room() throws Exception {
    String first = post(png(MOST, 12), "").json().get("id").textValue();
    for (int seed = 13; seed < 16; seed++) {
      assertThat(post(png(MOST, seed), "").status()).isEqualTo(201);
    }

    Answer full = post(png(MOST, 16), "");
    assertFault(full, 403, "room for 0");
    assertThat(full.json().get("type").textValue()).isEqualTo("urn:gatehouse:problem:storage-quota-exceeded");
    assertFault(chunked(png(MOST, 16)), 403, "room for 0");
    assertThat(delete(first).status()).isEqualTo(204);
    assertThat(chunked(png(MOST - 1, 16)).status()).as("although a whole step would not fit").isEqualTo(201);
    assertFault(post(png(200, 17), ""), 403, "room for 1");
  }

  @Test
  void the_same_content_is_charged_once_and_deleted_with_its_last_owner() throws Exception {
    node.gatehouse().stores().users().updateUser(inTenant("acme", user));
    String other = node.user("user" + users++);
    node.gatehouse().stores().users().updateUser(inTenant("acme", other));
    String otherKey = node.key(other).secret();
    byte[] image = picture("png", 20, 20, 18);
    Answer mine = post(image, "");
    Answer again = post(image, "");
    Answer theirs = post(image, "", otherKey);

    assertThat(List.of(mine.status(), again.status(), theirs.status())).containsExactly(201, 200, 201);
    assertThat(again.json()).isEqualTo(mine.json());
    assertThat(again.head().first("Location")).isEqualTo(mine.head().first("Location"));
    assertThat(theirs.json().get("source")).isEqualTo(mine.json().get("source"));
    assertThat(mine.json().get("source").textValue()).startsWith("local:///acme/");
    Path file = root.resolve(mine.json().get("source").textValue().substring("local:///".length()));
    String id = mine.json().get("id").textValue();
    String otherId = theirs.json().get("id").textValue();
    assertThat(delete(otherId).status()).as("of somebody else").isEqualTo(404);
    assertThat(get("/api/v1/upload/" + otherId, key).status()).isEqualTo(404);
    assertThat(delete(id).status()).isEqualTo(204);
    assertThat(delete(id).status()).isEqualTo(404);
    assertThat(file).exists();
    assertThat(delete(otherId, otherKey).status()).isEqualTo(204);
    assertThat(file).doesNotExist();
  }

  @Test
  void many_at_once_with_the_same_content_store_it_once() throws Exception {
    byte[] image = png(90_000, 19);
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Future<Answer>> answers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int number = i;
        answers.add(pool.submit(() -> number % 2 == 0 ? post(image, "") : chunked(image)));
      }
      List<Integer> statuses = new ArrayList<>();
      for (Future<Answer> each : answers) {
        statuses.add(each.get().status());
      }

      // Eight do not fit beside each other, so some may be told that while others are under way.
      assertThat(statuses).containsOnlyOnce(201).allMatch(status -> List.of(200, 201, 403).contains(status));
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void who_breaks_off_or_lies_about_the_length_leaves_nothing() throws Exception {
    byte[] image = png(90_000, 20);
    for (String length : List.of("Content-Length: 90000", "Content-Length: 90001", "Transfer-Encoding: chunked")) {
      Wire wire = Wire.connect(node.port());
      wire.send(head("POST", key, length));
      wire.send(length.startsWith("T") ? ascii("10000\r\n") : new byte[0]);
      wire.send(Arrays.copyOf(image, 60_000));
      await().atMost(Duration.ofSeconds(10)).until(() -> !incoming().isEmpty());
      await().atMost(Duration.ofSeconds(10)).until(() -> node.gatehouse().storedBytes().held(user) > 0);
      wire.reset();
      await().atMost(Duration.ofSeconds(10)).until(() -> incoming().isEmpty());
    }
    try (Wire wire = Wire.connect(node.port())) {
      wire.send(head("POST", key, "Content-Length: 500"));
      wire.send(png(501, 20)); // a byte that belongs to the next request, which it spoils

      assertThat(answer(wire).json().get("bytes").intValue()).isEqualTo(500);
    }
  }

  @Test
  void keys_scopes_and_paths_are_asked_for_as_everywhere() throws Exception {
    byte[] image = picture("png", 9, 9, 21);
    String may = node.key(user, "POST /api/v1/upload").secret();
    String mayNot = node.key(user, "GET /images").secret();

    assertThat(post(image, "", may).status()).isEqualTo(201);
    assertThat(get("/api/v1/upload", may).status()).isEqualTo(403);
    assertFault(post(image, "", mayNot), 403, "scopes");
    assertFault(post(image, "", key + "x"), 401, "");
    assertThat(node.send("POST", "/api/v1/upload", "x").statusCode()).isEqualTo(401);
    assertThat(node.send("PUT", "/api/v1/upload", "x", "X-API-Key", key).statusCode()).isEqualTo(405);
    assertThat(node.send("POST", "/api/v1/upload/x", "x", "X-API-Key", key).statusCode()).isEqualTo(405);
    assertThat(node.send("DELETE", "/api/v1/upload", "", "X-API-Key", key).statusCode()).isEqualTo(405);
    assertThat(get("/api/v1/upload/a/b", key).status()).isEqualTo(404);
    assertThat(node.send("POST", "/api/v1/upload?x=1", "x", "X-API-Key", key).statusCode()).isEqualTo(400);
  }

  @Test
  void lists_go_page_by_page_newest_first() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int seed = 30; seed < 35; seed++) {
      ids.add(0, post(picture("png", 9, 9, seed), "").json().get("id").textValue());
    }

    List<String> told = new ArrayList<>();
    String next = "";
    do {
      JsonNode page = get("/api/v1/upload?limit=2" + (next.isEmpty() ? "" : "&after=" + next), key).json();
      page.get("uploads").forEach(each -> told.add(each.get("id").textValue()));
      next = page.get("next").isNull() ? "" : page.get("next").textValue();
    } while (!next.isEmpty());

    assertThat(told).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(told.get(0)).isIn(ids.subList(0, 4)); // of one millisecond are several
  }

  @Test
  void uploads_are_traffic_and_are_measured() throws Exception {
    byte[] image = picture("png", 9, 9, 40);
    post(image, "");

    await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
      assertThat(node.admin("GET", "/api/v1/users/" + user + "/usage", "").body())
          .contains("\"meter\":\"requests\",\"window\":\"day\",\"used\":1");
      assertThat(node.admin("GET", "/metrics", "").body()).contains("gatehouse_uploads_total{outcome=\"stored\"}");
    });
  }

  private User inTenant(String tenant, String id) {
    User known = node.gatehouse().stores().users().user(id).orElseThrow();
    return new User(id, known.name(), true, known.createdAt(), Optional.of(tenant));
  }

  private record Answer(Wire.Head head, String body) {

    int status() {
      return head.status();
    }

    JsonNode json() throws IOException {
      return JSON.readTree(body);
    }
  }

  private static void assertFault(Answer answer, int status, String detail) throws IOException {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.json().get("detail").textValue()).contains(detail);
  }

  private Answer post(byte[] body, String type) throws IOException {
    return post(body, type, key);
  }

  private static Answer post(byte[] body, String type, String by) throws IOException {
    try (Wire wire = Wire.connect(node.port())) {
      List<String> fields = new ArrayList<>(List.of("Content-Length: " + body.length));
      if (!type.isEmpty()) {
        fields.add("Content-Type: " + type);
      }
      wire.send(head("POST", by, fields.toArray(String[]::new))).send(body);
      return answer(wire);
    }
  }

  private Answer chunked(byte[] body) throws IOException {
    try (Wire wire = Wire.connect(node.port())) {
      wire.send(head("POST", key, "Transfer-Encoding: chunked"));
      wire.send(Integer.toHexString(body.length) + "\r\n").send(body).send("\r\n0\r\n\r\n");
      return answer(wire);
    }
  }

  private static Answer get(String target, String by) throws IOException, InterruptedException {
    try (Wire wire = Wire.connect(node.port())) {
      wire.send("GET " + target + " HTTP/1.1\r\nHost: a\r\nX-API-Key: " + by + "\r\n\r\n");
      return answer(wire);
    }
  }

  private Answer delete(String id) throws IOException {
    return delete(id, key);
  }

  private static Answer delete(String id, String by) throws IOException {
    try (Wire wire = Wire.connect(node.port())) {
      wire.send("DELETE /api/v1/upload/" + id + " HTTP/1.1\r\nHost: a\r\nX-API-Key: " + by + "\r\n\r\n");
      return answer(wire);
    }
  }

  private static Answer answer(Wire wire) throws IOException {
    Wire.Head head = wire.head();
    return new Answer(head, head.status() == 204 ? "" : wire.body(head));
  }

  private static String head(String method, String by, String... fields) {
    return method + " /api/v1/upload HTTP/1.1\r\nHost: a\r\nX-API-Key: " + by + "\r\n" + String.join("\r\n", fields)
        + "\r\n\r\n";
  }

  /** What is gathered at the moment, without the locks of starts. */
  private static List<String> incoming() throws IOException {
    return names(root.resolve(".incoming")).stream().filter(name -> !name.endsWith("/lock")).toList();
  }

  private static List<String> files() throws IOException {
    return names(root).stream().filter(name -> !name.startsWith(".incoming/")).sorted().toList();
  }

  private static List<String> names(Path below) throws IOException {
    try (Stream<Path> all = Files.walk(below)) {
      return all.filter(Files::isRegularFile).map(file -> below.relativize(file).toString()).toList();
    } catch (UncheckedIOException e) {
      return List.of("one that is just going"); // asked again
    }
  }

  private long charged() {
    return node.gatehouse().stores().uploads().uploads(user, Optional.empty(), 1000).stream()
        .mapToLong(Upload::bytes).sum();
  }

  private static List<String> objects() {
    return node.gatehouse().stores().users().users("", 1000).stream()
        .flatMap(each -> node.gatehouse().stores().uploads().uploads(each.id(), Optional.empty(), 1000).stream())
        .map(Upload::object).distinct().sorted().toList();
  }
}
