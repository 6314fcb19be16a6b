package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.tls.Authority;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backends that speak TLS, certified by an authority of the operator's own. */
class HttpsBackendTest {

  @TempDir static Path made;
  private static Authority authority;
  private static Authority.Pair certified;

  @TempDir Path directory;

  @BeforeAll
  static void make() throws Exception {
    authority = new Authority(made.resolve("ours"));
    certified = authority.issue("backend", "EC", "ip:127.0.0.1");
  }

  @Test
  void what_the_given_authority_certifies_is_asked_and_probed() throws Exception {
    try (ScriptedBackend backend = backend(certified);
        GatewayNode node = start(backend, "tls: {ca_certificates: \"" + authority.certificate() + "\"}")) {
      HttpResponse<String> response = node.get("/a");

      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("secured");
      assertThat(node.send("POST", "/b", "x".repeat(100_000)).statusCode()).isEqualTo(200);
      await().atMost(Duration.ofSeconds(10)).until(() -> probes(backend) >= 2);
      assertThat(standing(node).usable()).isTrue();
    }
  }

  @Test
  void a_backend_that_nobody_vouches_for_is_not_asked() throws Exception {
    try (ScriptedBackend backend = backend(certified); GatewayNode node = start(backend, "max_attempts: 1")) {
      assertThat(node.get("/a").statusCode()).isBetween(502, 503);
      await().atMost(Duration.ofSeconds(20)).until(() -> !standing(node).usable());
      assertThat(standing(node).lastError()).hasValueSatisfying(error -> assertThat(error).contains("PKIX"));
      assertThat(backend.requests()).isEmpty();
    }
  }

  @Test
  void a_backend_of_another_name_is_not_asked() throws Exception {
    Authority.Pair misnamed = authority.issue("backend", "EC", "dns:images.example");
    try (ScriptedBackend backend = backend(misnamed);
        GatewayNode node = start(
            backend, "max_attempts: 1, tls: {ca_certificates: \"" + authority.certificate() + "\"}")) {
      assertThat(node.get("/a").statusCode()).isBetween(502, 503);
      await().atMost(Duration.ofSeconds(20)).until(() -> !standing(node).usable());
      assertThat(backend.requests()).isEmpty();
    }
  }

  @Test
  void without_verification_any_backend_will_do() throws Exception {
    Authority.Pair misnamed = authority.issue("backend", "RSA", "dns:images.example");
    try (ScriptedBackend backend = backend(misnamed); GatewayNode node = start(backend, "tls: {verify: false}")) {
      assertThat(node.get("/a").body()).isEqualTo("secured");
      await().atMost(Duration.ofSeconds(10)).until(() -> probes(backend) >= 2);
      assertThat(standing(node).usable()).isTrue();
    }
  }

  @Test
  void a_file_of_authorities_that_cannot_be_used_stops_the_start() throws Exception {
    try (ScriptedBackend backend = backend(certified)) {
      assertThatThrownBy(() -> start(backend, "tls: {ca_certificates: \"" + certified.key() + "\"}"))
          .isInstanceOf(SettingsException.class)
          .hasMessage(certified.key()
              + ": proxy.tls.ca_certificates: only PRIVATE KEY (expected: -----BEGIN CERTIFICATE-----)");
    }
  }

  private static ScriptedBackend backend(Authority.Pair pair) throws IOException {
    return new ScriptedBackend((request, wire) -> {
      wire.body(request);
      wire.send(ScriptedBackend.ok("secured"));
    }, pair.context());
  }

  private GatewayNode start(ScriptedBackend backend, String proxy) throws IOException {
    return GatewayNode.start(directory, """
        backends: [{url: "%s", health_check_interval: 500ms}]
        health_check: {timeout: 500ms, fast_interval: 100ms}
        proxy: {%s}
        auth: {required: false}
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        """.formatted(backend.uri(), proxy));
  }

  private static long probes(ScriptedBackend backend) {
    return backend.requests().stream().filter(head -> head.target().equals("/health")).count();
  }

  private static Standing standing(GatewayNode node) {
    return node.gatehouse().pool().standings().get(0);
  }
}
