package io.gatehouse.core.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store that speaks S3 is asked, over a socket. */
class S3ObjectsTest {

  private static final String KEY = "secret-of-the-tests";

  @TempDir Path incoming;

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private volatile int status = 200;
  private volatile String authorization = "";
  private volatile String hash = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void objects_are_put_whole_and_deleted_below_the_prefix_of_the_bucket() throws Exception {
    byte[] content = Headers.written("png");
    Path file = Files.write(incoming.resolve("a"), content);
    byte[] sha256 = ObjectName.sha256().digest(content);
    String name = ObjectName.of("acme", sha256, ImageType.PNG);
    String hex = HexFormat.of().formatHex(sha256);
    try (S3Objects objects = open(Optional.of("up/loads"))) {
      objects.put(file, new ObjectStore.Incoming(name, content.length, hex, "image/png"));

      assertThat(hash).isEqualTo(hex);
      assertThat(authorization)
          .startsWith("AWS4-HMAC-SHA256 Credential=id/").contains("/eu-1/s3/aws4_request").doesNotContain(KEY);
      assertThat(objects.source(name)).isEqualTo("s3://images/up/loads/" + name);
      status = 204;
      objects.delete(name);
    }

    assertThat(asked).containsExactly(
        "PUT /images/up/loads/" + name + " image/png " + content.length, "DELETE /images/up/loads/" + name + " null 0");
  }

  @Test
  void what_is_not_there_is_deleted_and_other_answers_are_failures() throws Exception {
    Path file = Files.write(incoming.resolve("a"), new byte[] {1});
    String hex = "ab".repeat(32);
    String name = "acme/ab/" + hex + ".png";
    try (S3Objects objects = open(Optional.empty())) {
      status = 404;
      objects.delete(name);
      status = 503;

      assertThatThrownBy(() -> objects.delete(name)).isInstanceOf(IOException.class).hasMessageContaining("503");
      assertThatThrownBy(() -> objects.put(file, new ObjectStore.Incoming(name, 1, hex, "image/png")))
          .isInstanceOf(IOException.class).hasMessageContaining("503").hasMessageNotContaining(KEY);
      server.stop(0);
      assertThatThrownBy(() -> objects.delete(name)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> objects.delete("../" + name)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  private S3Objects open(Optional<String> prefix) throws IOException {
    URI endpoint = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return S3Objects.open(new S3Objects.Bucket(endpoint, "eu-1", "images", prefix), "id", KEY, incoming);
  }

  private void answer(HttpExchange exchange) throws IOException {
    int length = exchange.getRequestBody().readAllBytes().length;
    authorization = exchange.getRequestHeaders().getFirst("Authorization");
    hash = exchange.getRequestHeaders().getFirst("X-Amz-Content-Sha256");
    asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
        + exchange.getRequestHeaders().getFirst("Content-Type") + " " + length);
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }
}
