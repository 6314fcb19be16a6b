package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.tls.Authority;
import io.gatehouse.core.tls.Trust;
import io.gatehouse.jetty.fixture.Frame;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.WebSocketBackend;
import io.gatehouse.jetty.fixture.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** WebSockets where the client, the backend, or both of them speak TLS with the gateway. */
@Timeout(120)
class WebSocketTlsTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  /** Who speaks TLS. */
  private enum Secured {
    CLIENT(true, false),
    BACKEND(false, true),
    BOTH(true, true);

    private final boolean client;
    private final boolean backend;

    Secured(boolean client, boolean backend) {
      this.client = client;
      this.backend = backend;
    }
  }

  @TempDir static Path made;
  private static Authority authority;
  private static Authority.Pair pair;
  private static SSLContext trusting;

  @TempDir Path directory;

  @BeforeAll
  static void make() throws Exception {
    authority = new Authority(made);
    pair = authority.issue("both", "EC", "dns:localhost,ip:127.0.0.1");
    trusting = Trust.of(authority.certificate()).context();
  }

  @ParameterizedTest
  @EnumSource(Secured.class)
  void texts_binaries_and_a_mebibyte_are_echoed(Secured secured) throws Exception {
    try (WebSocketBackend backend = backend(secured);
        GatewayNode node = start(backend, secured);
        Wire client = open(node, secured)) {
      assertThat(echo(client, 0x81, "hello")).isEqualTo("hello");
      assertThat(echo(client, 0x82, "\0\1\2\377")).isEqualTo("\0\1\2\377");
      String large = noise(1 << 20);
      assertThat(echo(client, 0x82, large).equals(large)).as("1 MiB as it was").isTrue();
      assertThat(echo(client, 0x81, "")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Secured.class)
  void a_close_of_either_end_reaches_the_other_as_it_was_said(Secured secured) throws Exception {
    try (WebSocketBackend backend = backend(secured); GatewayNode node = start(backend, secured)) {
      try (Wire client = open(node, secured)) {
        client.send(Frame.close(3001, "mine").fromClient().bytes());
        assertThat(Frame.read(client).code()).isEqualTo(3001);
        assertThat(client.closed()).isTrue();
      }
      await().atMost(SOON).until(() -> backend.closes().equals(List.of("3001 mine")));

      try (Wire client = open(node, secured)) {
        client.send(Frame.text("close 3002 yours").fromClient().bytes());
        Frame close = Frame.read(client);
        assertThat(close.code()).isEqualTo(3002);
        assertThat(close.payload()).endsWith("yours");
        client.send(Frame.close(3002, "").fromClient().bytes());
        assertThat(client.closed()).isTrue();
      }
      await().atMost(SOON).until(() -> node.server().tunnels().openNow() == 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Secured.class)
  void a_gateway_that_stops_says_so_to_both_ends(Secured secured) throws Exception {
    try (WebSocketBackend backend = backend(secured)) {
      GatewayNode node = start(backend, secured);
      Thread stopping = new Thread(node::close, "stopping");
      try (Wire client = open(node, secured)) {
        assertThat(echo(client, 0x81, "hello")).isEqualTo("hello");
        stopping.start();

        Frame close = Frame.read(client);
        assertThat(close.code()).isEqualTo(1001);
        client.send(Frame.close(1001, "").fromClient().bytes());
        assertThat(client.closed()).isTrue();
      } finally {
        stopping.join();
        node.close();
      }
      await().atMost(SOON).until(() -> backend.closes().equals(List.of("1001 gateway stops")));
    }
  }

  @ParameterizedTest
  @EnumSource(Secured.class)
  void an_end_that_vanishes_ends_the_tunnel(Secured secured) throws Exception {
    try (WebSocketBackend backend = backend(secured); GatewayNode node = start(backend, secured)) {
      Wire client = open(node, secured);
      assertThat(echo(client, 0x81, "hello")).isEqualTo("hello");
      client.reset();
      await().atMost(SOON).until(() -> node.server().tunnels().openNow() == 0);

      try (Wire left = open(node, secured)) {
        assertThat(echo(left, 0x81, "hello")).isEqualTo("hello");
        backend.close();
        assertThat(Frame.read(left).code()).isIn(1001, 1014); // Jetty says goodbye if there is time
        left.send(Frame.close(1001, "").fromClient().bytes());
        assertThat(left.ends()).isTrue();
      }
      await().atMost(SOON).until(() -> node.server().tunnels().openNow() == 0);
    }
  }

  @Test
  void a_client_of_another_make_is_served_over_wss() throws Exception {
    try (WebSocketBackend backend = backend(Secured.BOTH); GatewayNode node = start(backend, Secured.BOTH)) {
      List<String> heard = new CopyOnWriteArrayList<>();
      WebSocket.Listener listener = new WebSocket.Listener() {
        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
          heard.add(data.toString());
          socket.request(1);
          return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
          heard.add(code + " " + reason);
          return null;
        }
      };
      WebSocket socket = HttpClient.newBuilder().sslContext(trusting).build().newWebSocketBuilder()
          .buildAsync(URI.create("wss://127.0.0.1:" + node.port() + "/echo"), listener).get(20, TimeUnit.SECONDS);

      socket.sendText("hello", true).get(20, TimeUnit.SECONDS);
      await().atMost(SOON).until(() -> heard.equals(List.of("hello")));
      socket.sendClose(1000, "bye").get(20, TimeUnit.SECONDS);
      await().atMost(SOON).until(() -> heard.size() == 2 && heard.get(1).startsWith("1000"));
      await().atMost(SOON).until(() -> backend.closes().equals(List.of("1000 bye")));
    }
  }

  /** A backend that is not certified is never spoken to, and no handshake is tried in clear text. */
  @Test
  void a_backend_that_nobody_vouches_for_is_not_asked_for_a_websocket() throws Exception {
    try (WebSocketBackend backend = backend(Secured.BACKEND);
        GatewayNode node = GatewayNode.start(directory, yaml(backend, "", "max_attempts: 1"));
        Wire client = Wire.connect(node.port()).send(Frame.handshake("/echo"))) {
      assertThat(client.head().status()).isBetween(502, 503);
      assertThat(node.server().tunnels().openedEver()).isZero();
    }
  }

  private static WebSocketBackend backend(Secured secured) throws Exception {
    return secured.backend ? new WebSocketBackend(pair.context()) : new WebSocketBackend();
  }

  private GatewayNode start(WebSocketBackend backend, Secured secured) throws IOException {
    String server = secured.client
        ? "server: {tls: {certificate: \"%s\", private_key: \"%s\"}}\n".formatted(pair.certificate(), pair.key())
        : "";
    String proxy = secured.backend ? "tls: {ca_certificates: \"" + authority.certificate() + "\"}" : "";
    return GatewayNode.start(directory, yaml(backend, server, proxy));
  }

  private static String yaml(WebSocketBackend backend, String more, String proxy) {
    return """
        backends: [{url: "%s"}]
        proxy: {%s}
        auth: {required: false}
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        """.formatted(backend.uri(), proxy) + more;
  }

  private static Wire open(GatewayNode node, Secured secured) throws IOException {
    Wire client = secured.client ? secure(node) : Wire.connect(node.port());
    Wire.Head answer = client.send(Frame.handshake("/echo")).head();
    assertThat(answer.status()).isEqualTo(101);
    assertThat(answer.first("Sec-WebSocket-Accept")).isEqualTo(Frame.acceptOf("dGhlIHNhbXBsZSBub25jZQ=="));
    return client;
  }

  private static Wire secure(GatewayNode node) throws IOException {
    Socket plain = new Socket(InetAddress.getLoopbackAddress(), node.port());
    return new Wire(trusting.getSocketFactory().createSocket(plain, "localhost", node.port(), true));
  }

  /** Sends a whole message and answers the one that comes back, be it in several frames. */
  private static String echo(Wire client, int first, String payload) throws IOException {
    Thread sending = new Thread(() -> {
      try {
        client.send(new Frame(first, true, payload).bytes());
      } catch (IOException e) {
        // Reading tells.
      }
    }, "sending");
    sending.start();
    StringBuilder message = new StringBuilder();
    Frame frame;
    do {
      frame = Frame.read(client);
      message.append(frame.payload());
    } while ((frame.first() & 0x80) == 0);
    return message.toString();
  }

  private static String noise(int length) {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append((char) random.nextInt(256));
    }
    return text.toString();
  }
}
