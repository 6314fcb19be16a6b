package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.jetty.fixture.Wire.Head;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies on the move: how soon, how much, and what when one side stops. */
class StreamingTest {

  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final long GIB = 1L << 30;

  private final CountDownLatch release = new CountDownLatch(1);
  private final Semaphore seen = new Semaphore(0);
  private ScriptedBackend backend;
  private Verbs verbs;
  private Front front;

  @BeforeEach
  void start() throws Exception {
    backend = ScriptedBackend.saying("hello");
    verbs = new Verbs(List.of(backend.upstream()));
    front = new Front(verbs, ProxySettings.builder().build());
  }

  @AfterEach
  void stop() throws Exception {
    release.countDown();
    front.close();
    backend.close();
  }

  @Test
  void the_head_and_every_event_of_a_stream_arrive_when_they_are_sent() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
      // Waits for the other side to have seen one thing before it sends the next.
      for (int event = 1; event <= 3; event++) {
        seen.acquire();
        wire.send("9\r\ndata: " + event + "\n\n\r\n");
      }
      seen.acquire();
      wire.send("0\r\n\r\n");
    });

    try (Wire client = front.connect().send(GET)) {
      long start = System.nanoTime();
      Head head = client.head();
      assertThat(head.first("Content-Type")).isEqualTo("text/event-stream");
      for (int event = 1; event <= 3; event++) {
        seen.release();
        assertThat(client.chunk()).isEqualTo("data: " + event + "\n\n");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      seen.release();
      assertThat(client.chunk()).isEmpty();
    }
  }

  @Test
  void the_body_of_a_request_arrives_as_it_is_sent() throws Exception {
    backend.script((request, wire) -> {
      for (String part = wire.chunk(); !part.isEmpty(); part = wire.chunk()) {
        seen.release();
      }
      wire.send(ScriptedBackend.ok("ok"));
    });

    try (Wire client = front.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int part = 1; part <= 3; part++) {
        client.send("4\r\npart\r\n");
        assertThat(seen.tryAcquire(2, TimeUnit.SECONDS)).isTrue();
      }
      client.send("0\r\n\r\n");
      assertThat(client.body(client.head())).isEqualTo("ok");
    }
  }

  @Test
  void a_gibibyte_comes_down_through_a_small_heap() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + GIB + "\r\n\r\n");
      pour(wire.out(), GIB);
    });

    try (Wire client = front.connect().send(GET)) {
      assertThat(client.head().first("Content-Length")).isEqualTo("" + GIB);
      assertThat(drain(client.in(), GIB)).isEqualTo(GIB);
    }
    await().until(() -> verbs.said().equals(List.of("0 answered 200")));
  }

  @Test
  void a_gibibyte_goes_up_through_a_small_heap() throws Exception {
    AtomicLong arrived = new AtomicLong();
    backend.script((request, wire) -> {
      arrived.set(drain(wire.in(), Long.parseLong(request.first("Content-Length"))));
      wire.send(ScriptedBackend.ok("ok"));
    });

    try (Wire client = front.connect()) {
      client.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + GIB + "\r\n\r\n");
      pour(client.out(), GIB);
      assertThat(client.body(client.head())).isEqualTo("ok");
    }
    assertThat(arrived.get()).isEqualTo(GIB);
  }

  @Test
  void a_client_that_does_not_read_stops_the_backend() throws Exception {
    AtomicLong sent = new AtomicLong();
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
      while (true) {
        wire.send(chunk);
        sent.addAndGet(0x10000);
      }
    });

    try (Wire client = front.connect().send(GET)) {
      client.head();
      AtomicLong before = new AtomicLong(-1);
      await().pollInterval(Duration.ofMillis(300)).atMost(Duration.ofSeconds(8))
          .until(() -> before.getAndSet(sent.get()) == sent.get());
      assertThat(sent.get()).isLessThan(64L << 20);
    }
    await().atMost(Duration.ofSeconds(2)).until(() -> backend.openConnections() == 0);
    await().untilAsserted(() -> assertThat(verbs.said()).containsExactly("0 abandoned"));
  }

  @Test
  void a_client_that_leaves_in_the_middle_frees_the_backend_within_a_second() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      while (true) {
        wire.send("4\r\ntick\r\n");
        Thread.sleep(20);
      }
    });
    Wire client = front.connect().send(GET);
    client.head();
    client.chunk();

    client.reset();

    await().atMost(Duration.ofSeconds(1)).until(() -> backend.openConnections() == 0);
    await().until(() -> front.endings().equals(List.of("ABORTED")));
    await().untilAsserted(() -> assertThat(verbs.said()).containsExactly("0 abandoned"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"})
  void a_client_that_leaves_while_it_waits_frees_the_backend_within_a_second(String request) throws Exception {
    backend.script((head, wire) -> {
      wire.body(head);
      seen.release();
      // Reads until the gateway hangs up.
      wire.line();
    });
    for (boolean reset : new boolean[] {true, false}) {
      Wire client = front.connect().send(request);
      assertThat(seen.tryAcquire(2, TimeUnit.SECONDS)).isTrue();

      if (reset) {
        client.reset();
      } else {
        client.close();
      }

      await().atMost(Duration.ofSeconds(1)).until(() -> backend.openConnections() == 0);
    }
    await().untilAsserted(() -> assertThat(verbs.said()).containsExactly("0 abandoned", "0 abandoned"));
    await().until(() -> front.endings().equals(List.of("ABORTED", "ABORTED")));
  }

  @Test
  void a_client_that_leaves_between_two_events_frees_the_backend_within_a_second() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
      wire.line();
    });
    Wire client = front.connect().send(GET);
    client.head();
    client.chunk();

    client.close();

    await().atMost(Duration.ofSeconds(1)).until(() -> backend.openConnections() == 0);
  }

  @Test
  void requests_that_come_before_the_answer_to_the_last_one_are_answered_in_turn() throws Exception {
    backend.script((request, wire) -> {
      String body = wire.body(request);
      Thread.sleep(30);
      wire.send(ScriptedBackend.ok(request.target() + body));
    });

    try (Wire client = front.connect()) {
      for (int round = 0; round < 10; round++) {
        client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
        Thread.sleep(round);
        client.send("G");
        Thread.sleep(round);
        client.send("ET /2 HTTP/1.1\r\nHost: a\r\n\r\nPOST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        Thread.sleep(round);
        client.send("POST /4 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
        for (String expected : List.of("/1", "/2", "/3hello", "/4hi")) {
          assertThat(client.body(client.head())).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void a_thousand_requests_follow_each_other_on_one_connection() throws Exception {
    try (Wire client = front.connect()) {
      for (int i = 0; i < 1000; i++) {
        client.send(i % 3 == 0 ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" : GET);
        assertThat(client.body(client.head())).isEqualTo("hello");
      }
    }
  }

  @Test
  void a_client_that_leaves_in_the_middle_of_its_body_frees_the_backend_within_a_second() throws Exception {
    backend.script((request, wire) -> {
      seen.release();
      wire.body(request);
    });
    Wire client = front.connect();
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello");
    assertThat(seen.tryAcquire(2, TimeUnit.SECONDS)).isTrue();

    client.reset();

    await().atMost(Duration.ofSeconds(1)).until(() -> backend.openConnections() == 0);
    await().untilAsserted(() -> assertThat(verbs.said()).containsExactly("0 abandoned"));
  }

  @Test
  void a_chunked_answer_that_breaks_off_is_seen_to_break_off() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
      seen.acquire();
      wire.close();
    });

    try (Wire client = front.connect().send(GET)) {
      client.head();
      assertThat(client.chunk()).isEqualTo("hello");
      seen.release();
      assertThatExceptionOfType(IOException.class).isThrownBy(client::chunk);
    }
    await().until(() -> front.endings().equals(List.of("ABORTED")));
    await().untilAsserted(() -> assertThat(verbs.said()).containsExactly("0 failed"));
  }

  @Test
  void an_answer_of_known_length_that_breaks_off_is_seen_to_break_off() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
      seen.acquire();
      wire.reset();
    });

    try (Wire client = front.connect().send(GET)) {
      Head head = client.head();
      assertThat(client.bytes(5)).isEqualTo("hello");
      seen.release();
      assertThatExceptionOfType(IOException.class).isThrownBy(() -> client.bytes(95));
      assertThat(head.first("Content-Length")).isEqualTo("100");
    }
    await().until(() -> verbs.said().equals(List.of("0 failed")));
  }

  @Test
  void what_came_before_an_answer_broke_off_is_with_the_client() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
      seen.acquire();
      wire.send("hello");
      wire.close();
    });

    for (int i = 0; i < 100; i++) {
      try (Wire client = front.connect().send(GET)) {
        client.head();
        seen.release();
        assertThat(client.bytes(5)).as("answer %d", i).isEqualTo("hello");
      }
    }
  }

  @Test
  void an_answer_that_breaks_off_at_once_is_never_a_whole_one() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
      wire.close();
    });

    for (int i = 0; i < 20; i++) {
      try (Wire client = front.connect().send(GET)) {
        Head head = client.head();
        if (head.status() == 200) {
          assertThatExceptionOfType(EOFException.class).isThrownBy(() -> client.body(head));
        } else {
          assertThat(head.status()).isEqualTo(502);
        }
      }
    }
  }

  @Test
  void an_answer_that_ends_with_its_connection_comes_whole() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.0 200 OK\r\n\r\nto the end");
      wire.close();
    });

    try (Wire client = front.connect().send(GET)) {
      Head head = client.head();
      assertThat(client.body(head)).isEqualTo("to the end");
      assertThat(head.first("Via")).isEqualTo("1.0 gatehouse");
    }
  }

  @Test
  void an_answer_that_comes_before_the_body_was_sent_comes_through() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
      release.await();
    });

    try (Wire client = front.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nbegin");
      Head head = client.head();
      assertThat(head.status()).isEqualTo(403);
      assertThat(client.body(head)).isEqualTo("no");
    }
    await().until(() -> verbs.said().equals(List.of("0 answered 403")));
  }

  @Test
  void many_slow_streams_hold_no_threads() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
      release.await();
      wire.send("0\r\n\r\n");
    });
    Wire[] clients = new Wire[200];
    for (int i = 0; i < clients.length; i++) {
      clients[i] = front.connect().send(GET);
    }
    for (Wire client : clients) {
      client.head();
      client.chunk();
    }

    await().until(() -> Thread.getAllStackTraces().values().stream().flatMap(Arrays::stream)
        .noneMatch(frame -> frame.getClassName().startsWith(UpstreamServlet.class.getPackageName() + ".A")));

    release.countDown();
    for (Wire client : clients) {
      assertThat(client.chunk()).isEmpty();
      client.close();
    }
  }

  private static void pour(OutputStream out, long count) throws IOException {
    byte[] block = "0123456789abcdef".repeat(8192).getBytes(StandardCharsets.ISO_8859_1);
    for (long left = count; left > 0; left -= block.length) {
      out.write(block, 0, (int) Math.min(left, block.length));
    }
    out.flush();
  }

  /** Reads so many bytes, looking at each block's first to see that nothing was swapped or lost. */
  private static long drain(InputStream in, long count) throws IOException {
    byte[] block = new byte[128 * 1024];
    long total = 0;
    while (total < count) {
      int read = in.read(block, 0, (int) Math.min(block.length, count - total));
      if (read < 0) {
        return total;
      }
      if (block[0] != "0123456789abcdef".charAt((int) (total % 16))) {
        throw new IOException("byte " + total + " is " + block[0]);
      }
      total += read;
    }
    return total;
  }
}
