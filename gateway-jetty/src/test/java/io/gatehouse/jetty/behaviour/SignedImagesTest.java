package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.Admission;
import io.gatehouse.core.fixture.Requests;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.RecordedImgproxy;
import io.gatehouse.jetty.fixture.Wire.Head;
import io.gatehouse.key.ApiKey;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signed URLs and API keys, through a whole gateway, to backends that answer as imgproxy was recorded. */
class SignedImagesTest {
  @TempDir static Path directory;
  private static RecordedImgproxy first;
  private static RecordedImgproxy second;
  private static GatewayNode node;

  private String user;
  private IssuedKey key;
  private UrlSigner signer;
  private int asked;

  @BeforeAll
  static void start() throws Exception {
    first = new RecordedImgproxy();
    second = new RecordedImgproxy();
    node = GatewayNode.start(directory, """
        backends: [{url: "%s"}, {url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        quotas: {megapixels_per_day: 100}
        images:
          key: %s
          salt: %s
          secret: %s
          endless_urls: true
          sources: ["local:///", "https://pictures.example/"]
        """.formatted(first.uri(), second.uri(), RecordedImgproxy.KEY, RecordedImgproxy.SALT, RecordedImgproxy.SECRET));
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    first.close();
    second.close();
  }

  @BeforeEach
  void caller() throws Exception {
    user = node.user("user " + System.nanoTime());
    key = node.key(user);
    JsonNode made = GatewayNode.json(
        node.admin("POST", "/api/v1/keys/" + key.key().id() + "/signing-secrets", ""));
    signer = new UrlSigner(key.key().id(), made.path("secret").asText());
    asked = requests().size();
  }

  @Test
  void a_browser_gets_a_picture_without_a_key_and_imgproxy_a_signature_of_the_gateway() throws Exception {
    HttpResponse<String> answer = node.get(
        inAnHour("rs:fit:300:200", "local:///a.jpg") + "?cache-buster=1",
        "Cookie", "session=1", "Authorization", "Basic YTpi", "X-API-Key", "whatever");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("a picture of local:///a.jpg");
    assertThat(answer.headers().firstValue("Content-Type")).contains("image/jpeg");
    assertThat(answer.headers().allValues("Vary")).containsExactly("Accept");
    assertThat(answer.headers().map().keySet().stream().map(String::toLowerCase))
        .noneMatch(name -> name.startsWith("x-origin-") || name.startsWith("x-result-"));
    Head request = last();
    assertThat(request.target()).endsWith("/rs:fit:300:200/bG9jYWw6Ly8vYS5qcGc").doesNotContain("?");
    assertThat(request.all("Authorization")).containsExactly("Bearer " + RecordedImgproxy.SECRET);
    assertThat(request.has("Cookie")).isFalse();
    assertThat(request.has("X-API-Key")).isFalse();
    assertThat(request.first("X-Request-Id")).matches("[A-Za-z0-9_-]+");
  }

  @Test
  void who_has_a_key_may_ask_in_imgproxys_own_language() throws Exception {
    HttpResponse<String> answer =
        node.get("/unsafe/rs:fit:300:200/plain/local:///a.jpg@png?x=1", "X-API-Key", key.secret());

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(last().target()).endsWith("/rs:fit:300:200/bG9jYWw6Ly8vYS5qcGc.png").doesNotStartWith("/unsafe/");
    assertThat(node.get("/unsafe/rs:fit:300:200/plain/local:///a.jpg").statusCode()).isEqualTo(401);
    assertThat(node.get("/", "X-API-Key", key.secret()).statusCode()).isEqualTo(400);
    assertThat(node.get("/unsafe/nonsense:1/plain/local:///a.jpg", "X-API-Key", key.secret()).body())
        .contains("urn:gatehouse:problem:bad-request");
    HttpResponse<String> posted = node.send("POST", "/unsafe/w:1/plain/local:///a.jpg", "x", "X-API-Key", key.secret());
    assertThat(posted.statusCode()).isEqualTo(403);
    assertThat(posted.body()).contains("image-forbidden").contains("\"violated-policies\":[\"image-method\"]");
  }

  @Test
  void ten_thousand_urls_that_were_changed_are_all_refused_before_anything_is_asked() throws Exception {
    Random random = new Random(7);
    String path = inAnHour("rs:fit:300:200", "local:///a.jpg");
    String alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

    for (int i = 0; i < 10_000; i++) {
      StringBuilder changed = new StringBuilder(path);
      int at = 3 + random.nextInt(path.length() - 3);
      char c = alphabet.charAt(random.nextInt(alphabet.length()));
      switch (random.nextInt(3)) {
        case 0 -> changed.setCharAt(at, c);
        case 1 -> changed.insert(at, c);
        default -> changed.deleteCharAt(at);
      }
      if (!changed.toString().equals(path)) {
        assertThat(node.gatehouse().gateway().admit(Requests.get(changed.toString())))
            .as(changed.toString()).isInstanceOf(Admission.Refused.class);
      }
    }
    assertThat(node.get(path).statusCode()).isEqualTo(200);
    assertThat(node.get(path.replace("300:200", "301:200")).body()).contains("signature-invalid");
    assertThat(requests()).hasSize(asked + 1);
  }

  @ParameterizedTest
  @CsvSource({
    "w:5000, local:///a.jpg, image-width",
    "raw:1, local:///a.jpg, image-raw",
    "w:1, https://elsewhere.example/a.jpg, image-source",
    "w:1, https://pictures.example@elsewhere.example/a.jpg, image-source",
    "w:1, local:///../etc/passwd, image-source"
  })
  void what_the_policy_forbids_is_told_by_the_name_of_the_rule_and_asked_of_nobody(
      String options, String source, String rule) throws Exception {
    HttpResponse<String> answer = node.get(inAnHour(options, source));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
    assertThat(answer.body()).contains("urn:gatehouse:problem:image-forbidden")
        .contains("\"violated-policies\":[\"" + rule + "\"]").doesNotContain("pictures.example/");
    assertThat(requests()).hasSize(asked);
    awaitUsed(Meter.REQUESTS, 0);
  }

  @Test
  void an_unknown_key_looks_like_a_wrong_signature_and_an_end_is_an_end() throws Exception {
    String path = inAnHour("w:1", "local:///a.jpg");
    HttpResponse<String> wrong = node.get(path.replaceFirst("/[^/]{43}/", "/" + "A".repeat(43) + "/"));
    HttpResponse<String> unknown = node.get(path.replace(key.key().id(), "abcdefghijkl"));
    String over = signer.sign("w:1", "local:///a.jpg", Instant.now().minusSeconds(1));
    HttpResponse<String> expired = node.get(over);

    assertThat(wrong.statusCode()).isEqualTo(403);
    assertThat(unknown.statusCode()).isEqualTo(403);
    assertThat(unknown.body()).isEqualTo(wrong.body()).contains("urn:gatehouse:problem:signature-invalid");
    assertThat(expired.statusCode()).isEqualTo(410);
    assertThat(expired.body()).contains("urn:gatehouse:problem:url-expired");
    for (HttpResponse<String> each : List.of(wrong, unknown, expired)) {
      assertThat(each.headers().firstValue("Cache-Control")).contains("no-store");
    }
  }

  @Test
  void caches_hold_a_picture_no_longer_than_its_url_is_worth_something() throws Exception {
    HttpResponse<String> ending = node.get(inAnHour("w:1", "local:///a.jpg"));
    HttpResponse<String> endless = node.get(signer.sign("w:1", "local:///a.jpg"));

    Matcher age = Pattern.compile("max-age=([0-9]+), public, must-revalidate")
        .matcher(ending.headers().firstValue("Cache-Control").orElse(""));
    assertThat(age.matches()).as(ending.headers().map().toString()).isTrue();
    assertThat(Long.parseLong(age.group(1))).isBetween(3_500L, 3_600L);
    assertThat(endless.headers().firstValue("Cache-Control")).contains("max-age=31536000, public");
  }

  @Test
  void head_is_asked_as_get_and_answered_without_a_body() throws Exception {
    HttpResponse<String> head = node.send("HEAD", inAnHour("w:1", "local:///a.jpg"), "");

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Type")).contains("image/jpeg");
    assertThat(head.headers().firstValue("Content-Length")).contains("27");
    assertThat(last().method()).isEqualTo("GET");
  }

  @Test
  void what_is_known_already_is_not_sent_again_and_costs_no_pixels() throws Exception {
    String path = inAnHour("rs:fit:1000:1000", "local:///a.jpg");
    String tag = node.get(path).headers().firstValue("ETag").orElseThrow();
    awaitUsed(Meter.PIXELS, 1_000_000);

    HttpResponse<String> answer = node.get(path, "If-None-Match", tag);

    assertThat(answer.statusCode()).isEqualTo(304);
    assertThat(answer.headers().firstValue("ETag")).contains(tag);
    assertThat(requests()).filteredOn(request -> request.first("X-Gatehouse-User").equals(user))
        .extracting(request -> request.first("If-None-Match")).containsExactlyInAnyOrder("", RecordedImgproxy.ETAG);
    awaitUsed(Meter.REQUESTS, 2);
    awaitUsed(Meter.PIXELS, 1_000_000);
  }

  /** As notes of imgproxy's answers have it: what is the client's is charged, what is imgproxy's own trouble is not. */
  @ParameterizedTest
  @CsvSource({
    "a, 200, '', 1, 1000000",
    "untold, 200, '', 1, 1000000",
    "missing, 404, '', 1, 0",
    "broken, 422, '', 1, 1000000",
    "origin-fails, 502, '', 1, 0",
    "origin-slow, 504, '', 1, 0",
    "origin-forbids, 403, '', 1, 0",
    "origin-limits, 429, '', 1, 0",
    "origin-of-three, 500, '', 1, 0",
    "busy, 503, temporary-reduced-capacity, 0, 0",
    "crash, 502, bad-gateway, 0, 0",
    "too-long, 504, gateway-timeout, 0, 0"
  })
  void answers_of_imgproxy_are_told_and_charged_for_what_they_mean(
      String source, int status, String problem, long requests, long pixels) throws Exception {
    HttpResponse<String> answer = node.get(inAnHour("rs:force:1000:1000", "local:///" + source + ".jpg"));

    assertThat(answer.statusCode()).isEqualTo(status);
    if (problem.isEmpty()) {
      assertThat(answer.headers().firstValue("Content-Type").orElse("")).doesNotContain("problem");
    } else {
      assertThat(answer.body()).contains(problem);
    }
    assertThat(answer.headers().firstValue("Retry-After").isPresent()).isEqualTo(status == 503);
    if (status != 200) {
      assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    }
    awaitUsed(Meter.REQUESTS, requests);
    awaitUsed(Meter.PIXELS, pixels);
  }

  @Test
  void a_backend_whose_queue_is_full_is_left_for_another_at_once() throws Exception {
    first.fill(1);
    second.fill(0);
    int before = requests().size();

    for (int i = 0; i < 2; i++) {
      assertThat(node.get(inAnHour("w:1", "local:///a.jpg")).statusCode()).isEqualTo(200);
    }

    assertThat(requests()).hasSize(before + 3);
    first.fill(0);
  }

  @Test
  void a_backend_that_does_not_know_our_signature_is_answered_for_by_another_and_seen() throws Exception {
    double before = refusals();
    first.refuse(1);

    for (int i = 0; i < 2; i++) {
      assertThat(node.get(inAnHour("w:1", "local:///a.jpg")).statusCode()).isEqualTo(200);
    }
    assertThat(refusals()).isEqualTo(before + 1);

    first.refuse(1);
    second.refuse(1);
    HttpResponse<String> answer = node.get(inAnHour("w:1", "local:///a.jpg"));
    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.body()).contains("bad-gateway").doesNotContain("Forbidden");
    assertThat(refusals()).isEqualTo(before + 3);
    awaitUsed(Meter.REQUESTS, 2);
  }

  private static double refusals() throws Exception {
    return node.admin("GET", "/metrics", "").body().lines().filter(line -> line.startsWith("gatehouse_imgproxy_refusals_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
  }

  @Test
  void what_a_quota_has_left_is_not_overrun_by_what_is_asked_for() throws Exception {
    for (int i = 0; i < 6; i++) {
      assertThat(node.get(inAnHour("rs:force:4000:4000", "local:///a.jpg")).statusCode()).isEqualTo(200);
      awaitUsed(Meter.PIXELS, 16_000_000L * (i + 1));
    }

    HttpResponse<String> beyond = node.get(inAnHour("rs:force:4000:4000", "local:///a.jpg"));
    assertThat(beyond.statusCode()).as("4 megapixels are left").isEqualTo(429);
    assertThat(beyond.body()).contains("pixels-day");
    assertThat(node.get(inAnHour("rs:force:2000:2000", "local:///a.jpg")).statusCode()).isEqualTo(200);
  }

  @Test
  void a_secret_that_was_taken_away_and_a_key_that_was_switched_off_are_worth_nothing_within_a_second() throws Exception {
    String path = inAnHour("w:1", "local:///a.jpg");
    String secrets = "/api/v1/keys/" + key.key().id() + "/signing-secrets";
    assertThat(node.get(path).statusCode()).isEqualTo(200);
    JsonNode listed = GatewayNode.json(node.admin("GET", secrets, ""));
    assertThat(listed.path("signing_secrets")).hasSize(1);
    assertThat(listed.toString()).doesNotContain("gss_");

    String id = listed.path("signing_secrets").get(0).path("id").asText();
    assertThat(node.admin("DELETE", secrets + "/" + id, "").statusCode()).isEqualTo(204);
    await().atMost(Duration.ofSeconds(1)).until(() -> node.get(path).statusCode() == 403);

    HttpResponse<String> unsigned = node.admin(
        "POST", "/api/v1/keys/" + key.key().id() + "/signed-urls", "{\"source\":\"local:///a.jpg\"}");
    assertThat(unsigned.statusCode()).isEqualTo(409);
    node.admin("POST", secrets, "");
    JsonNode signed = GatewayNode.json(node.admin(
        "POST", "/api/v1/keys/" + key.key().id() + "/signed-urls",
        "{\"source\":\"local:///a.jpg\",\"options\":\"rs:fit:300:200\",\"expires_in\":\"5m\"}"));
    await().atMost(Duration.ofSeconds(1)).until(() -> node.get(signed.path("url").asText()).statusCode() == 200);

    ApiKey known = node.gatehouse().stores().keys().key(key.key().id()).orElseThrow();
    node.gatehouse().stores().keys().updateKey(known.withEnabled(false));
    await().atMost(Duration.ofSeconds(1)).until(() -> node.get(signed.path("url").asText()).statusCode() == 401);
  }

  private String inAnHour(String options, String source) {
    return signer.sign(options, source, Instant.now().plusSeconds(3600));
  }

  private static List<Head> requests() {
    return Stream.concat(first.requests().stream(), second.requests().stream()).toList();
  }

  /** The last request, when one backend was asked since the test began. */
  private Head last() {
    List<Head> one = first.requests();
    List<Head> other = second.requests();
    boolean ofFirst = !one.isEmpty() && (other.isEmpty() || seen(one) > seen(other));
    return ofFirst ? one.get(one.size() - 1) : other.get(other.size() - 1);
  }

  private long seen(List<Head> requests) {
    return requests.stream().filter(request -> request.first("X-Gatehouse-User").equals(user)).count();
  }

  private void awaitUsed(Meter meter, long amount) {
    QuotaKey count = new QuotaKey(user, meter, Window.DAY, Window.DAY.startAt(Instant.now(), BillingCalendar.UTC));
    await().atMost(Duration.ofSeconds(5)).until(() -> node.gatehouse().counts().quotas().used(count) == amount);
  }
}
