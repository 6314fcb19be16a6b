package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.tls.Authority;
import io.gatehouse.core.tls.Trust;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The port speaks TLS, takes up a new certificate while it runs, and is otherwise the port that it was. */
class TlsTest {

  private static final String NAMES = "dns:localhost,ip:127.0.0.1";

  @TempDir static Path made;
  private static Authority authority;
  private static Authority.Pair first;
  private static SSLContext trusting;

  @TempDir Path directory;

  @BeforeAll
  static void make() throws Exception {
    authority = new Authority(made);
    first = authority.issue("first", "EC", NAMES);
    trusting = Trust.of(authority.certificate()).context();
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void both_versions_of_http_are_spoken_and_the_backend_is_told_that_it_was_https(Version version) throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = start(backend, first, "")) {
      HttpResponse<String> response = get(node, version, "/a");

      assertThat(response.version()).isEqualTo(version);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("picture");
      Wire.Head asked = asked(backend, "/a");
      assertThat(asked.first("X-Forwarded-Proto")).isEqualTo("https");
      assertThat(asked.first("X-Forwarded-Host")).isEqualTo("127.0.0.1:" + node.port());
      assertThat(node.server().uri()).hasScheme("https");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "Ed25519"})
  void other_kinds_of_keys_do_as_well(String algorithm) throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = start(backend, authority.issue("server", algorithm, NAMES), "")) {
      assertThat(get(node, Version.HTTP_2, "/a").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void tls_1_2_is_spoken_only_where_it_is_allowed() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture")) {
      try (GatewayNode strict = start(backend, first, "")) {
        assertThat(protocol(strict, "TLSv1.3")).isEqualTo("TLSv1.3");
        assertThatThrownBy(() -> protocol(strict, "TLSv1.2")).isInstanceOf(SSLException.class);
      }
      try (GatewayNode lenient = start(backend, first, ", minimum_version: 1.2")) {
        assertThat(protocol(lenient, "TLSv1.3")).isEqualTo("TLSv1.3");
        assertThat(protocol(lenient, "TLSv1.2")).isEqualTo("TLSv1.2");
        assertThatThrownBy(() -> protocol(lenient, "TLSv1.1")).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void a_new_certificate_is_for_new_connections_and_half_of_one_for_none() throws Exception {
    Authority.Pair live = new Authority.Pair(
        Files.copy(first.certificate(), directory.resolve("live.pem")),
        Files.copy(first.key(), directory.resolve("live.key")));
    Authority.Pair second = authority.issue("second", "RSA", NAMES);
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = start(backend, live, "");
        Wire before = secure(node)) {
      assertThat(status(before)).isEqualTo(200);
      assertThat(name(node)).isEqualTo("CN=first");

      Authority.Pair.replace(second.certificate(), live.certificate());
      await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(20)).until(() -> name(node).equals("CN=first"));
      Authority.Pair.replace(second.key(), live.key());
      await().atMost(Duration.ofSeconds(20)).until(() -> name(node).equals("CN=second"));

      assertThat(status(before)).as("the connection that was there").isEqualTo(200);
      assertThat(get(node, Version.HTTP_2, "/a").statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_client_that_leaves_while_it_waits_frees_the_backend(boolean afterNewKeys) throws Exception {
    try (ScriptedBackend backend = new ScriptedBackend((request, wire) -> {
          if (request.target().equals("/slow")) {
            Thread.sleep(60_000);
          }
          wire.send(ScriptedBackend.ok("ok"));
        });
        GatewayNode node = start(backend, first, "")) {
      try (Wire client = secure(node)) {
        client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        await().atMost(Duration.ofSeconds(10)).until(() -> inFlight(node) == 1);
        if (afterNewKeys) {
          ((SSLSocket) client.socket()).startHandshake(); // in TLS 1.3: a record that updates the keys, and no more
          await().during(Duration.ofSeconds(1)).until(() -> inFlight(node) == 1);
        }
      }

      await().atMost(Duration.ofSeconds(5)).until(() -> inFlight(node) == 0);
    }
  }

  @Test
  void requests_are_read_as_strictly_as_in_clear_text() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = start(backend, first, "")) {
      for (String request : List.of(
          "GET /a HTTP/1.1\nHost: a\n\n",
          "GET /a HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
          "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
          "GET http://a/a HTTP/1.1\r\nHost: a\r\n\r\n")) {
        try (Wire client = secure(node)) {
          Wire.Head refused = client.send(request).head();
          assertThat(refused.status()).as(request).isEqualTo(400);
          assertThat(refused.first("Connection")).as(request).isEqualTo("close");
        }
      }
      assertThat(backend.requests()).noneMatch(head -> head.target().equals("/a"));
      try (Wire client = secure(node)) {
        assertThat(client.send("GET https://a/a HTTP/1.1\r\nHost: a\r\n\r\n").head().status()).isEqualTo(200);
      }
      assertThat(asked(backend, "/a").first("X-Forwarded-Proto")).isEqualTo("https");
    }
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void a_trusted_proxy_may_say_that_its_client_spoke_in_clear_text_and_nobody_else(Version version) throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode alone = start(backend, first, "");
        GatewayNode behind = GatewayNode.start(
            directory.resolve("behind"), yaml(backend, first, "", "trusted_proxies: [127.0.0.1],", ""))) {
      get(alone, version, "/alone", "X-Forwarded-Proto", "http");
      get(behind, version, "/told", "X-Forwarded-Proto", "http");
      get(behind, version, "/untold");

      assertThat(asked(backend, "/alone").all("X-Forwarded-Proto")).containsExactly("https");
      assertThat(asked(backend, "/told").all("X-Forwarded-Proto")).containsExactly("http");
      assertThat(asked(backend, "/untold").all("X-Forwarded-Proto")).containsExactly("https");
    }
  }

  @Test
  void without_http2_alpn_agrees_on_http_1_1() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, yaml(backend, first, "", "http2: false,", ""))) {
      assertThat(get(node, Version.HTTP_2, "/a").version()).isEqualTo(Version.HTTP_1_1);
    }
  }

  @Test
  void a_handshake_that_is_not_ended_is_cut_off() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(directory, yaml(backend, first, "", "read_timeout: 1s,", ""));
        Wire silent = Wire.connect(node.port())) {
      // A record that announces 512 bytes, of which one comes at a time.
      silent.send(new byte[] {22, 3, 1, 2, 0});
      boolean cut = false;
      for (int i = 0; i < 200 && !cut; i++) {
        try {
          silent.send(new byte[1]);
          Thread.sleep(50);
        } catch (IOException e) {
          cut = true;
        }
      }

      assertThat(cut).isTrue();
      assertThat(get(node, Version.HTTP_1_1, "/a").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void administration_may_speak_tls_on_its_own_port() throws Exception {
    try (ScriptedBackend backend = ScriptedBackend.saying("picture");
        GatewayNode node = GatewayNode.start(
            directory, yaml(backend, first, "", "", "admin: {listen: \"127.0.0.1:0\", tls: true}\n"))) {
      URI admin = node.server().adminUri().orElseThrow();
      HttpRequest request = HttpRequest.newBuilder(admin.resolve("/api/v1/users"))
          .header("Authorization", "Bearer " + GatewayNode.ADMIN_TOKEN).build();

      assertThat(admin).hasScheme("https");
      assertThat(client(Version.HTTP_2).send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void files_that_cannot_be_used_stop_the_start() throws Exception {
    Authority.Pair other = authority.issue("other", "EC", NAMES);
    try (ScriptedBackend backend = ScriptedBackend.saying("picture")) {
      assertThatThrownBy(() -> start(backend, new Authority.Pair(first.certificate(), other.key()), ""))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("server.tls.private_key: the key of another certificate");
      assertThatThrownBy(() -> start(backend, new Authority.Pair(directory.resolve("no.pem"), other.key()), ""))
          .isInstanceOf(SettingsException.class)
          .hasMessage(directory.resolve("no.pem") + ": server.tls.certificate: no such file");
      assertThatThrownBy(() -> start(backend, new Authority.Pair(first.certificate(), first.certificate()), ""))
          .isInstanceOf(SettingsException.class)
          .hasMessageStartingWith(first.certificate() + ": server.tls: only CERTIFICATE");
    }
  }

  private GatewayNode start(ScriptedBackend backend, Authority.Pair pair, String more) throws IOException {
    return GatewayNode.start(directory, yaml(backend, pair, more, "", ""));
  }

  private static String yaml(ScriptedBackend backend, Authority.Pair pair, String tls, String server, String more) {
    return """
        server: {%s tls: {certificate: "%s", private_key: "%s"%s}}
        backends: [{url: "%s"}]
        auth: {required: false}
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        """.formatted(server, pair.certificate(), pair.key(), tls, backend.uri()) + more;
  }

  private static HttpClient client(Version version) {
    return HttpClient.newBuilder().version(version).sslContext(trusting).build();
  }

  private static HttpResponse<String> get(GatewayNode node, Version version, String target, String... fields)
      throws Exception {
    URI uri = URI.create("https://127.0.0.1:" + node.port() + target);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20));
    if (fields.length > 0) {
      request.headers(fields);
    }
    return client(version).send(request.build(), BodyHandlers.ofString());
  }

  private static Wire secure(GatewayNode node) throws IOException {
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), node.port());
    return new Wire(trusting.getSocketFactory().createSocket(plain, "localhost", node.port(), true));
  }

  private static int status(Wire wire) throws IOException {
    Wire.Head head = wire.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").head();
    wire.body(head);
    return head.status();
  }

  private static String protocol(GatewayNode node, String only) throws IOException {
    try (Wire wire = secure(node)) {
      SSLSocket socket = (SSLSocket) wire.socket();
      socket.setEnabledProtocols(new String[] {only});
      socket.startHandshake();
      return socket.getSession().getProtocol();
    }
  }

  private static String name(GatewayNode node) throws IOException {
    try (Wire wire = secure(node)) {
      SSLSocket socket = (SSLSocket) wire.socket();
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSubjectX500Principal().getName();
    }
  }

  private static Wire.Head asked(ScriptedBackend backend, String target) {
    return backend.requests().stream().filter(head -> head.target().equals(target)).findFirst().orElseThrow();
  }

  private static int inFlight(GatewayNode node) {
    return node.gatehouse().pool().standings().get(0).inFlight();
  }
}
