package io.gatehouse.jetty.upload;

import static io.gatehouse.jetty.upload.Pictures.png;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.GatewayProcess;
import io.gatehouse.jetty.fixture.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is killed in the middle of uploads leaves, after the next start, nothing half-written and the quota right. */
class KilledUploadsTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir Path directory;

  @Test
  void a_kill_in_the_middle_leaves_what_was_answered_and_nothing_else() throws Exception {
    Path root = directory.resolve("images");
    try (GatewayProcess gateway = new GatewayProcess(directory, "256m", """
        upload: {directory: "%s"}
        quotas: {stored_bytes: 1GiB}
        rate_limits: {ip_level: none, user_level: none, key_level: none}
        """.formatted(root))) {
      String user = admin(gateway, "POST", "users", "{\"name\":\"acme\"}").get("id").textValue();
      String key = admin(gateway, "POST", "keys", "{\"user\":\"" + user + "\"}").get("key").textValue();
      assertThat(upload(gateway, key, png(50_000, 0))).isEqualTo(201);

      for (int kill = 1; kill <= 2; kill++) {
        Wire half = Wire.connect(gateway.port());
        half.send("POST /api/v1/upload HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key + "\r\nContent-Length: 3000000\r\n\r\n");
        half.send(Arrays.copyOf(png(3_000_000, kill), 1_000_000));
        Wire chunked = Wire.connect(gateway.port());
        chunked.send("POST /api/v1/upload HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key + "\r\nTransfer-Encoding: chunked\r\n\r\n");
        chunked.send("100000\r\n").send(Arrays.copyOf(png(2_000_000, -kill), 900_000));
        await().atMost(Duration.ofSeconds(20)).until(() -> files(root).size() >= 2 + stored(gateway, key).size());
        // And some that are just being stored, wherever they are then.
        AtomicInteger number = new AtomicInteger(kill * 1000);
        Thread crowd = new Thread(() -> {
          try {
            while (true) {
              upload(gateway, key, png(20_000, number.incrementAndGet()));
            }
          } catch (IOException | InterruptedException e) {
            // the kill
          }
        });
        crowd.start();
        int before = number.get();
        await().atMost(Duration.ofSeconds(20)).until(() -> number.get() > before + 3);
        Thread.sleep(new Random(kill).nextInt(100));
        gateway.kill();
        crowd.join();
        half.close();
        chunked.close();
        gateway.start();

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
          List<JsonNode> stored = stored(gateway, key);
          assertThat(stored).hasSizeGreaterThan(3);
          assertThat(files(root)).containsExactlyInAnyOrderElementsOf(
              stored.stream().map(each -> each.get("source").textValue().substring("local:///".length())).toList());
          assertThat(charged(gateway, user)).isEqualTo(stored.stream().mapToLong(each -> each.get("bytes").longValue()).sum());
        });
      }
    }
  }

  private static int upload(GatewayProcess gateway, String key, byte[] image) throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1/upload"))
            .header("X-API-Key", key)
            .timeout(Duration.ofSeconds(20))
            .POST(BodyPublishers.ofByteArray(image))
            .build(),
        BodyHandlers.ofString()).statusCode();
  }

  private static List<JsonNode> stored(GatewayProcess gateway, String key) throws IOException, InterruptedException {
    JsonNode page = JSON.readTree(gateway.get("/api/v1/upload?limit=200", "X-API-Key", key).body());
    assertThat(page.get("next").isNull()).isTrue();
    return Stream.iterate(0, i -> i < page.get("uploads").size(), i -> i + 1).map(page.get("uploads")::get).toList();
  }

  private static long charged(GatewayProcess gateway, String user) throws IOException, InterruptedException {
    for (JsonNode each : admin(gateway, "GET", "users/" + user + "/usage", "").get("usage")) {
      if (each.get("meter").textValue().equals("stored-bytes")) {
        return each.get("used").longValue();
      }
    }
    return 0;
  }

  private static JsonNode admin(GatewayProcess gateway, String method, String path, String body)
      throws IOException, InterruptedException {
    return JSON.readTree(CLIENT.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/api/v1/" + path))
            .header("Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN)
            .header("Content-Type", "application/json")
            .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString()).body());
  }

  private static List<String> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.endsWith("lock"))
          .map(file -> root.relativize(file).toString())
          .toList();
    } catch (UncheckedIOException e) {
      return List.of(); // one was just going; asked again
    }
  }
}
