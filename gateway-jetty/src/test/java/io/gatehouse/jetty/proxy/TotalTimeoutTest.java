package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.jetty.fixture.Frame;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.jetty.fixture.Wire.Head;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The time of a whole request ends it although no part of it takes too long. */
class TotalTimeoutTest {

  private final CountDownLatch release = new CountDownLatch(1);
  private ScriptedBackend backend;
  private Verbs verbs;
  private Front front;

  @BeforeEach
  void start() throws Exception {
    backend = ScriptedBackend.saying("hello");
    verbs = new Verbs(List.of(backend.upstream()));
    front = new Front(verbs, ProxySettings.builder().totalTimeout(Duration.ofMillis(600)).build());
  }

  @AfterEach
  void stop() throws Exception {
    release.countDown();
    front.close();
    backend.close();
  }

  @Test
  void an_answer_that_does_not_begin_is_504_and_the_backends_fault() throws Exception {
    backend.script((request, wire) -> release.await());

    try (Wire client = front.connect().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(504);
      assertThat(client.body(answer)).contains("urn:gatehouse:problem:gateway-timeout");
    }
    ends("0 failed", "UNANSWERED");
  }

  @Test
  void an_answer_that_never_stands_still_is_cut() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      while (release.getCount() > 0) {
        wire.send("1\r\nx\r\n");
        Thread.sleep(20);
      }
    });

    try (Wire client = front.connect().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
      assertThat(client.head().status()).isEqualTo(200);
      assertThat(client.chunk()).isEqualTo("x");
      assertThat(untilTheEnd(client)).startsWith("\r\n1\r\nx").doesNotContain("0\r\n\r\n");
    }
    ends("0 failed", "ABORTED");
    await().until(() -> backend.openConnections() == 0);
  }

  @Test
  void a_body_that_trickles_is_408_and_no_fault_of_the_backend() throws Exception {
    try (Wire client = front.connect().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")) {
      while (client.in().available() == 0) {
        client.send("x");
        Thread.sleep(20);
      }
      assertThat(client.head().status()).isEqualTo(408);
    }
    ends("0 abandoned", "ANSWERED");
  }

  @Test
  void a_request_in_time_is_answered_and_the_next_one_has_its_own_time() throws Exception {
    try (Wire client = front.connect()) {
      long start = System.nanoTime();
      while (System.nanoTime() - start < Duration.ofMillis(1200).toNanos()) {
        assertThat(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").body(client.head())).isEqualTo("hello");
      }
    }
    assertThat(front.endings()).containsOnly("ANSWERED");
  }

  @Test
  void a_websocket_that_is_open_is_past_it() throws Exception {
    backend.script((request, wire) -> {
      wire.send(Frame.accepting(request));
      for (int b = wire.in().read(); b >= 0; b = wire.in().read()) {
        wire.out().write(b);
      }
    });

    try (Wire client = front.connect().send(Frame.handshake("/"))) {
      assertThat(client.head().status()).isEqualTo(101);
      long start = System.nanoTime();
      while (System.nanoTime() - start < Duration.ofMillis(1200).toNanos()) {
        client.send(Frame.text("still there").bytes());
        assertThat(Frame.read(client).payload()).isEqualTo("still there");
      }
      assertThat(front.outcomes()).isEmpty();
    }
    await().until(() -> front.outcomes().size() == 1);
    assertThat(verbs.said()).containsExactly("0 answered 101");
  }

  @Test
  void a_handshake_that_nobody_answers_is_504() throws Exception {
    backend.script((request, wire) -> release.await());

    try (Wire client = front.connect().send(Frame.handshake("/"))) {
      assertThat(client.head().status()).isEqualTo(504);
    }
    ends("0 failed", "UNANSWERED");
  }

  private void ends(String verb, String ending) {
    await().untilAsserted(() -> {
      assertThat(verbs.said()).containsExactly(verb);
      assertThat(front.endings()).containsExactly(ending);
    });
  }

  private static String untilTheEnd(Wire client) {
    StringBuilder rest = new StringBuilder();
    try {
      for (int b = client.in().read(); b >= 0; b = client.in().read()) {
        rest.append((char) b);
      }
    } catch (IOException reset) {
      // An end like any other.
    }
    return rest.toString();
  }
}
