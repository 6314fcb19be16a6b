package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.Wire;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the console is served, through real sockets. What it does is tested in gateway-console, with a browser. */
class ConsoleTest {

  private static final Path SOURCES = Path.of("..", "gateway-console").toAbsolutePath().normalize();
  private static final Pattern FILE = Pattern.compile("(?:href|src)=\"([^\"]+)\"");

  @TempDir static Path directory;
  private static GatewayNode node;

  @BeforeAll
  static void start() throws Exception {
    node = GatewayNode.start(directory.resolve("shared"), "backends: []");
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void the_page_may_run_its_own_scripts_and_talk_to_its_own_origin_and_nothing_else() throws Exception {
    HttpResponse<String> page = node.get("/_/");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(field(page, "Content-Type")).isEqualToIgnoringWhitespace("text/html;charset=utf-8");
    assertThat(field(page, "Content-Security-Policy").split("; "))
        .contains("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
            "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'")
        .noneMatch(each -> each.contains("unsafe") || each.contains("http") || each.contains("*"));
    assertThat(field(page, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(field(page, "Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(page.body()).doesNotContain("http:", "https:").doesNotContainPattern("<style|\\s(style|on\\w+)=");
  }

  @Test
  void the_page_is_asked_for_again_each_time_and_its_files_never_as_their_names_change_with_them() throws Exception {
    HttpResponse<String> page = node.get("/_/");
    List<String> files = FILE.matcher(page.body()).results().map(file -> file.group(1)).toList();

    assertThat(field(page, "Cache-Control")).isEqualTo("no-cache");
    assertThat(files).hasSize(3).allSatisfy(name -> {
      HttpResponse<String> file = node.get("/_/" + name);
      assertThat(file.statusCode()).isEqualTo(200);
      assertThat(field(file, "Cache-Control")).isEqualTo("public, max-age=31536000, immutable");
      assertThat(field(file, "Content-Type")).startsWith(
          name.endsWith(".js") ? "text/javascript" : name.endsWith(".css") ? "text/css" : "image/svg+xml");
      assertThat(file.body()).isEqualTo(Files.readString(SOURCES.resolve("dist").resolve(name)));
      String tag = field(file, "ETag");
      assertThat(node.get("/_/" + name, "If-None-Match", "\"x\", W/" + tag).statusCode()).isEqualTo(304);
      assertThat(node.get("/_/" + name, "If-None-Match", "\"x\"").statusCode()).isEqualTo(200);
    });
  }

  @Test
  void who_takes_gzip_gets_it_under_a_tag_of_its_own() throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port() + "/_/"))
        .header("Accept-Encoding", "br, gzip;q=0.5")
        .build();

    HttpResponse<byte[]> zipped = HttpClient.newHttpClient().send(request, BodyHandlers.ofByteArray());
    HttpResponse<String> plain = node.get("/_/", "Accept-Encoding", "gzip;q=0");

    assertThat(zipped.headers().firstValue("Content-Encoding")).contains("gzip");
    assertThat(unzipped(zipped.body())).isEqualTo(plain.body());
    assertThat(zipped.headers().firstValue("ETag")).isNotEqualTo(plain.headers().firstValue("ETag"));
    assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(field(plain, "Vary")).isEqualTo("Accept-Encoding");
  }

  @Test
  void a_head_has_no_body_and_other_methods_are_not_allowed() throws Exception {
    HttpResponse<String> head = node.send("HEAD", "/_/", "");
    HttpResponse<String> post = node.send("POST", "/_/", "x");

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValueAsLong("Content-Length").orElse(0)).isGreaterThan(100);
    assertThat(post.statusCode()).isEqualTo(405);
    assertThat(field(post, "Allow")).isEqualTo("GET, HEAD");
    assertThat(field(post, "Content-Security-Policy")).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "/_/files.txt", "/_/../_/index.html", "/_/%2e%2e/ConsoleServlet.class", "/_/..%2fConsoleServlet.class",
      "/_//index.html", "/_/./index.html", "/_/index.html/", "/_/%69ndex.html", "/_/files/index.html",
      "/_/..;/admin/index.html", "/_/index.html%00"})
  void no_path_leads_anywhere_else(String target) throws Exception {
    try (Wire wire = Wire.connect(node.port())) {
      int status = wire.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n").head().status();

      assertThat(status).isIn(400, 404);
    }
  }

  @Test
  void whoever_comes_learns_where_the_token_is_and_not_what_it_is() throws Exception {
    HttpResponse<String> said = node.get("/_/sign-in.json");
    assertThat(said.body()).isEqualTo("{\"token_in_file\":false}");
    assertThat(field(said, "Cache-Control")).isEqualTo("no-store");

    try (GatewayNode fresh = GatewayNode.start(directory.resolve("fresh"), "backends: []", "GATEHOUSE_ADMIN_TOKEN", "")) {
      assertThat(fresh.get("/_/sign-in.json").body()).isEqualTo("{\"token_in_file\":true}");
    }
  }

  @Test
  void it_is_where_administration_is_and_nowhere_else() throws Exception {
    try (GatewayNode split =
        GatewayNode.start(directory.resolve("split"), "{backends: [], admin: {listen: \"127.0.0.1:0\"}}")) {
      String root = split.server().adminUri().orElseThrow().toString();

      assertThat(get(root + "/_/").statusCode()).isEqualTo(200);
      assertThat(get(root + "/api/v1/live").statusCode()).isEqualTo(401);
      assertThat(GatewayNode.json(split.get("/_/")).get("type").textValue()).endsWith(":key-missing");
      assertThat(GatewayNode.json(split.get("/api/v1/live")).get("type").textValue()).endsWith(":key-missing");
    }
  }

  @Test
  void it_can_be_left_out() throws Exception {
    try (GatewayNode without =
        GatewayNode.start(directory.resolve("without"), "{backends: [], admin: {console: false}}")) {
      assertThat(without.get("/_/").statusCode()).isEqualTo(404);
      assertThat(without.get("/_/sign-in.json").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void what_is_committed_is_what_the_sources_build() throws Exception {
    assumeTrue(
        Files.isDirectory(SOURCES.resolve("node_modules")) && canRun("node", "--version"),
        "needs Node and, in gateway-console, npm ci");

    Process check = new ProcessBuilder("node", "build.mjs", "--check").directory(SOURCES.toFile()).redirectErrorStream(true).start();
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(check.waitFor()).as(said).isZero();
  }

  private static boolean canRun(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(Stream.of(command).toList()).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static HttpResponse<String> get(String address) throws Exception {
    return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString());
  }

  private static String unzipped(byte[] bytes) throws IOException {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String field(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
