package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.RecordedImgproxy;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * What recorded answers and the real imgproxy have in common: against the one that {@code IMGPROXY_BIN} names
 * or the PATH has, or else against the recorded one; the report of the test says which.
 */
class ImgproxyTest {
  @TempDir static Path directory;
  private static RecordedImgproxy recorded;
  private static Process process;
  private static GatewayNode node;
  private static UrlSigner signer;

  @BeforeAll
  static void start(TestReporter reporter) throws Exception {
    Optional<Path> binary = binary();
    reporter.publishEntry("imgproxy", binary.map(Path::toString).orElse("recorded"));
    URI backend;
    if (binary.isPresent()) {
      backend = start(binary.get());
    } else {
      recorded = new RecordedImgproxy();
      backend = recorded.uri();
    }
    node = GatewayNode.start(directory.resolve("node"), """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        images: {key: %s, salt: %s, secret: %s, sources: ["local:///"]}
        """.formatted(backend, RecordedImgproxy.KEY, RecordedImgproxy.SALT, RecordedImgproxy.SECRET));
    IssuedKey key = node.key(node.user("alice"));
    signer = new UrlSigner(
        key.key().id(), node.gatehouse().stores().signing().issue(key.key().id()).orElseThrow().secret());
  }

  private static Optional<Path> binary() {
    String named = System.getenv("IMGPROXY_BIN");
    if (named != null && !named.isEmpty()) {
      return Optional.of(Path.of(named));
    }
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, "imgproxy")).filter(Files::isExecutable).findFirst();
  }

  private static URI start(Path binary) throws Exception {
    Path pictures = Files.createDirectories(directory.resolve("pictures"));
    ImageIO.write(new BufferedImage(1200, 800, BufferedImage.TYPE_INT_RGB), "jpg", pictures.resolve("a.jpg").toFile());
    Files.writeString(pictures.resolve("broken.jpg"), "not a picture");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    ProcessBuilder builder = new ProcessBuilder(binary.toString()).redirectErrorStream(true)
        .redirectOutput(directory.resolve("imgproxy.log").toFile());
    builder.environment().putAll(Map.of(
        "IMGPROXY_BIND", "127.0.0.1:" + port, "IMGPROXY_KEY", RecordedImgproxy.KEY, "IMGPROXY_SALT", RecordedImgproxy.SALT,
        "IMGPROXY_SECRET", RecordedImgproxy.SECRET, "IMGPROXY_LOCAL_FILESYSTEM_ROOT", pictures.toString(),
        "IMGPROXY_ENABLE_DEBUG_HEADERS", "true", "IMGPROXY_USE_ETAG", "true"));
    process = builder.start();
    URI uri = URI.create("http://127.0.0.1:" + port);
    HttpClient client = HttpClient.newHttpClient();
    await().atMost(Duration.ofSeconds(30)).ignoreExceptionsInstanceOf(IOException.class).until(() -> client.send(
        HttpRequest.newBuilder(uri.resolve("/health")).build(), HttpResponse.BodyHandlers.discarding()).statusCode() == 200);
    return uri;
  }

  @AfterAll
  static void stop() throws Exception {
    if (node != null) {
      node.close();
    }
    if (recorded != null) {
      recorded.close();
    }
    if (process != null) {
      process.destroy();
      process.waitFor(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void a_picture_comes_without_debug_fields_and_is_fresh_as_long_as_its_url() throws Exception {
    HttpResponse<String> answer = get("rs:fit:300:200", "a.jpg");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("image/");
    assertThat(answer.headers().firstValue("Cache-Control").orElse("")).containsPattern("max-age=[0-9]{1,4}\\b");
    assertThat(answer.headers().map().keySet().stream().map(String::toLowerCase))
        .noneMatch(name -> name.startsWith("x-origin-") || name.startsWith("x-result-"));
  }

  @Test
  void head_says_what_get_would() throws Exception {
    HttpResponse<String> head = node.send("HEAD", url("rs:fit:300:200", "a.jpg"), "");

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("Content-Type").orElse("")).startsWith("image/");
    assertThat(head.body()).isEmpty();
  }

  @Test
  void a_picture_that_is_known_is_not_sent_again() throws Exception {
    Optional<String> tag = get("rs:fit:300:200", "a.jpg").headers().firstValue("ETag");

    assertThat(tag).isPresent();
    assertThat(node.get(url("rs:fit:300:200", "a.jpg"), "If-None-Match", tag.get()).statusCode()).isEqualTo(304);
  }

  @Test
  void what_is_wrong_with_a_source_is_told_and_not_kept() throws Exception {
    HttpResponse<String> missing = get("w:10", "missing.jpg");
    HttpResponse<String> broken = get("w:10", "broken.jpg");

    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(broken.statusCode()).isEqualTo(422);
    assertThat(missing.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(broken.headers().firstValue("Cache-Control")).contains("no-store");
  }

  private static HttpResponse<String> get(String options, String file) throws Exception {
    return node.get(url(options, file));
  }

  private static String url(String options, String file) {
    return signer.sign(options, "local:///" + file, Instant.now().plusSeconds(3600));
  }
}
