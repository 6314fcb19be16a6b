package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.RecordedImgproxy;
import io.gatehouse.jetty.fixture.Wire.Head;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients say of themselves, and which of it makes another picture: through a whole gateway to a recorded imgproxy. */
class ImageVariantsTest {
  private static final String CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";
  private static final String OTHER_WAY_ROUND = "image/webp;q=0.9, Image/AVIF, */*;q=0.1";
  private static final String NEITHER = "image/png,image/*;q=0.8,*/*;q=0.5";
  private static final String HINTS = "Accept, Sec-CH-DPR, DPR, Sec-CH-Width, Width";
  @TempDir static Path directory;
  private static RecordedImgproxy imgproxy;
  private static GatewayNode node;
  private static UrlSigner signer;
  private static IssuedKey key;
  private static int pictures;

  private String picture;
  private int asked;

  @BeforeAll
  static void start() throws Exception {
    imgproxy = new RecordedImgproxy();
    node = GatewayNode.start(directory, """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        routes:
          - {name: signed, path: /i, cache: {enabled: true, partition: shared}}
          - {name: not-kept, path: /img, strip_prefix: /img}
          - {name: as-they-are, path: /raw, strip_prefix: /raw, variant_etags: false}
        images:
          key: "%s,ab12"
          salt: "%s,cd34"
          secret: %s
          sources: ["local:///"]
          client_hints: true
          tenants: [{name: frugal, formats: [jpg, webp]}]
        """.formatted(imgproxy.uri(), RecordedImgproxy.KEY, RecordedImgproxy.SALT, RecordedImgproxy.SECRET));
    key = node.key(node.user("alice"));
    signer = new UrlSigner(
        key.key().id(), node.gatehouse().stores().signing().issue(key.key().id()).orElseThrow().secret());
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    imgproxy.close();
  }

  @BeforeEach
  void another_picture() {
    imgproxy.vary("Accept");
    picture = "picture" + ++pictures;
    asked = imgproxy.requests().size();
  }

  @Test
  void two_browsers_that_name_the_same_formats_share_one_kept_picture() throws Exception {
    HttpResponse<String> first = signed("w:10", "Accept", CHROME);
    HttpResponse<String> second = signed("w:10", "Accept", OTHER_WAY_ROUND);

    assertThat(field(first, "Content-Type")).isEqualTo("image/webp");
    assertThat(field(second, "Content-Type")).isEqualTo("image/webp");
    assertThat(field(second, "Cache-Status")).startsWith("gatehouse; hit");
    assertThat(second.headers().allValues("Vary")).containsExactly("Accept");
    assertThat(asked()).hasSize(1);
    assertThat(last().all("Accept")).containsExactly("image/avif,image/webp");
  }

  @Test
  void two_browsers_that_name_the_same_formats_share_one_request_under_way() throws Exception {
    picture = "held-" + picture;
    signed("w:11", "Accept", NEITHER).body(); // from then on it is known what answers vary by
    imgproxy.hold();
    CompletableFuture<HttpResponse<String>> first = later("w:11", CHROME);
    await().until(() -> asked().size() == 2);
    CompletableFuture<HttpResponse<String>> second = later("w:11", OTHER_WAY_ROUND);
    CompletableFuture<HttpResponse<String>> another = later("w:11", "image/webp");
    await().until(() -> asked().size() == 3);
    imgproxy.release();

    assertThat(first.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(field(second.get(20, TimeUnit.SECONDS), "Cache-Status")).containsAnyOf("collapsed", "hit");
    assertThat(another.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(asked()).extracting(request -> request.first("Accept"))
        .containsExactly("", "image/avif,image/webp", "image/webp");
  }

  @Test
  void who_can_read_less_gets_another_picture_with_another_tag() throws Exception {
    HttpResponse<String> webp = signed("w:10", "Accept", CHROME);
    HttpResponse<String> jpeg = signed("w:10", "Accept", NEITHER);

    assertThat(field(jpeg, "Content-Type")).isEqualTo("image/jpeg");
    assertThat(field(jpeg, "ETag")).isNotEqualTo(field(webp, "ETag")).isNotEqualTo(RecordedImgproxy.ETAG);
    assertThat(asked()).hasSize(2);
    assertThat(last().has("Accept")).as("names none of the formats that imgproxy chooses").isFalse();
  }

  @Test
  void a_tag_is_known_again_by_what_was_asked_for_and_not_by_how() throws Exception {
    String webp = field(signed("w:10", "Accept", CHROME), "ETag");
    HttpResponse<String> same = signed("w:10", "Accept", OTHER_WAY_ROUND, "If-None-Match", webp);
    HttpResponse<String> other = signed("w:10", "Accept", NEITHER, "If-None-Match", webp);

    assertThat(same.statusCode()).isEqualTo(304);
    assertThat(field(same, "ETag")).isEqualTo(webp);
    assertThat(same.headers().allValues("Vary")).containsExactly("Accept");
    assertThat(other.statusCode()).isEqualTo(200);
    assertThat(asked()).hasSize(2);
  }

  @Test
  void where_nothing_is_kept_imgproxy_compares_its_own_tag() throws Exception {
    String webp = field(unsigned("/img", "w:10", "Accept", CHROME), "ETag");
    HttpResponse<String> same = unsigned("/img", "w:10", "Accept", OTHER_WAY_ROUND, "If-None-Match", webp);

    assertThat(same.statusCode()).isEqualTo(304);
    assertThat(field(same, "ETag")).isEqualTo(webp);
    assertThat(last().first("Accept")).isEqualTo("image/avif,image/webp");
    assertThat(last().first("If-None-Match")).isEqualTo(RecordedImgproxy.ETAG);
    assertThat(unsigned("/img", "w:10", "Accept", NEITHER, "If-None-Match", webp).statusCode()).isEqualTo(200);
    assertThat(last().has("If-None-Match")).isFalse();
  }

  @Test
  void a_route_may_leave_tags_as_they_are() throws Exception {
    assertThat(field(unsigned("/raw", "w:10"), "ETag")).isEqualTo(RecordedImgproxy.ETAG);
  }

  @Test
  void hints_are_one_by_either_name_and_rounded_up() throws Exception {
    imgproxy.vary(HINTS);
    HttpResponse<String> first = signed("rs:fit:300", "Sec-CH-DPR", "1.75", "Sec-CH-Width", "601");
    HttpResponse<String> second = signed("rs:fit:300", "DPR", "2.0", "Width", "640", "Sec-CH-DPR", "nonsense");
    HttpResponse<String> third = signed("rs:fit:300", "DPR", "3");

    assertThat(field(second, "Cache-Status")).startsWith("gatehouse; hit");
    assertThat(field(third, "Cache-Status")).contains("fwd=");
    assertThat(asked()).hasSize(2);
    Head request = asked().get(0);
    assertThat(request.all("DPR")).containsExactly("2");
    assertThat(request.all("Width")).containsExactly("640");
    assertThat(request.has("Sec-CH-DPR") || request.has("Sec-CH-Width")).isFalse();
    assertThat(last().all("DPR")).containsExactly("3");
    assertThat(first.headers().allValues("Vary")).containsExactly(HINTS);
  }

  @Test
  void caches_are_told_all_names_by_which_a_hint_could_have_come() throws Exception {
    imgproxy.vary("Accept, DPR, Viewport-Width, Width"); // as version 3 says
    HttpResponse<String> made = signed("w:10", "Sec-CH-DPR", "2", "Viewport-Width", "9000", "Sec-CH-Viewport-Width", "9000");
    HttpResponse<String> kept = signed("w:10", "DPR", "2");
    HttpResponse<String> known = signed("w:10", "DPR", "2", "If-None-Match", field(kept, "ETag"));
    HttpResponse<String> passed = unsigned("/img", "w:10", "DPR", "2");

    for (HttpResponse<String> answer : List.of(made, kept, known, passed)) {
      assertThat(String.join(", ", answer.headers().allValues("Vary")).split(", ")).containsExactlyInAnyOrder(
          "Accept", "DPR", "Viewport-Width", "Width", "Sec-CH-DPR", "Sec-CH-Width");
    }
    assertThat(known.statusCode()).isEqualTo(304);
    assertThat(asked()).hasSize(2).noneMatch(request -> request.has("Viewport-Width") || request.has("Sec-CH-Viewport-Width"));
  }

  @Test
  void hints_are_heeded_as_far_as_the_policy_has_room_and_never_refused() throws Exception {
    assertThat(unsigned("/img", "w:1500/h:10", "DPR", "4", "Width", "9000").statusCode()).isEqualTo(200);
    assertThat(last().all("DPR")).containsExactly("2");
    assertThat(unsigned("/img", "w:4096/h:10", "DPR", "4").statusCode()).isEqualTo(200);
    assertThat(last().all("DPR")).containsExactly("1");
    assertThat(unsigned("/img", "w:4097/h:10").statusCode()).isEqualTo(403);
  }

  @Test
  void a_format_that_a_tenant_may_not_ask_for_is_not_chosen_for_it() throws Exception {
    String frugal = node.user("frugal");
    node.admin("PATCH", "/api/v1/users/" + frugal, "{\"tenant\":\"frugal\"}");
    IssuedKey its = node.key(frugal);

    await().untilAsserted(() -> {
      node.get("/img/unsafe/w:10/plain/local:///" + picture + ".jpg", "X-API-Key", its.secret(), "Accept", CHROME);
      assertThat(last().all("Accept")).containsExactly("image/webp");
    });
  }

  private HttpResponse<String> signed(String options, String... fields) throws Exception {
    return node.get(url(options), fields);
  }

  private CompletableFuture<HttpResponse<String>> later(String options, String accept) {
    String url = url(options);
    return CompletableFuture.supplyAsync(() -> {
      try {
        return node.get(url, "Accept", accept);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }, task -> new Thread(task).start());
  }

  private String url(String options) {
    return signer.sign(options, "local:///" + picture + ".jpg", Instant.now().plusSeconds(3600));
  }

  private HttpResponse<String> unsigned(String route, String options, String... fields) throws Exception {
    String[] all = java.util.Arrays.copyOf(fields, fields.length + 2);
    all[fields.length] = "X-API-Key";
    all[fields.length + 1] = key.secret();
    return node.get(route + "/unsafe/" + options + "/plain/local:///" + picture + ".jpg", all);
  }

  private static String field(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private List<Head> asked() {
    List<Head> all = imgproxy.requests();
    return all.subList(asked, all.size());
  }

  private Head last() {
    List<Head> all = imgproxy.requests();
    return all.get(all.size() - 1);
  }
}
