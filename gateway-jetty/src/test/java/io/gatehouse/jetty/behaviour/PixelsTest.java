package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Megapixels are counted by what imgproxy tells of its images. */
class PixelsTest {

  private static final String IMAGE = "HTTP/1.1 200 OK\r\nX-Origin-Content-Length: 999\r\nX-Origin-Width: 4000\r\n"
      + "X-Origin-Height: 3000\r\nX-Result-Width: 1500\r\nX-Result-Height: 1000\r\nContent-Length: 3\r\n\r\nimg";

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"pass, 1500", "consume, ''"})
  void images_are_charged_by_their_size_and_clients_see_it_or_do_not(String fields, String seen) throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend((request, wire) -> wire.send(IMAGE));
        GatewayNode node = start(backend, fields)) {
      String user = node.user("alice");
      IssuedKey key = node.key(user);

      HttpResponse<String> first = node.get("/a", "X-API-Key", key.secret());
      await().atMost(Duration.ofSeconds(5)).until(() -> used(node, user) == 1_500_000);
      HttpResponse<String> second = node.get("/a", "X-API-Key", key.secret());
      await().atMost(Duration.ofSeconds(5)).until(() -> used(node, user) == 3_000_000);
      HttpResponse<String> third = node.get("/a", "X-API-Key", key.secret());

      assertThat(first.headers().firstValue("X-Result-Width").orElse("")).isEqualTo(seen);
      assertThat(first.headers().map().keySet().stream().filter(name -> name.toLowerCase().startsWith("x-origin-")))
          .hasSize(fields.equals("pass") ? 3 : 0);
      assertThat(first.headers().firstValue("RateLimit-Policy")).contains("\"pixels-day\";q=2000000;qu=\"pixels\";w=86400");
      assertThat(second.statusCode()).isEqualTo(200);
      assertThat(third.statusCode()).isEqualTo(429);
      assertThat(third.body()).contains("The quota pixels-day of 2 megapixels is used up");
    }
  }

  @Test
  void what_cannot_be_a_size_is_none() throws Exception {
    String odd = IMAGE.replace("1500", "-1500").replace("1000", "99999999999999");
    try (ScriptedBackend backend = new ScriptedBackend((request, wire) -> wire.send(odd));
        GatewayNode node = start(backend, "consume")) {
      String user = node.user("alice");
      IssuedKey key = node.key(user);

      for (int i = 0; i < 3; i++) {
        assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(5)).until(() -> used(node, user) == 0);
      }
    }
  }

  private GatewayNode start(ScriptedBackend backend, String fields) throws Exception {
    return GatewayNode.start(directory, """
        backends: [{url: "%s"}]
        proxy: {imgproxy_debug_fields: %s}
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        quotas: {megapixels_per_day: 2}
        """.formatted(backend.uri(), fields));
  }

  private static long used(GatewayNode node, String user) {
    return node.gatehouse().counts().quotas().used(new QuotaKey(
        user, Meter.PIXELS, Window.DAY, Window.DAY.startAt(Instant.now(), BillingCalendar.UTC)));
  }
}
