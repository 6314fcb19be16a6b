package io.gatehouse.examples.imgproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.examples.imgproxy.Example.Node;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway by gatehouse.yaml, over stand-ins for imgproxy: seed.sh, the requests of the page, and the metrics. */
class FleetTest {

  private static final String URLS = "/api/v1/account/signed-urls";
  private static final String USAGE = "/api/v1/account/usage";
  private static final String UPLOADS = "/api/v1/upload?limit=12";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path directory;
  private static final HttpClient client = HttpClient.newHttpClient();
  private static LocalFleet fleet;
  private static String key;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(
        List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "curl"))),
        "seed.sh needs curl");
    fleet = LocalFleet.start(Example.FOLDER, directory, 0);
    Process seed = fleet.seed().redirectErrorStream(true).start();
    String said = new String(seed.getInputStream().readAllBytes());
    assertThat(seed.waitFor()).as(said).isZero();
    Matcher told = Pattern.compile("Open (\\S+) and paste this key: (gk_live_[0-9A-Za-z]+)\n").matcher(said);
    assertThat(told.matches()).as(said).isTrue();
    assertThat(told.group(1)).isEqualTo(fleet.uri() + "/gallery/");
    key = told.group(2);
  }

  @AfterAll
  static void stop() {
    if (fleet != null) {
      fleet.close();
    }
  }

  @Test
  void the_page_is_for_everybody_and_asks_no_foreign_host() throws Exception {
    HttpResponse<byte[]> page = get("/gallery/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
    String html = new String(page.body());
    assertThat(html)
        .contains("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src blob: data:;")
        .doesNotContain("<style").doesNotContainPattern("<script(?![^>]*src=)").doesNotContainPattern("\\son[a-z]+=")
        .doesNotContain("style=");
    for (String file : List.of("gallery.js", "gallery.css")) {
      HttpResponse<byte[]> part = get("/gallery/" + file);
      assertThat(part.statusCode()).isEqualTo(200);
      assertThat(html).contains("\"" + file + "\"");
      assertThat(new String(part.body())).doesNotContain("://").doesNotContain("innerHTML").doesNotContain("eval(");
    }
    assertThat(html).doesNotContain("://");
    assertThat(get("/gallery/../gatehouse.yaml").statusCode()).isIn(400, 404);
  }

  @Test
  void the_page_makes_the_requests_that_are_made_here() throws Exception {
    String script = Example.text("gallery/gallery.js");
    Set<String> paths = Pattern.compile("\"(/api/[^\"]+)\"").matcher(script).results()
        .map(each -> each.group(1)).collect(Collectors.toSet());
    Set<String> presets = new TreeSet<>();
    Pattern.compile("\\[(\"[a-z]+\", \"[a-z]+\")]").matcher(script).results()
        .forEach(each -> presets.addAll(List.of(each.group(1).replace("\"", "").split(", "))));

    assertThat(paths).containsExactlyInAnyOrder(URLS, USAGE, UPLOADS);
    assertThat(presets).containsExactlyInAnyOrderElementsOf(
        Example.yaml("gatehouse.yaml").at("images", "presets").members().keySet());
  }

  @Test
  void pictures_are_shown_by_their_urls_alone_and_cost_pixels_once() throws Exception {
    JsonNode uploads = json(withKey("GET", UPLOADS, "")).path("uploads");
    assertThat(uploads).hasSize(3);
    for (JsonNode upload : uploads) {
      JsonNode before = pixels();
      HttpResponse<byte[]> picture = get(signed(upload, "thumb"));

      assertThat(picture.statusCode()).as(new String(picture.body())).isEqualTo(200);
      assertThat(ImageIO.read(new ByteArrayInputStream(picture.body()))).extracting("width", "height")
          .containsExactly(300, 200);
      assertThat(picture.headers().firstValue("Cache-Status").orElse("")).contains("gatehouse; fwd=uri-miss");
      await().atMost(PATIENCE).untilAsserted(() -> {
        JsonNode now = pixels();
        assertThat(now.path("used").asLong()).isEqualTo(before.path("used").asLong() + 60_000);
        assertThat(now.path("remaining").asLong()).isEqualTo(before.path("remaining").asLong() - 60_000);
      });

      HttpResponse<byte[]> again = get(signed(upload, "thumb"));
      assertThat(again.headers().firstValue("Cache-Status").orElse("")).contains("gatehouse; hit");
      assertThat(again.body()).isEqualTo(picture.body());
    }
    long used = pixels().path("used").asLong();
    assertThat(get(signed(uploads.get(0), "large")).statusCode()).isEqualTo(200);
    await().atMost(PATIENCE).until(() -> pixels().path("used").asLong() > used);
  }

  @Test
  void the_key_of_the_page_can_do_no_more_than_the_page_does() throws Exception {
    String source = json(withKey("GET", UPLOADS, "")).at("/uploads/0/source").asText();

    assertThat(source).startsWith("local:///gallery/");
    assertThat(withKey("POST", "/api/v1/upload", "x").statusCode()).isEqualTo(403);
    assertThat(withKey("POST", "/api/v1/account/keys", "{}").statusCode()).isEqualTo(403);
    assertThat(fault("{\"source\":\"local:///another/a.jpg\",\"options\":\"preset:thumb\"}")).isEqualTo("source");
    assertThat(fault("{\"source\":\"" + source + "\",\"options\":\"rs:fit:4000:4000\"}")).isEqualTo("options");
    assertThat(fault("{\"source\":\"" + source + "\",\"options\":\"preset:raw\"}")).isEqualTo("options");
    assertThat(get("/unsafe/preset:thumb/plain/" + source).statusCode()).as("there is a route for signed ones only")
        .isEqualTo(404);
    assertThat(get("/api/v1/users").statusCode()).as("administration has another port").isEqualTo(404);
  }

  @Test
  void the_dashboard_asks_for_metrics_and_labels_that_there_are() throws Exception {
    get(signed(json(withKey("GET", UPLOADS, "")).at("/uploads/1"), "thumb"));
    assertThat(get("/nowhere").statusCode()).as("refusals are told of once there are some").isEqualTo(404);
    String path = Example.yaml("prometheus/prometheus.yml").at("scrape_configs", "0", "metrics_path").text();
    byte[] scraped = send(HttpRequest.newBuilder(URI.create(fleet.adminUri() + path))).body();
    List<String> lines = new String(scraped).lines().toList();
    int asked = 0;
    for (Node panel : Example.yaml("grafana/dashboards/gatehouse.json").at("panels").elements()) {
      for (Node target : panel.at("targets").elements()) {
        String expression = target.at("expr").text();
        Set<String> metrics = found("gatehouse_[a-z_]+", expression);
        Set<String> labels = found("(?<=\\{\\{)[a-z_]+(?=}})", target.at("legendFormat").text());
        found("(?<=by \\()[a-z_, ]+(?=\\))", expression).forEach(each -> labels.addAll(List.of(each.split(", "))));
        labels.addAll(found("[a-z_]+(?==\")", expression));
        assertThat(metrics).as(expression).isNotEmpty();
        for (String metric : metrics) {
          List<String> samples = lines.stream().filter(line -> line.matches(metric + "[ {].*")).toList();
          assertThat(samples).as(metric).isNotEmpty();
          assertThat(labels).as(expression).allMatch(label -> samples.get(0).contains(label + "=\""));
          asked++;
        }
      }
    }
    assertThat(asked).isGreaterThan(10);
  }

  private static Set<String> found(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String signed(JsonNode upload, String preset) throws Exception {
    HttpResponse<byte[]> answer = withKey(
        "POST", URLS,
        "{\"source\":\"" + upload.path("source").asText() + "\",\"options\":\"preset:" + preset
            + "\",\"expires_in\":\"5m\"}");
    assertThat(answer.statusCode()).as(new String(answer.body())).isEqualTo(200);
    return json(answer).path("url").asText();
  }

  /** The only faulty field of a URL to sign. */
  private static String fault(String body) throws Exception {
    HttpResponse<byte[]> answer = withKey("POST", URLS, body);
    assertThat(answer.statusCode()).as(new String(answer.body())).isEqualTo(400);
    assertThat(json(answer).path("errors")).hasSize(1);
    return json(answer).at("/errors/0/field").asText();
  }

  private static JsonNode pixels() throws Exception {
    for (JsonNode row : json(withKey("GET", USAGE, "")).path("usage")) {
      if (row.path("meter").asText().equals("pixels") && row.path("window").asText().equals("day")) {
        return row;
      }
    }
    throw new AssertionError("no row of pixels");
  }

  private static HttpResponse<byte[]> get(String target) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(fleet.uri() + target)));
  }

  private static HttpResponse<byte[]> withKey(String method, String target, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(fleet.uri() + target))
            .headers("X-API-Key", key, "Content-Type", "application/json")
            .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
  }

  private static HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofByteArray());
  }

  private static JsonNode json(HttpResponse<byte[]> answer) throws Exception {
    return JSON.readTree(answer.body());
  }
}
