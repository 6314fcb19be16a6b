package io.gatehouse.jetty.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Does over HTTP what the printed lines do with curl. */
class DemoTest {

  private static final Pattern CURL = Pattern.compile("curl [^']*(?:-H '([^:]+): ([^']+)' )?'(http[^']+)'");
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path directory;

  @Test
  void every_line_that_is_printed_gives_what_it_promises() throws Exception {
    try (Demo demo = Demo.start("127.0.0.1", 0, Optional.empty())) {
      HttpResponse<byte[]> saved = send(demo.steps().get(0));
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(saved.body()));
      assertThat(saved.headers().firstValue("Content-Type")).contains("image/png");
      assertThat(image.getWidth()).isEqualTo(300);
      assertThat(image.getHeight()).isEqualTo(200);

      HttpResponse<byte[]> limits = send(demo.steps().get(1));
      assertThat(limits.headers().firstValue("X-RateLimit-Limit")).contains("600");
      assertThat(limits.headers().firstValue("RateLimit")).isPresent();

      HttpResponse<byte[]> keyless = send(demo.steps().get(2));
      assertThat(keyless.statusCode()).isEqualTo(401);
      assertThat(keyless.headers().firstValue("Content-Type")).contains("application/problem+json");

      Map<String, Integer> answered = new TreeMap<>();
      for (int i = 0; i < 10; i++) {
        String name = send(demo.steps().get(3)).headers().firstValue("X-Sample-Backend").orElseThrow();
        answered.merge(name, 1, Integer::sum);
      }
      assertThat(answered).containsExactly(Map.entry("a", 7), Map.entry("b", 3));

      JsonNode usage = new ObjectMapper().readTree(send(demo.steps().get(4)).body()).get("usage");
      assertThat(usage.get(0).get("meter").textValue()).isEqualTo("requests");
      assertThat(usage.get(0).get("used").intValue()).isEqualTo(12);
      assertThat(usage.get(0).get("most").intValue()).isEqualTo(10_000);
    }
  }

  @Test
  void the_page_shows_pictures_to_whoever_has_no_key() throws Exception {
    try (Demo demo = Demo.start("127.0.0.1", 0, Optional.empty())) {
      String page = HTTP.send(HttpRequest.newBuilder(demo.page()).build(), HttpResponse.BodyHandlers.ofString()).body();
      List<String> pictures =
          Pattern.compile("<img src=\"([^\"]+)\"").matcher(page).results().map(found -> found.group(1)).toList();

      assertThat(pictures).hasSize(6).allMatch(url -> url.startsWith(demo.uri() + "/i/"));
      assertThat(page).doesNotContain(demo.key()).doesNotContain("gss_");
      for (String picture : pictures) {
        HttpResponse<byte[]> answer =
            HTTP.send(HttpRequest.newBuilder(URI.create(picture)).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).as(picture).isEqualTo(200);
        assertThat(ImageIO.read(new ByteArrayInputStream(answer.body())).getWidth()).isBetween(100, 600);
      }
      String other = pictures.get(0).replaceFirst("600:400", "4000:4000");
      assertThat(HTTP.send(HttpRequest.newBuilder(URI.create(other)).build(), HttpResponse.BodyHandlers.ofString())
              .statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void what_was_kept_goes_with_the_demo_unless_it_has_a_place() throws Exception {
    Path data = directory.resolve("kept");
    String first;
    try (Demo demo = Demo.start("127.0.0.1", 0, Optional.of(data))) {
      first = demo.key();
      assertThat(get(demo, first).statusCode()).isEqualTo(200);
    }
    assertThat(data.resolve("gatehouse.db")).exists();

    try (Demo demo = Demo.start("127.0.0.1", 0, Optional.of(data))) {
      assertThat(get(demo, demo.key()).statusCode()).isEqualTo(200);
      // Keys that were used last are looked up ahead at the start, this one perhaps before the demo has deleted it.
      await().atMost(Duration.ofSeconds(20)).until(() -> get(demo, first).statusCode() == 401);
    }
  }

  @Test
  void a_directory_of_its_own_is_deleted() throws Exception {
    Path before = Path.of(System.getProperty("java.io.tmpdir"));
    Path own;
    try (Demo demo = Demo.start("127.0.0.1", 0, Optional.empty())) {
      own = demo.data();
      assertThat(own).startsWith(before).isNotEmptyDirectory();
    }
    assertThat(Files.exists(own)).isFalse();
  }

  private static HttpResponse<byte[]> get(Demo demo, String key) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(demo.uri().resolve("/x/rs:fit:30:20/plain/local:///sunset.jpg"))
            .header("X-API-Key", key)
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private static HttpResponse<byte[]> send(Demo.Step step) throws Exception {
    Matcher curl = CURL.matcher(step.command());
    assertThat(curl.find()).describedAs(step.title()).isTrue();
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(curl.group(3)));
    if (curl.group(1) != null) {
      request.header(curl.group(1), curl.group(2));
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }
}
