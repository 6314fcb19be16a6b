package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.jetty.fixture.Frame;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.WebSocketBackend;
import io.gatehouse.jetty.fixture.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same conversations with a backend, once directly and once through the gateway: both ends must see
 * the same. The cases are those of the Autobahn test suite in short: framing, pings, reserved bits, opcodes,
 * fragments, UTF-8, closing.
 */
@Timeout(60)
class WebSocketMatrixTest {

  private static WebSocketBackend backend;
  private static GatewayNode node;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    backend = new WebSocketBackend();
    node = GatewayNode.start(directory, """
        backends: [{url: "%s"}]
        auth: {required: false}
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        """.formatted(backend.uri()));
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    backend.close();
  }

  static Stream<Arguments> conversations() {
    Map<String, byte[]> cases = new TreeMap<>();
    for (int length : new int[] {0, 1, 125, 126, 127, 128, 65_535, 65_536, 1 << 20}) {
      cases.put("1 text of " + length, frames(text("*".repeat(length)), bye()));
      cases.put("1 binary of " + length, frames(new Frame(0x82, true, "\u00fe".repeat(length)), bye()));
    }
    cases.put("2 ping", frames(ping(""), ping("payload"), ping("\u0000\u00ff\u00fe".repeat(40)), bye()));
    cases.put("2 ping of 126", frames(ping("x".repeat(126))));
    cases.put("2 pong unasked, then ping", frames(new Frame(0x8a, true, "pong"), ping("ping"), bye()));
    cases.put("2 ten pings", frames(Stream.concat(
        Stream.iterate(0, i -> i < 10, i -> i + 1).map(i -> ping("ping " + i)), Stream.of(bye())).toArray(Frame[]::new)));
    for (int bits : new int[] {0x40, 0x20, 0x10, 0x70}) {
      cases.put("3 reserved bits " + bits, frames(text("before"), new Frame(0x81 | bits, true, "reserved")));
      cases.put("3 reserved bits " + bits + " on ping", frames(new Frame(0x89 | bits, true, "reserved")));
    }
    for (int opcode : new int[] {3, 4, 7, 11, 12, 15}) {
      cases.put("4 opcode " + opcode, frames(text("before"), new Frame(0x80 | opcode, true, "?")));
    }
    cases.put("5 ping in fragments", frames(new Frame(0x09, true, "frag"), new Frame(0x80, true, "ment")));
    cases.put("5 text in two", frames(new Frame(0x01, true, "frag"), new Frame(0x80, true, "ment"), bye()));
    cases.put("5 text in three, one empty",
        frames(new Frame(0x01, true, "a"), new Frame(0x00, true, ""), new Frame(0x80, true, "b"), bye()));
    cases.put("5 ping within a message",
        frames(new Frame(0x01, true, "frag"), ping("within"), new Frame(0x80, true, "ment"), bye()));
    cases.put("5 continuation of nothing", frames(new Frame(0x80, true, "what")));
    cases.put("5 text within text", frames(new Frame(0x01, true, "one"), new Frame(0x81, true, "two")));
    cases.put("5 fragments with large pieces", frames(new Frame(0x02, true, "x".repeat(70_000)),
        new Frame(0x00, true, "y".repeat(100_000)), ping("p"), new Frame(0x80, true, "z"), bye()));
    cases.put("6 UTF-8", frames(text(utf8("Hello-µ@ßöäüàá-UTF-8!! κόσμε \uD83D\uDE00")), bye()));
    cases.put("6 UTF-8 split within a character", frames(new Frame(0x01, true, utf8("κ").substring(0, 1)),
        new Frame(0x80, true, utf8("κ").substring(1)), bye()));
    cases.put("6 not UTF-8", frames(text("\u00ce\u00ba\u00ed\u00a0\u0080")));
    cases.put("6 UTF-8 cut short", frames(text("\u00ce")));
    for (int code : new int[] {1000, 1001, 1002, 1003, 1007, 1011, 3000, 3999, 4000, 4999}) {
      cases.put("7 close " + code, frames(text("before"), Frame.close(code, utf8("weil – darum")).fromClient()));
    }
    for (int code : new int[] {0, 999, 1004, 1005, 1006, 1016, 2999, 5000, 65_535}) {
      cases.put("7 impossible close " + code, frames(Frame.close(code, "").fromClient()));
    }
    cases.put("7 close without a code", frames(new Frame(0x88, true, "")));
    cases.put("7 close with one byte", frames(new Frame(0x88, true, "x")));
    cases.put("7 close with 123 bytes of reason", frames(Frame.close(1000, "r".repeat(123)).fromClient()));
    cases.put("7 close with 124 bytes of reason", frames(Frame.close(1000, "r".repeat(124)).fromClient()));
    cases.put("7 close with a reason that is not UTF-8", frames(Frame.close(1000, "\u00ce\u00ba\u00ed").fromClient()));
    cases.put("7 close within a message", frames(new Frame(0x01, true, "frag"), bye()));
    cases.put("7 told to close", frames(text("close 4001 told to"), Frame.close(4001, "told to").fromClient()));
    cases.put("8 not masked", frames(Frame.text("naked")));
    return cases.entrySet().stream().map(entry -> Arguments.of(entry.getKey(), entry.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("conversations")
  void both_ends_see_the_same_with_and_without_the_gateway(String name, byte[] sent) throws Exception {
    Seen directly = converse(backend.port(), sent, sent.length);

    assertThat(converse(node.port(), sent, sent.length)).isEqualTo(directly);
    assertThat(converse(node.port(), sent, Math.max(1, sent.length / 40))).as("in small pieces").isEqualTo(directly);
  }

  /** What the client got, byte for byte until the end of the connection, and how the backend saw it close. */
  private record Seen(String received, String close) {}

  private static Seen converse(int port, byte[] sent, int piece) throws Exception {
    int before = backend.closes().size();
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    try (Wire client = Wire.connect(port).send(Frame.handshake("/echo"))) {
      assertThat(client.head().status()).isEqualTo(101);
      Thread writer = new Thread(() -> {
        try {
          for (int at = 0; at < sent.length; at += piece) {
            client.out().write(sent, at, Math.min(piece, sent.length - at));
          }
        } catch (IOException e) {
          // The backend has closed before it had all, as some cases want it.
        }
      });
      writer.start();
      try {
        client.in().transferTo(received);
      } catch (IOException e) {
        // A reset behind the Close frame.
      }
      writer.join();
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> backend.closes().size() == before + 1);
    return new Seen(received.toString(StandardCharsets.ISO_8859_1), backend.closes().get(before));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void the_jdks_client_is_at_home(boolean through) throws Exception {
    Conversation seen = new Conversation();
    WebSocket socket = HttpClient.newHttpClient().newWebSocketBuilder()
        .subprotocols("chat", "superchat")
        .buildAsync(URI.create("ws://127.0.0.1:" + port(through) + "/jdk"), seen).get(10, TimeUnit.SECONDS);

    assertThat(socket.getSubprotocol()).isEqualTo("chat");
    socket.sendText("in ", false).get();
    socket.sendPing(ByteBuffer.wrap("ping".getBytes(StandardCharsets.UTF_8))).get();
    assertThat(seen.next()).isEqualTo("pong ping");
    socket.sendText("two", true).get();
    assertThat(seen.next()).isEqualTo("text in two");
    socket.sendBinary(ByteBuffer.allocate(1 << 20), true).get();
    assertThat(seen.next()).isEqualTo("binary " + (1 << 20));
    int before = backend.closes().size();
    socket.sendText("close 4321 bye – bye", true).get();
    assertThat(seen.next()).isEqualTo("close 4321 bye – bye");
    // The client answers with the code alone.
    await().atMost(Duration.ofSeconds(10)).until(() -> backend.closes().subList(before, backend.closes().size())
        .stream().anyMatch(close -> close.startsWith("4321 ")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void permessage_deflate_is_negotiated_between_the_ends(boolean through) throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    try (WebSocketClient client = new WebSocketClient()) {
      client.setMaxTextMessageSize(4 << 20);
      client.start();
      ClientUpgradeRequest request = new ClientUpgradeRequest(URI.create("ws://127.0.0.1:" + port(through) + "/deflate"));
      request.addExtensions("permessage-deflate;client_no_context_takeover");
      long before = node.server().tunnels().bytesToClients();

      Session session = client.connect(new Texts(seen), request).get(10, TimeUnit.SECONDS);
      String text = "squeeze me ".repeat(100_000);
      session.sendText(text, Callback.NOOP);

      assertThat(seen.poll(20, TimeUnit.SECONDS)).isEqualTo(text);
      assertThat(session.getUpgradeResponse().getExtensions().toString()).contains("permessage-deflate");
      if (through) {
        assertThat(node.server().tunnels().bytesToClients() - before).isBetween(1L, text.length() / 10L);
      }
    }
  }

  @Test
  void what_is_no_handshake_goes_on_as_ever_beside_open_tunnels() throws Exception {
    try (Wire client = Wire.connect(node.port()).send(Frame.handshake("/echo"))) {
      assertThat(client.head().status()).isEqualTo(101);

      assertThat(node.get("/picture").body()).isEqualTo("plain");
    }
  }

  private static int port(boolean through) {
    return through ? node.port() : backend.port();
  }

  private static Frame text(String payload) {
    return Frame.text(payload).fromClient();
  }

  private static Frame ping(String payload) {
    return new Frame(0x89, true, payload);
  }

  private static Frame bye() {
    return Frame.close(1000, "bye").fromClient();
  }

  private static String utf8(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static byte[] frames(Frame... frames) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Frame frame : frames) {
      out.writeBytes(frame.bytes());
    }
    return out.toByteArray();
  }

  /** Collects texts; public because Jetty asks for that. */
  public static final class Texts extends Session.Listener.AbstractAutoDemanding {

    private final BlockingQueue<String> seen;

    Texts(BlockingQueue<String> seen) {
      this.seen = seen;
    }

    @Override
    public void onWebSocketText(String message) {
      seen.add(message);
    }
  }

  /** Puts messages together and says what came. */
  private static final class Conversation implements WebSocket.Listener {

    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final List<String> parts = new ArrayList<>();
    private int bytes;

    String next() throws InterruptedException {
      return seen.poll(20, TimeUnit.SECONDS);
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      parts.add(data.toString());
      if (last) {
        seen.add("text " + String.join("", parts));
        parts.clear();
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      bytes += data.remaining();
      if (last) {
        seen.add("binary " + bytes);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
      seen.add("pong " + StandardCharsets.UTF_8.decode(message));
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      seen.add("close " + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable cause) {
      seen.add("error " + cause);
    }
  }
}
