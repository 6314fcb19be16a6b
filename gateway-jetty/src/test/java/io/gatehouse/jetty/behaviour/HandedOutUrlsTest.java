package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.RecordedImgproxy;
import io.gatehouse.jetty.upload.UploadOperations;
import io.gatehouse.key.User;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signed URLs that the gateway hands out to tenants, and that anybody can use then: asked for, and in answers to uploads. */
class HandedOutUrlsTest {

  private static final String SIGN = "/api/v1/account/signed-urls";
  private static final String UPLOAD = "/api/v1/upload";

  @TempDir static Path directory;
  private static RecordedImgproxy imgproxy;
  private static GatewayNode node;
  private static int pictures;

  private String user;
  private IssuedKey key;
  private int asked;

  @BeforeAll
  static void start() throws Exception {
    imgproxy = new RecordedImgproxy();
    node = GatewayNode.start(directory, """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        upload:
          directory: "%s"
          urls: {original: "rs:fit:0:0", thumb: "preset:thumb", poster: "w:9000"}
          urls_expire_in: 2h
        images:
          key: %s
          salt: %s
          secret: %s
          sources: ["local:///{tenant}/", "local:///~{user}/"]
          presets: {thumb: "rs:fill:150:150"}
        """.formatted(
            imgproxy.uri(), directory.resolve("images"), RecordedImgproxy.KEY, RecordedImgproxy.SALT,
            RecordedImgproxy.SECRET));
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    imgproxy.close();
  }

  @BeforeEach
  void caller() {
    user = ofTenant("acme");
    key = withSecret(node.key(user));
    asked = imgproxy.requests().size();
  }

  @Test
  void a_tenant_has_a_url_signed_and_anybody_has_the_picture_by_it_alone() throws Exception {
    HttpResponse<String> answer =
        sign(key, "{\"source\":\"local:///acme/a.jpg\",\"options\":\"rs:fit:300:200\",\"expires_in\":\"5m\"}");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    String url = GatewayNode.json(answer).path("url").asText();
    Instant end = Instant.parse(GatewayNode.json(answer).path("expires_at").asText());
    assertThat(url).startsWith("/i/" + key.key().id() + "/" + end.getEpochSecond() + "/").contains("/rs:fit:300:200/");
    assertThat(Duration.between(Instant.now(), end)).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5));
    HttpResponse<String> picture = node.get(url);
    assertThat(picture.statusCode()).as(picture.body()).isEqualTo(200);
    assertThat(picture.body()).isEqualTo("a picture of local:///acme/a.jpg");

    HttpResponse<String> larger = node.get(url.replace("300:200", "900:600"));
    assertThat(larger.statusCode()).isEqualTo(403);
    assertThat(larger.body()).contains("signature-invalid");
    assertThat(imgproxy.requests()).hasSize(asked + 1);
  }

  @Test
  void without_more_it_is_the_whole_picture_for_a_day() throws Exception {
    JsonNode json = GatewayNode.json(sign(key, "{\"source\":\"local:///acme/a.jpg\"}"));

    assertThat(Duration.between(Instant.now(), Instant.parse(json.path("expires_at").asText())))
        .isBetween(Duration.ofHours(23), Duration.ofHours(24));
    assertThat(node.get(json.path("url").asText()).statusCode()).isEqualTo(200);
  }

  /** An administrator signs without a judgement, so what the gate says of the URL can be compared. */
  @ParameterizedTest
  @CsvSource({
    "rs:fit:300:200, local:///umbrella/a.jpg, source",
    "rs:fit:300:200, local:///acme/../umbrella/a.jpg, source",
    "rs:fit:300:200, https://elsewhere.example/a.jpg, source",
    "rs:fit:300:200, nowhere, source",
    "w:5000, local:///acme/a.jpg, options",
    "raw:1, local:///acme/a.jpg, options",
    "preset:unheard-of, local:///acme/a.jpg, options",
    "nonsense:1, local:///acme/a.jpg, options"
  })
  void what_the_gateway_would_refuse_is_not_signed_and_the_reason_is_told_of_the_field(
      String options, String source, String field) throws Exception {
    String body = "{\"source\":\"" + source + "\",\"options\":\"" + options + "\"}";
    JsonNode refused = GatewayNode.json(sign(key, body));
    HttpResponse<String> signed = node.admin("POST", "/api/v1/keys/" + key.key().id() + "/signed-urls", body);
    HttpResponse<String> gate = node.get(GatewayNode.json(signed).path("url").asText());

    assertThat(refused.path("status").asInt()).as(refused.toString()).isEqualTo(400);
    assertThat(refused.path("type").asText()).endsWith(":invalid-input");
    assertThat(refused.path("errors")).hasSize(1);
    assertThat(refused.at("/errors/0/field").asText()).isEqualTo(field);
    assertThat(gate.statusCode()).isIn(400, 403);
    assertThat(GatewayNode.json(gate).path("detail").asText())
        .isIn(refused.at("/errors/0/detail").asText(), "source: " + refused.at("/errors/0/detail").asText());
    assertThat(imgproxy.requests()).hasSize(asked);
  }

  @Test
  void all_faulty_fields_of_a_body_are_told_at_once() throws Exception {
    JsonNode refused =
        GatewayNode.json(sign(key, "{\"source\":\"\",\"options\":\"a?b\",\"expires_in\":\"0s\",\"key\":\"other\"}"));

    assertThat(refused.path("errors").findValuesAsText("field"))
        .containsExactlyInAnyOrder("source", "options", "expires_in", "key");
    String path = "w:1/".repeat(60) + "x".repeat(500);
    assertThat(refusedField("local:///acme/a.jpg", path)).as("not of options, so it is of the source").isEqualTo("source");
    assertThat(refusedField("local:///acme/" + "a".repeat(4000), ("w:1" + "0".repeat(400) + "/").repeat(7) + "w:1"))
        .as("a URL longer than any that is read").isEqualTo("options");
  }

  @Test
  void a_key_signs_in_its_own_name_and_only_if_it_has_a_secret() throws Exception {
    IssuedKey without = node.key(user);
    String body = "{\"source\":\"local:///acme/a.jpg\"}";

    HttpResponse<String> refused = sign(without, body);

    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("signing-secret-missing").doesNotContain(key.key().id());
    assertThat(node.send("POST", SIGN, body, "Content-Type", "application/json").statusCode()).isEqualTo(401);
  }

  @Test
  void a_key_with_scopes_needs_the_permission_and_one_that_covers_signed_urls() throws Exception {
    String body = "{\"source\":\"local:///acme/a.jpg\"}";
    HttpResponse<String> unpermitted = sign(withSecret(node.key(user, "GET /i", "account:read")), body);
    HttpResponse<String> uncovered = sign(withSecret(node.key(user, "GET /img", "account:sign")), body);
    HttpResponse<String> both = sign(withSecret(node.key(user, "GET /i", "account:sign")), body);
    HttpResponse<String> byPath = sign(withSecret(node.key(user, "GET /i", "POST " + SIGN)), body);

    assertThat(unpermitted.statusCode()).isEqualTo(403);
    assertThat(unpermitted.body()).contains("scope-missing").contains("account:sign");
    assertThat(uncovered.statusCode()).isEqualTo(403);
    assertThat(uncovered.body()).contains("scope-missing").contains("pictures by URL");
    assertThat(both.statusCode()).as(both.body()).isEqualTo(200);
    assertThat(node.get(GatewayNode.json(both).path("url").asText()).statusCode()).isEqualTo(200);
    assertThat(byPath.statusCode()).as(byPath.body()).isEqualTo(200);
  }

  @Test
  void an_answer_to_an_upload_has_urls_that_anybody_can_use_at_once() throws Exception {
    byte[] image = picture();

    HttpResponse<String> stored = upload(key, image);

    assertThat(stored.statusCode()).as(stored.body()).isEqualTo(201);
    JsonNode json = GatewayNode.json(stored);
    assertThat(names(json.path("urls"))).as("without the one that the policy forbids").containsExactly("original", "thumb");
    for (JsonNode url : json.path("urls")) {
      HttpResponse<String> picture = node.get(url.asText());
      assertThat(picture.statusCode()).as(picture.body()).isEqualTo(200);
      assertThat(picture.body()).isEqualTo("a picture of " + json.path("source").asText());
    }
    assertThat(Duration.between(Instant.now(), Instant.parse(json.path("urls_expire_at").asText())))
        .isBetween(Duration.ofMinutes(115), Duration.ofHours(2));
    assertThat(names(json))
        .containsExactlyElementsOf(names(UploadOperations.SCHEMAS.get("UploadWithUrls").json().path("properties")));

    HttpResponse<String> again = upload(key, image);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(node.get(GatewayNode.json(again).at("/urls/thumb").asText()).statusCode()).isEqualTo(200);
    JsonNode shown = GatewayNode.json(
        node.get(stored.headers().firstValue("Location").orElseThrow(), "X-API-Key", key.secret()));
    ((ObjectNode) json).remove(List.of("urls", "urls_expire_at"));
    assertThat(json).isEqualTo(shown);
  }

  @Test
  void who_has_no_tenant_has_urls_below_a_root_of_their_own() throws Exception {
    IssuedKey single = withSecret(node.key(node.user("single " + System.nanoTime())));

    JsonNode json = GatewayNode.json(upload(single, picture()));

    assertThat(json.path("source").asText()).startsWith("local:///~" + single.key().user() + "/");
    assertThat(node.get(json.at("/urls/original").asText()).statusCode()).isEqualTo(200);
  }

  @Test
  void who_cannot_use_urls_is_told_of_none() throws Exception {
    JsonNode withoutSecret = GatewayNode.json(upload(node.key(user), picture()));
    JsonNode uncovered = GatewayNode.json(upload(withSecret(node.key(user, "POST " + UPLOAD)), picture()));

    assertThat(names(withoutSecret)).contains("source").doesNotContain("urls", "urls_expire_at");
    assertThat(names(uncovered)).contains("source").doesNotContain("urls", "urls_expire_at");
  }

  private String refusedField(String source, String options) throws Exception {
    HttpResponse<String> answer = sign(key, "{\"source\":\"" + source + "\",\"options\":\"" + options + "\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    return GatewayNode.json(answer).at("/errors/0/field").asText();
  }

  private static String ofTenant(String tenant) {
    String id = node.user("user " + System.nanoTime());
    User known = node.gatehouse().stores().users().user(id).orElseThrow();
    node.gatehouse().stores().users().updateUser(
        new User(id, known.name(), true, known.createdAt(), Optional.of(tenant)));
    return id;
  }

  private static IssuedKey withSecret(IssuedKey key) {
    node.gatehouse().stores().signing().issue(key.key().id()).orElseThrow();
    return key;
  }

  private static HttpResponse<String> sign(IssuedKey by, String body) throws Exception {
    return node.send("POST", SIGN, body, "X-API-Key", by.secret(), "Content-Type", "application/json");
  }

  private static HttpResponse<String> upload(IssuedKey by, byte[] image) throws Exception {
    return HttpClient.newHttpClient().send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port() + UPLOAD))
            .timeout(Duration.ofSeconds(20))
            .headers("X-API-Key", by.secret(), "Content-Type", "image/png")
            .POST(HttpRequest.BodyPublishers.ofByteArray(image))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Unlike any other. */
  private static byte[] picture() throws Exception {
    BufferedImage image = new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, ++pictures);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
