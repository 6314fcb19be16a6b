package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which paths are the gateway's own, and that all others reach the backend byte for byte. */
class PathsTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/insecure/rs:fit:300:200/plain/local:///a%2Fb.jpg@webp",
        "/", "//", "//a//b//", "/%2F", "/a%2Fb", "/%25", "/a%252Fb", "/a+b", "/a;b=c;d", "/a?", "/a?x=1&y=%20+%2B;z",
        "/a??b", "/plain/http://example.com/x.png", "/plain/http%3A%2F%2Fexample.com%2Fx.png", "/%5Cb", "/%FF%fe",
        "/a%20b", "/~user/*!$'()@:=,", "/healthy", "/health/", "/health/else", "/%68ealth", "//health", "/health;x",
        "/metricsx", "/api/v1", "/api/v2/users", "/_", "/a?api/v1/"
      })
  void everything_that_is_not_reserved_reaches_the_backend_byte_for_byte(String target) throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, yaml(backend, ""))) {
      IssuedKey key = node.key(node.user("alice"));
      try (Wire wire = Wire.connect(node.port())) {
        Wire.Head head =
            wire.send("GET " + target + " HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key.secret() + "\r\n\r\n").head();

        assertThat(head.status()).isEqualTo(200);
        assertThat(backend.requests()).extracting(Wire.Head::target).contains(target);
      }
    }
  }

  @Test
  void reserved_paths_are_served_without_a_key_and_never_forwarded() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, yaml(backend, ""))) {
      for (String path : List.of("/health", "/health/live", "/health/ready", "/health/backends", "/metrics")) {
        assertThat(node.get(path).statusCode()).as(path).isEqualTo(200);
      }
      assertThat(node.get("/health").headers().firstValue("Content-Type")).contains("application/json");
      assertThat(node.send("POST", "/health", "x").statusCode()).isEqualTo(405);
      assertThat(node.get("/api/v1/users").statusCode()).isEqualTo(401);
      assertThat(node.admin("GET", "/api/v1/users", "").statusCode()).isEqualTo(200);
      assertThat(node.get("/_/").body()).contains("<!doctype html>");
      assertThat(node.get("/_/nothing").statusCode()).isEqualTo(404);
      assertThat(node.admin("GET", "/health/backends", "").body()).contains(backend.uri().toString());
      assertThat(node.get("/health/backends").body()).doesNotContain("127.0.0.1");
      assertThat(backend.requests()).extracting(Wire.Head::target).allMatch("/health"::equals);
    }
  }

  @Test
  void administration_can_have_a_port_of_its_own() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, yaml(backend, "admin: {listen: \"127.0.0.1:0\"}"))) {
      IssuedKey key = node.key(node.user("alice"));
      URI admin = node.server().adminUri().orElseThrow();

      assertThat(get(admin, "/api/v1/users").statusCode()).isEqualTo(200);
      assertThat(get(admin, "/metrics").statusCode()).isEqualTo(200);
      assertThat(get(admin, "/health").statusCode()).isEqualTo(200);
      assertThat(get(admin, "/picture").statusCode()).isEqualTo(404);
      assertThat(node.admin("GET", "/api/v1/users", "").statusCode())
          .as("on the port of the traffic it is a path like any other")
          .isEqualTo(401);
      assertThat(node.get("/metrics", "X-API-Key", key.secret()).body()).isEqualTo("picture");
    }
  }

  @Test
  void metrics_tell_what_happened() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, yaml(backend, ""))) {
      IssuedKey key = node.key(node.user("alice"));
      node.get("/a", "X-API-Key", key.secret());
      node.get("/a");

      String metrics = node.get("/metrics").body();

      assertThat(metrics)
          .contains("gatehouse_requests_total{outcome=\"answered\",route=\"-\",status=\"2xx\"} 1.0")
          .containsPattern("gatehouse_refusals_total\\{.*reason=\"key_missing\".*} 1.0")
          .contains("gatehouse_backend_healthy{backend=\"" + backend.uri() + "\",pool=\"default\"} 1.0")
          .contains("gatehouse_response_bytes_total{route=\"-\"} 7.0")
          .contains("jvm_memory_used_bytes")
          .doesNotContain(key.secret())
          .doesNotContain("alice");
    }
  }

  private static HttpResponse<String> get(URI admin, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(admin.resolve(path)).header("Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
  }

  private static String yaml(ScriptedBackend backend, String more) {
    return """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        %s
        """.formatted(backend.uri(), more);
  }
}
