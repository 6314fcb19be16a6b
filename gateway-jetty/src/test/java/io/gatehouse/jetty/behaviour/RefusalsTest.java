package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way in which the gateway says no, through real sockets: status, type, fields, and nothing that it should not say. */
class RefusalsTest {

  @TempDir static Path directory;
  private static ScriptedBackend backend;
  private static GatewayNode node;

  @BeforeAll
  static void start() throws Exception {
    backend = ScriptedBackend.saying("picture");
    node = GatewayNode.start(directory, """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        server: {max_request_body: 1KiB, max_header_size: 4KiB}
        proxy: {response_timeout: 1s}
        """.formatted(backend.uri()));
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    backend.close();
  }

  @Test
  void a_missing_a_malformed_and_an_unknown_key_are_401() throws Exception {
    HttpResponse<String> missing = node.get("/a");
    assertProblem(missing, 401, "key-missing");
    assertThat(missing.headers().firstValue("WWW-Authenticate")).contains("Bearer realm=\"gatehouse\"");

    HttpResponse<String> malformed = node.get("/a", "X-API-Key", "gk_live_nonsense");
    assertProblem(malformed, 401, "key-malformed");
    assertThat(malformed.headers().firstValue("WWW-Authenticate").orElseThrow()).contains("invalid_token");

    String user = node.user("unknown");
    IssuedKey gone = node.key(user);
    node.gatehouse().stores().keys().deleteKey(gone.key().id());
    assertProblem(node.get("/a", "X-API-Key", gone.secret()), 401, "key-invalid");
    assertProblem(node.get("/a", "X-API-Key", gone.secret(), "X-API-Key", gone.secret()), 401, "key-malformed");
  }

  @Test
  void whoever_is_refused_before_a_short_body_came_keeps_the_connection() throws Exception {
    for (String path : List.of("/a", "/api/v1/users")) {
      try (Wire client = Wire.connect(node.port())) {
        Wire.Head head = client.send("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n").head();
        assertThat(head.status()).as(path).isEqualTo(401);
        assertThat(head.first("Connection")).as(path).isEmpty();
        assertThat(client.body(head)).contains("\"status\":401");
        client.send("bodyPOST " + path + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        Wire.Head next = client.head();
        assertThat(next.status()).as(path).isEqualTo(401);
        assertThat(next.first("Connection")).as(path).isEmpty();
      }
    }
  }

  @Test
  void whoever_is_refused_before_a_long_body_came_is_told_that_the_connection_ends() throws Exception {
    for (String framing : List.of("Content-Length: 2000000", "Transfer-Encoding: chunked")) {
      try (Wire client = Wire.connect(node.port())) {
        Wire.Head head = client.send("POST /a HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n\r\n").head();
        assertThat(head.status()).as(framing).isEqualTo(401);
        assertThat(head.all("Connection")).as(framing).containsExactly("close");
        assertThat(client.body(head)).contains("\"status\":401");
        assertThat(client.ends()).as(framing).isTrue();
      }
    }
  }

  @Test
  void whoever_is_refused_in_the_middle_of_an_upload_can_read_why() throws Exception {
    int length = 20 << 20;
    byte[] part = new byte[1 << 20];
    try (Wire client = Wire.connect(node.port())) {
      client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n");
      for (int sent = 0; sent < length; sent += part.length) {
        client.send(part);
      }
      assertThat(client.body(client.head())).contains("\"status\":401");
    }
  }

  @Test
  void the_holder_of_a_disabled_or_expired_key_is_told_so() throws Exception {
    String user = node.user("disabled");
    IssuedKey disabled = node.key(user);
    node.gatehouse().stores().keys().updateKey(disabled.key().withEnabled(false));
    assertProblem(node.get("/a", "Authorization", "Bearer " + disabled.secret()), 401, "key-disabled");

    IssuedKey expired = node.gatehouse().stores().issuer()
        .issue(user, "", Set.of(), Optional.of(Instant.now().plusMillis(300)));
    assertThat(node.get("/a", "X-API-Key", expired.secret()).statusCode()).isEqualTo(200);
    long deadline = System.nanoTime() + 5_000_000_000L;
    HttpResponse<String> last;
    do {
      last = node.get("/a", "X-API-Key", expired.secret());
    } while (last.statusCode() == 200 && System.nanoTime() < deadline);
    assertProblem(last, 401, "key-expired");
  }

  @Test
  void an_address_or_a_request_outside_of_what_is_allowed_is_403() throws Exception {
    String user = node.user("listed");
    IssuedKey key = node.key(user, "GET /images");
    assertThat(node.get("/images/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
    assertProblem(node.get("/other", "X-API-Key", key.secret()), 403, "scope-missing");
    assertProblem(node.send("POST", "/images/a", "x", "X-API-Key", key.secret()), 403, "scope-missing");

    String elsewhere = node.user("elsewhere");
    IssuedKey other = node.key(elsewhere);
    node.gatehouse().stores().whitelist().replaceNetworks(elsewhere, List.of(Cidr.parse("203.0.113.0/24")));
    assertProblem(node.get("/a", "X-API-Key", other.secret()), 403, "address-forbidden");
    assertProblem(
        node.get("/a", "X-API-Key", other.secret(), "X-Forwarded-For", "203.0.113.9"), 403, "address-forbidden");
  }

  @Test
  void beyond_a_limit_and_beyond_a_quota_are_429_of_different_types_that_say_when_to_come_back() throws Exception {
    String limited = node.user("limited");
    node.gatehouse().stores().limits().replaceLimits(Level.USER, limited, Optional.of(List.of(new Limit(60, Duration.ofMinutes(1), 2))));
    IssuedKey key = node.key(limited);
    for (int i = 0; i < 2; i++) {
      HttpResponse<String> passed = node.get("/a", "X-API-Key", key.secret());
      assertThat(passed.statusCode()).isEqualTo(200);
      assertThat(passed.headers().firstValue("X-RateLimit-Remaining")).contains(Integer.toString(1 - i));
    }
    HttpResponse<String> refused = node.get("/a", "X-API-Key", key.secret());
    JsonNode problem = assertProblem(refused, 429, "rate-limit-exceeded");
    assertThat(problem.get("violated-policies").get(0).asText()).isEqualTo("user-minute");
    assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElseThrow())).isBetween(1, 2);
    assertThat(refused.headers().firstValue("RateLimit").orElseThrow()).startsWith("\"user-minute\";r=0;t=");
    assertThat(refused.headers().firstValue("RateLimit-Policy")).contains("\"user-minute\";q=60;w=60");
    assertNotEarlierThanTold(refused);

    String small = node.user("small");
    node.gatehouse().stores().quotas().replaceQuotas(small, Optional.of(List.of(new Quota(Meter.REQUESTS, Window.DAY, 1))));
    IssuedKey other = node.key(small);
    assertThat(node.get("/a", "X-API-Key", other.secret()).statusCode()).isEqualTo(200);
    HttpResponse<String> exhausted = node.get("/a", "X-API-Key", other.secret());
    assertThat(exhausted.statusCode()).isEqualTo(429);
    JsonNode quota = GatewayNode.json(exhausted);
    assertThat(quota.get("type").asText()).isEqualTo("https://iana.org/assignments/http-problem-types#quota-exceeded");
    assertThat(quota.get("violated-policies").get(0).asText()).isEqualTo("requests-day");
    assertThat(Integer.parseInt(exhausted.headers().firstValue("Retry-After").orElseThrow())).isBetween(1, 86_400);
    assertThat(exhausted.headers().firstValue("RateLimit").orElseThrow()).startsWith("\"requests-day\";r=0;t=");
    assertThat(exhausted.headers().firstValue("RateLimit-Policy").orElseThrow()).contains("\"requests-day\";q=1;w=86400");
    assertNotEarlierThanTold(exhausted);
  }

  @Test
  void a_body_or_a_header_that_is_too_large_is_413_or_431() throws Exception {
    IssuedKey key = node.key(node.user("large"));
    assertProblem(node.send("POST", "/a", "x".repeat(1025), "X-API-Key", key.secret()), 413, "content-too-large");
    assertThat(node.send("POST", "/a", "x".repeat(1024), "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
    assertProblem(node.get("/a", "X-Filler", "y".repeat(5000)), 431, "header-fields-too-large");
  }

  @Test
  void what_cannot_be_read_in_one_way_is_400_and_the_connection_ends() throws Exception {
    for (String request : List.of(
        "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /a HTTP/1.1\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "GET /a HTTP/1.1\r\nHost: a\r\nX-A : b\r\n\r\n",
        "GET /a|b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a/%2e%2E/b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GARBAGE\r\n\r\n")) {
      try (Wire wire = Wire.connect(node.port())) {
        Wire.Head head = wire.send(request).head();
        assertThat(head.status()).as(request).isEqualTo(400);
        assertThat(head.first("Content-Type")).as(request).isEqualTo("application/problem+json");
        assertThat(wire.body(head)).as(request).contains("urn:gatehouse:problem:bad-request");
      }
    }
  }

  @Test
  void a_backend_that_breaks_or_is_silent_is_502_or_504_and_costs_nothing() throws Exception {
    String user = node.user("unlucky");
    node.gatehouse().stores().quotas().replaceQuotas(user, Optional.of(List.of(new Quota(Meter.REQUESTS, Window.DAY, 1))));
    IssuedKey key = node.key(user);
    try {
      backend.script((request, wire) -> {
        if (request.target().equals("/health")) {
          wire.send(ScriptedBackend.ok("ok"));
        } else if (request.target().equals("/silent")) {
          Thread.sleep(5_000);
        } else {
          wire.close();
        }
      });
      assertProblem(node.send("POST", "/break", "x", "X-API-Key", key.secret()), 502, "bad-gateway");
      assertProblem(node.get("/silent", "X-API-Key", key.secret()), 504, "gateway-timeout");
    } finally {
      backend.script((request, wire) -> {
        wire.body(request);
        wire.send(ScriptedBackend.ok("picture"));
      });
    }
    assertThat(node.get("/a", "X-API-Key", key.secret()).statusCode()).isEqualTo(200);
  }

  @Test
  void credentials_stay_at_the_gateway_and_identity_cannot_be_forged() throws Exception {
    String user = node.user("careful");
    IssuedKey key = node.key(user);

    node.get("/mine", "X-API-Key", key.secret(), "X-Gatehouse-User", "somebody-else");

    Wire.Head seen = backend.requests().stream().filter(head -> head.target().equals("/mine")).findFirst().orElseThrow();
    assertThat(seen.has("X-API-Key")).isFalse();
    assertThat(seen.all("X-Gatehouse-User")).containsExactly(user);
    assertThat(seen.first("Via")).isEqualTo("1.1 gatehouse");
    assertThat(seen.first("X-Request-Id")).isNotEmpty();
    assertThat(seen.first("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
  }

  /** The draft: Retry-After must not be earlier than t. */
  private static void assertNotEarlierThanTold(HttpResponse<String> refused) {
    long retryAfter = Long.parseLong(refused.headers().firstValue("Retry-After").orElseThrow());
    String limit = refused.headers().firstValue("RateLimit").orElseThrow();
    assertThat(retryAfter).isGreaterThanOrEqualTo(Long.parseLong(limit.substring(limit.indexOf(";t=") + 3)));
  }

  private static JsonNode assertProblem(HttpResponse<String> response, int status, String slug) throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
    JsonNode problem = GatewayNode.json(response);
    assertThat(problem.get("type").asText()).isEqualTo("urn:gatehouse:problem:" + slug);
    assertThat(problem.get("status").asInt()).isEqualTo(status);
    assertThat(response.body()).doesNotContain("Exception").doesNotContain("io.gatehouse").doesNotContain("<html");
    return problem;
  }
}
