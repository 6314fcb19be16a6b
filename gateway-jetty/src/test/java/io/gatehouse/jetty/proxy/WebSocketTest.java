package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Outcome;
import io.gatehouse.Subject;
import io.gatehouse.jetty.fixture.Frame;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.jetty.fixture.Wire.Head;
import io.gatehouse.jetty.websocket.Tunnels;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets through the servlet, spoken by hand on both sides. */
@Timeout(60)
class WebSocketTest {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String HANDSHAKE = Frame.handshake("/chat?room=1");

  private final ProxySettings.Builder settings = ProxySettings.builder();
  private Tunnels tunnels = new Tunnels(Duration.ofMinutes(1));
  private ScriptedBackend backend;
  private Verbs verbs;
  private Front front;

  @AfterEach
  void stop() throws Exception {
    front.close();
    backend.close();
  }

  @Test
  void a_handshake_reaches_the_backend_whole_and_its_answer_the_client() throws Exception {
    start((request, wire) -> {
      wire.send(Frame.accepting(request).replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n"
          + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\nX-Own: yes\r\nSet-Cookie: a=b\r\n\r\n"));
      echo(wire);
    }, Map.of(UpstreamServlet.SUBJECT, new Subject("alice", "k1"), UpstreamServlet.REQUEST_ID, "id-1"));

    try (Wire client = front.connect().send(Frame.handshake("/chat//%2F?room=1", "Origin: https://a.example",
        "Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Protocol: third", "Keep-Alive: 5",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-other", "X-API-Key: secret",
        "X-Gatehouse-User: mallory"))) {
      Head answer = client.head();

      assertThat(answer.line()).startsWith("HTTP/1.1 101 ");
      assertThat(answer.first("Upgrade")).isEqualTo("websocket");
      assertThat(answer.all("Connection")).containsExactly("Upgrade");
      assertThat(answer.first("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      assertThat(answer.first("Sec-WebSocket-Protocol")).isEqualTo("chat");
      assertThat(answer.first("Sec-WebSocket-Extensions"))
          .isEqualTo("permessage-deflate; server_max_window_bits=10");
      assertThat(answer.first("X-Own")).isEqualTo("yes");
      assertThat(answer.first("Set-Cookie")).isEqualTo("a=b");
      assertThat(answer.has("Content-Length")).isFalse();
      assertThat(answer.has("Transfer-Encoding")).isFalse();
      Head seen = backend.request();
      assertThat(seen.target()).isEqualTo("/chat//%2F?room=1");
      assertThat(seen.all("Upgrade")).containsExactly("websocket");
      assertThat(seen.all("Connection")).containsExactly("Upgrade");
      assertThat(seen.all("Sec-WebSocket-Key")).containsExactly("dGhlIHNhbXBsZSBub25jZQ==");
      assertThat(seen.all("Sec-WebSocket-Version")).containsExactly("13");
      assertThat(seen.all("Sec-WebSocket-Protocol")).containsExactly("chat, superchat", "third");
      assertThat(seen.all("Sec-WebSocket-Extensions"))
          .containsExactly("permessage-deflate; client_max_window_bits, x-other");
      assertThat(seen.first("Origin")).isEqualTo("https://a.example");
      assertThat(seen.first("X-Forwarded-For")).isEqualTo("127.0.0.1");
      assertThat(seen.first("X-Gatehouse-User")).isEqualTo("alice");
      assertThat(seen.first("X-Request-Id")).isEqualTo("id-1");
      assertThat(seen.has("X-API-Key")).isFalse();
      assertThat(seen.has("Keep-Alive")).isFalse();
    }
  }

  @Test
  void frames_pass_both_ways_untouched() throws Exception {
    start(WebSocketTest::accept);

    try (Wire client = open()) {
      for (Frame frame : List.of(Frame.text("hello"), new Frame(0xf2, false, "x".repeat(70_000)),
          new Frame(0x89, false, "ping"), Frame.text(""))) {
        client.send(frame.fromClient().bytes());
        assertThat(Frame.read(client)).isEqualTo(frame.fromClient());
      }
    }
  }

  @Test
  void what_the_backend_sends_in_one_write_with_its_answer_is_not_lost() throws Exception {
    start((request, wire) -> {
      wire.send(Frame.accepting(request) + latin1(Frame.text("first")) + latin1(Frame.text("second")));
      echo(wire);
    });

    try (Wire client = open()) {
      assertThat(Frame.read(client).payload()).isEqualTo("first");
      assertThat(Frame.read(client).payload()).isEqualTo("second");
      client.send(Frame.text("third").bytes());
      assertThat(Frame.read(client).payload()).isEqualTo("third");
    }
  }

  @Test
  void what_the_client_sends_in_one_write_with_its_handshake_is_not_lost() throws Exception {
    start(WebSocketTest::accept);

    try (Wire client = front.connect().send(HANDSHAKE + latin1(Frame.text("early")) + latin1(Frame.text("bird")))) {
      assertThat(client.head().status()).isEqualTo(101);
      assertThat(Frame.read(client).payload()).isEqualTo("early");
      assertThat(Frame.read(client).payload()).isEqualTo("bird");
      client.send(Frame.text("more").bytes());
      assertThat(Frame.read(client).payload()).isEqualTo("more");
    }
  }

  @Test
  void what_the_client_sends_while_the_backend_thinks_is_not_lost() throws Exception {
    CountDownLatch think = new CountDownLatch(1);
    start((request, wire) -> {
      think.await();
      accept(request, wire);
    });

    try (Wire client = front.connect().send(HANDSHAKE)) {
      await().atMost(SOON).until(() -> !backend.requests().isEmpty());
      client.send(Frame.text("early").bytes());
      // Time for the gateway to notice that there is something to read.
      assertThat(think.await(100, TimeUnit.MILLISECONDS)).isFalse();
      think.countDown();

      assertThat(client.head().status()).isEqualTo(101);
      assertThat(Frame.read(client).payload()).isEqualTo("early");
    }
  }

  @Test
  void a_client_that_leaves_while_the_backend_thinks_frees_it() throws Exception {
    CountDownLatch freed = new CountDownLatch(1);
    start((request, wire) -> {
      assertThat(wire.in().read()).isNegative();
      freed.countDown();
    });

    try (Wire client = front.connect().send(HANDSHAKE)) {
      await().atMost(SOON).until(() -> !backend.requests().isEmpty());
    }

    assertThat(freed.await(10, TimeUnit.SECONDS)).isTrue();
    await().atMost(SOON).until(() -> verbs.said().equals(List.of("0 abandoned")));
    assertThat(tunnels.openedEver()).isZero();
  }

  @Test
  void any_other_answer_is_relayed_as_it_is_and_the_connection_goes_on() throws Exception {
    start((request, wire) -> wire.send("HTTP/1.1 403 Forbidden\r\nX-Why: no\r\nContent-Length: 4\r\n\r\nnope"));

    try (Wire client = front.connect()) {
      for (int i = 0; i < 2; i++) {
        Head answer = client.send(HANDSHAKE).head();
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.first("X-Why")).isEqualTo("no");
        assertThat(answer.has("Upgrade")).isFalse();
        assertThat(client.body(answer)).isEqualTo("nope");
      }
    }
    await().atMost(SOON).until(() -> front.endings().equals(List.of("ANSWERED", "ANSWERED")));
  }

  @Test
  void an_answer_that_does_not_accept_this_handshake_opens_no_tunnel() throws Exception {
    start((request, wire) -> {
      wire.send(Frame.accepting(request).replace("Accept: ", "Accept: x"));
      echo(wire);
    });

    try (Wire client = front.connect().send(HANDSHAKE)) {
      assertThat(client.head().status()).isEqualTo(502);
    }
    assertThat(tunnels.openedEver()).isZero();
    await().atMost(SOON).until(() -> backend.openConnections() == 0);
  }

  @Test
  void another_version_is_answered_with_the_one_that_is_spoken() throws Exception {
    start(WebSocketTest::accept);

    try (Wire client = front.connect().send(HANDSHAKE.replace("Version: 13", "Version: 12"))) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(426);
      assertThat(answer.first("Sec-WebSocket-Version")).isEqualTo("13");
      assertThat(answer.first("Upgrade")).isEqualTo("websocket");
      assertThat(client.body(answer)).contains("urn:gatehouse:problem:websocket-version");
    }
    assertThat(backend.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "post", "body"})
  void what_is_no_handshake_is_refused(String fault) throws Exception {
    start(WebSocketTest::accept);
    String request = switch (fault) {
      case "key" -> HANDSHAKE.replace("Sec-WebSocket-Key", "Sec-WebSocket-Lock");
      case "post" -> HANDSHAKE.replace("GET", "POST");
      default -> Frame.handshake("/", "Content-Length: 2") + "hi";
    };

    try (Wire client = front.connect().send(request)) {
      assertThat(client.head().status()).isEqualTo(400);
    }
    assertThat(backend.requests()).isEmpty();
  }

  @Test
  void http_1_0_knows_no_upgrade_and_other_protocols_are_not_asked_for() throws Exception {
    start((request, wire) -> wire.send(ScriptedBackend.ok("plain")));

    for (String request : List.of(HANDSHAKE.replace("HTTP/1.1", "HTTP/1.0"),
        HANDSHAKE.replace("Upgrade: websocket", "Upgrade: irc/6.9"))) {
      try (Wire client = front.connect().send(request)) {
        assertThat(client.body(client.head())).isEqualTo("plain");
        assertThat(backend.request().has("Upgrade")).isFalse();
        assertThat(backend.request().has("Connection")).isFalse();
      }
    }
  }

  @Test
  void a_backend_that_is_away_is_replaced_by_another() throws Exception {
    ScriptedBackend away = ScriptedBackend.saying("");
    away.close();
    backend = new ScriptedBackend(WebSocketTest::accept);
    verbs = new Verbs(List.of(away.upstream(), backend.upstream()));
    front = new Front(verbs, settings.build(), Map.of(), tunnels);

    try (Wire client = open()) {
      client.send(Frame.text("hello").bytes());
      assertThat(Frame.read(client).payload()).isEqualTo("hello");
    }
    await().atMost(SOON).until(() -> verbs.said().equals(List.of("0 failed", "1 answered 101")));
  }

  @Test
  void a_backend_that_answers_nothing_in_time_is_504() throws Exception {
    settings.responseTimeout(Duration.ofMillis(200));
    start((request, wire) -> wire.in().read());

    try (Wire client = front.connect().send(HANDSHAKE)) {
      assertThat(client.head().status()).isEqualTo(504);
    }
  }

  @Test
  void the_closing_handshake_is_between_the_ends() throws Exception {
    start((request, wire) -> {
      wire.send(Frame.accepting(request));
      assertThat(Frame.read(wire)).isEqualTo(Frame.close(4001, "enough").fromClient());
      wire.send(Frame.close(4001, "enough").bytes());
      wire.close();
    });

    try (Wire client = open()) {
      client.send(Frame.close(4001, "enough").fromClient().bytes());
      assertThat(Frame.read(client)).isEqualTo(Frame.close(4001, "enough"));
      assertThat(client.closed()).isTrue();
    }
    await().atMost(SOON).until(() -> front.outcomes().size() == 1);
    Outcome outcome = front.outcomes().get(0);
    assertThat(outcome.status()).isEqualTo(101);
    assertThat(outcome.ending()).isEqualTo(Outcome.Ending.ANSWERED);
    assertThat(outcome.requestBytes()).isEqualTo(2 + 4 + 8);
    assertThat(outcome.responseBytes()).isEqualTo(2 + 8);
    await().atMost(SOON).until(() -> verbs.said().equals(List.of("0 answered 101")));
  }

  @Test
  void a_client_that_leaves_without_a_word_frees_the_backend_at_once() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    start((request, wire) -> {
      accept(request, wire);
      left.countDown();
    });

    try (Wire client = open()) {
      client.send(Frame.text("hello").bytes());
      Frame.read(client);
    }

    assertThat(left.await(5, TimeUnit.SECONDS)).isTrue();
    await().atMost(SOON).until(() -> front.outcomes().size() == 1);
    assertThat(front.outcomes().get(0).ending()).isEqualTo(Outcome.Ending.ABORTED);
    assertThat(front.outcomes().get(0).requestBytes()).isEqualTo(7);
    assertThat(front.outcomes().get(0).responseBytes()).isEqualTo(7);
    assertThat(tunnels.openNow()).isZero();
  }

  @Test
  void a_client_that_resets_frees_the_backend_as_well() throws Exception {
    start(WebSocketTest::accept);
    Wire client = open();

    client.reset();

    await().atMost(SOON).until(() -> backend.openConnections() == 0 && front.outcomes().size() == 1);
  }

  @Test
  void a_backend_that_dies_between_frames_is_told_to_the_client() throws Exception {
    start(WebSocketTest::accept);

    try (Wire client = open()) {
      client.send(Frame.text("hello").bytes());
      Frame.read(client);
      backend.kill();

      assertThat(Frame.read(client).code()).isEqualTo(1014);
      assertThat(client.closed()).isTrue();
    }
    await().atMost(SOON).until(() -> front.outcomes().size() == 1);
    assertThat(front.outcomes().get(0).ending()).isEqualTo(Outcome.Ending.ABORTED);
  }

  @Test
  void a_backend_that_dies_within_a_frame_leaves_the_client_with_a_broken_connection() throws Exception {
    start((request, wire) -> wire.send(Frame.accepting(request) + "\u0082\u0020half of it"));

    try (Wire client = open()) {
      assertThat(client.bytes(12)).endsWith("half of it");
      backend.kill();
      assertThat(client.closed()).isTrue();
    }
    await().atMost(SOON).until(() -> tunnels.openNow() == 0);
  }

  @Test
  void a_client_that_closes_and_a_backend_that_just_hangs_up_are_no_failure() throws Exception {
    start((request, wire) -> {
      wire.send(Frame.accepting(request));
      Frame.read(wire);
      wire.close();
    });

    try (Wire client = open()) {
      client.send(Frame.close(1000, "").fromClient().bytes());
      assertThat(client.closed()).isTrue();
    }
    await().atMost(SOON).until(() -> front.outcomes().size() == 1);
    assertThat(front.outcomes().get(0).ending()).isEqualTo(Outcome.Ending.ANSWERED);
  }

  @Test
  void a_client_that_closes_and_shuts_its_half_still_gets_the_answer() throws Exception {
    CountDownLatch shut = new CountDownLatch(1);
    start((request, wire) -> {
      wire.send(Frame.accepting(request));
      Frame.read(wire);
      shut.await();
      wire.send(Frame.close(1000, "late").bytes());
      wire.close();
    });

    try (Wire client = open()) {
      client.send(Frame.close(1000, "").fromClient().bytes());
      client.socket().shutdownOutput();
      shut.countDown();
      assertThat(Frame.read(client)).isEqualTo(Frame.close(1000, "late"));
      assertThat(client.closed()).isTrue();
    }
  }

  @Test
  void both_ends_of_an_idle_tunnel_are_sent_away() throws Exception {
    tunnels = new Tunnels(Duration.ofMillis(300));
    CountDownLatch told = new CountDownLatch(1);
    start((request, wire) -> {
      wire.send(Frame.accepting(request));
      Frame close = Frame.read(wire);
      assertThat(close.masked()).isTrue();
      assertThat(close.code()).isEqualTo(1001);
      told.countDown();
      wire.send(Frame.close(1001, "").bytes());
      wire.close();
    });

    try (Wire client = open()) {
      Frame close = Frame.read(client);
      assertThat(close).isEqualTo(Frame.close(1001, "idle"));
      client.send(Frame.close(1001, "").fromClient().bytes());
      assertThat(client.closed()).isTrue();
    }
    assertThat(told.await(5, TimeUnit.SECONDS)).isTrue();
    await().atMost(SOON).until(() -> front.outcomes().size() == 1);
    assertThat(front.outcomes().get(0).ending()).isEqualTo(Outcome.Ending.ABORTED);
  }

  @Test
  void a_ping_now_and_then_keeps_a_tunnel_open() throws Exception {
    tunnels = new Tunnels(Duration.ofSeconds(3));
    start(WebSocketTest::accept);

    try (Wire client = open()) {
      for (long begin = System.nanoTime(); System.nanoTime() - begin < 4_000_000_000L; ) {
        client.send(new Frame(0x89, true, "").bytes());
        assertThat(Frame.read(client).first()).isEqualTo(0x89);
        TimeUnit.MILLISECONDS.sleep(200);
      }
      assertThat(tunnels.openNow()).isEqualTo(1);
    }
  }

  @Test
  void ends_that_do_not_answer_are_cut_off() throws Exception {
    tunnels = new Tunnels(Duration.ofMillis(200));
    start((request, wire) -> {
      wire.send(Frame.accepting(request));
      while (wire.in().read() >= 0) {
        // Reads and says nothing.
      }
    });

    try (Wire client = open()) {
      assertThat(Frame.read(client).code()).isEqualTo(1001);
      assertThat(client.closed()).isTrue();
    }
    await().atMost(SOON).until(() -> tunnels.openNow() == 0);
  }

  @Test
  void a_drain_ends_tunnels_with_1001_and_takes_no_more() throws Exception {
    start(WebSocketTest::accept);

    try (Wire client = open(); Wire late = front.connect()) {
      client.send(Frame.text("hello").bytes());
      Frame.read(client);
      tunnels.drain();

      assertThat(Frame.read(client)).isEqualTo(Frame.close(1001, "gateway stops"));
      client.send(Frame.close(1001, "").fromClient().bytes());
      assertThat(client.closed()).isTrue();
      assertThat(tunnels.awaitNone(SOON)).isTrue();
      Head answer = late.send(HANDSHAKE).head();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(late.body(answer)).contains("urn:gatehouse:problem:unavailable");
    }
  }

  @Test
  void a_drain_waits_for_the_end_of_the_frame_in_either_direction() throws Exception {
    CountDownLatch drained = new CountDownLatch(1);
    CountDownLatch seen = new CountDownLatch(1);
    String large = "x".repeat(30_000);
    byte[] frame = new Frame(0x82, false, large).bytes();
    byte[] masked = new Frame(0x82, true, large).bytes();
    start((request, wire) -> {
      wire.send(Frame.accepting(request));
      wire.out().write(frame, 0, 20_000);
      drained.await();
      wire.out().write(frame, 20_000, frame.length - 20_000);
      wire.send(Frame.text("after the end").bytes());
      assertThat(Frame.read(wire)).isEqualTo(new Frame(0x82, true, large));
      assertThat(Frame.read(wire).code()).isEqualTo(1001);
      seen.countDown();
      wire.send(Frame.close(1001, "").bytes());
      wire.close();
    });

    try (Wire client = open()) {
      client.out().write(masked, 0, 10_000);
      String begun = client.bytes(20_000);
      await().atMost(SOON).until(() -> tunnels.bytesToBackends() == 10_000);
      tunnels.drain();
      drained.countDown();
      assertThat(begun + client.bytes(frame.length - 20_000)).isEqualTo(latin1(new Frame(0x82, false, large)));
      assertThat(Frame.read(client).code()).isEqualTo(1001);

      client.out().write(masked, 10_000, masked.length - 10_000);
      client.send(Frame.close(1001, "").fromClient().bytes());
      assertThat(client.closed()).isTrue();
    }
    assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(tunnels.awaitNone(SOON)).isTrue();
  }

  @Test
  void a_reader_that_stops_stalls_the_sender_and_nothing_is_lost() throws Exception {
    AtomicLong sent = new AtomicLong();
    byte[] frame = new Frame(0x82, false, "x".repeat(65_536)).bytes();
    int frames = 2_000;
    start((request, wire) -> {
      wire.send(Frame.accepting(request));
      for (int i = 0; i < frames; i++) {
        wire.send(frame);
        sent.addAndGet(frame.length);
      }
      wire.send(Frame.close(1000, "done").bytes());
      wire.in().read();
    });

    try (Wire client = open()) {
      long stalledAt = untilItStands(sent);
      assertThat(stalledAt).isLessThan((long) frames * frame.length / 2);
      for (int i = 0; i < frames; i++) {
        assertThat(client.in().readNBytes(frame.length)).isEqualTo(frame);
      }
      assertThat(Frame.read(client)).isEqualTo(Frame.close(1000, "done"));
    }
  }

  private static long untilItStands(AtomicLong sent) throws InterruptedException {
    long last = -1;
    for (int still = 0; still < 5; ) {
      TimeUnit.MILLISECONDS.sleep(200);
      long now = sent.get();
      still = now == last && now > 0 ? still + 1 : 0;
      last = now;
    }
    return last;
  }

  @Test
  void elsewhere_than_in_jetty_the_answer_is_501() throws Exception {
    backend = new ScriptedBackend(WebSocketTest::accept);
    verbs = new Verbs(List.of(backend.upstream()));
    front = new Front(verbs, settings.build(), Map.of(UpstreamServlet.TAKEOVER, "nothing"), tunnels);

    try (Wire client = front.connect().send(HANDSHAKE)) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(501);
      assertThat(client.body(answer)).contains("urn:gatehouse:problem:websocket-unsupported");
    }
    assertThat(backend.requests()).isEmpty();
  }

  private void start(ScriptedBackend.Script script) throws Exception {
    start(script, Map.of());
  }

  private void start(ScriptedBackend.Script script, Map<String, Object> attributes) throws Exception {
    backend = new ScriptedBackend(script);
    verbs = new Verbs(List.of(backend.upstream()));
    front = new Front(verbs, settings.build(), attributes, tunnels);
  }

  private Wire open() throws IOException {
    Wire client = front.connect().send(HANDSHAKE);
    assertThat(client.head().status()).isEqualTo(101);
    return client;
  }

  private static void accept(Head request, Wire wire) throws IOException {
    wire.send(Frame.accepting(request));
    echo(wire);
  }

  /** Sends every byte back, until there are no more. */
  private static void echo(Wire wire) throws IOException {
    byte[] some = new byte[8_192];
    for (int read = wire.in().read(some); read >= 0; read = wire.in().read(some)) {
      wire.out().write(some, 0, read);
    }
    wire.close();
  }

  private static String latin1(Frame frame) {
    return new String(frame.bytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
