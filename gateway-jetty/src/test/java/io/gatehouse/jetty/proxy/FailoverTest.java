package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Inbound;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.core.upstream.HealthCheck;
import io.gatehouse.core.upstream.HealthChecker;
import io.gatehouse.core.upstream.HttpProbe;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.core.upstream.PoolBalancer;
import io.gatehouse.core.upstream.PoolRules;
import io.gatehouse.jetty.fixture.Wire.Head;
import io.gatehouse.upstream.Balancer;
import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backends that refuse, reset, stay silent, talk nonsense, and die. */
class FailoverTest {

  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";

  private final CountDownLatch release = new CountDownLatch(1);
  private final ProxySettings.Builder settings = ProxySettings.builder();
  private ScriptedBackend first;
  private ScriptedBackend second;
  private Verbs verbs;
  private Front front;

  @BeforeEach
  void start() throws Exception {
    first = ScriptedBackend.saying("first");
    second = ScriptedBackend.saying("second");
    verbs = new Verbs(List.of(first.upstream(), second.upstream()));
  }

  @AfterEach
  void stop() throws Exception {
    release.countDown();
    if (front != null) {
      front.close();
    }
    first.close();
    second.close();
  }

  @Test
  void with_no_backend_the_answer_is_503_at_once() throws Exception {
    front(new Verbs(List.of()));
    long start = System.nanoTime();

    try (Wire client = front.connect().send(GET)) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.first("Content-Type")).isEqualTo("application/problem+json");
      assertThat(answer.first("Retry-After")).isEqualTo("1");
      assertThat(client.body(answer)).contains("urn:gatehouse:problem:no-healthy-backend");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      await().until(() -> front.endings().equals(List.of("UNANSWERED")));
      // The connection is as good as before.
      client.send(GET);
      assertThat(client.head().status()).isEqualTo(503);
    }
  }

  @Test
  void refused_connections_are_502_when_there_is_no_other_backend() throws Exception {
    front(new Verbs(List.of(first.upstream())));
    first.kill();

    try (Wire client = front.connect().send(GET)) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(502);
      assertThat(client.body(answer)).contains("urn:gatehouse:problem:bad-gateway").doesNotContain("127.0.0.1");
    }
  }

  @Test
  void a_refused_connection_costs_nobody_an_error_whatever_the_method() throws Exception {
    front(verbs);
    first.kill();

    assertThat(text(GET)).isEqualTo("second");
    assertThat(text(POST)).isEqualTo("second");
    assertThat(text("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
        .isEqualTo("second");
    saidInTheEnd("0 failed", "1 answered 200", "0 failed", "1 answered 200", "0 failed",
        "1 answered 200");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_connection_lost_without_a_word_is_tried_elsewhere_if_that_is_safe(boolean reset) throws Exception {
    front(verbs);
    first.script((request, wire) -> {
      if (reset) {
        wire.reset();
      } else {
        wire.close();
      }
    });

    assertThat(text(GET)).isEqualTo("second");
    assertThat(text("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n")).isEqualTo("second");
    saidInTheEnd("0 failed", "1 answered 200", "0 failed", "1 answered 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "PATCH / HTTP/1.1\r\nHost: a\r\n\r\n",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"})
  void what_may_have_been_done_is_not_done_again(String request) throws Exception {
    front(verbs);
    first.script((head, wire) -> {
      wire.body(head);
      wire.close();
    });

    try (Wire client = front.connect().send(request)) {
      assertThat(client.head().status()).isEqualTo(502);
    }
    assertThat(first.requests()).hasSize(1);
    assertThat(second.requests()).isEmpty();
  }

  @Test
  void an_answer_that_has_begun_is_not_asked_for_again() throws Exception {
    front(verbs);
    first.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nContent-");
      wire.close();
    });

    try (Wire client = front.connect().send(GET)) {
      assertThat(client.head().status()).isEqualTo(502);
    }
    assertThat(second.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"})
  void nonsense_is_a_bad_gateway(String nonsense) throws Exception {
    front(new Verbs(List.of(first.upstream())));
    first.script((request, wire) -> {
      wire.send(nonsense);
      release.await();
    });

    try (Wire client = front.connect().send(GET)) {
      assertThat(client.head().status()).isEqualTo(502);
    }
    await().until(() -> first.openConnections() == 0 || release.getCount() == 1);
  }

  @Test
  void a_backend_without_room_is_answered_for_by_another() throws Exception {
    front(verbs);
    first.script((request, wire) ->
        wire.send("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 17\r\n\r\nToo many requests"));

    assertThat(text(GET)).isEqualTo("second");

    saidInTheEnd("0 answered 429", "1 answered 200");
    try (Wire client = front.connect().send(POST)) {
      assertThat(client.head().status()).isEqualTo(429);
    }
    second.script((request, wire) -> wire.send("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 3\r\n\r\nToo"));
    try (Wire client = front.connect().send(GET)) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(429);
      assertThat(client.body(answer)).isEqualTo("Too");
    }
  }

  @Test
  void server_errors_are_answers() throws Exception {
    front(verbs);
    first.script((request, wire) -> wire.send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 1\r\n\r\nx"));

    assertThat(text(GET)).isEqualTo("x");
    saidInTheEnd("0 answered 502");
    await().until(() -> front.endings().equals(List.of("ANSWERED")));
  }

  @Test
  void connections_that_the_backend_closed_at_the_wrong_moment_cost_no_error_and_no_reputation() throws Exception {
    verbs = new Verbs(List.of(first.upstream()));
    front(verbs);
    Set<Wire> used = ConcurrentHashMap.newKeySet();
    first.script((request, wire) -> {
      if (used.add(wire)) {
        wire.send(ScriptedBackend.ok("ok"));
      } else {
        wire.close();
      }
    });

    for (int i = 0; i < 50; i++) {
      assertThat(text(GET)).isEqualTo("ok");
    }
    assertThat(verbs.said()).contains("0 abandoned").doesNotContain("0 failed");
  }

  @Test
  void silence_until_the_first_byte_is_504() throws Exception {
    settings.responseTimeout(Duration.ofMillis(300));
    front(verbs);
    first.script((request, wire) -> release.await());
    long start = System.nanoTime();

    try (Wire client = front.connect().send(GET)) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(504);
      assertThat(client.body(answer)).contains("urn:gatehouse:problem:gateway-timeout");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(280), Duration.ofSeconds(2));
    saidInTheEnd("0 failed");
  }

  @Test
  void silence_in_the_middle_breaks_the_answer_off() throws Exception {
    settings.idleTimeout(Duration.ofMillis(300));
    front(verbs);
    first.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
      release.await();
    });

    try (Wire client = front.connect().send(GET)) {
      client.head();
      assertThat(client.bytes(5)).isEqualTo("hello");
      assertThat(client.closed()).isTrue();
    }
    saidInTheEnd("0 failed");
  }

  @Test
  void a_slow_stream_is_not_an_idle_one() throws Exception {
    settings.idleTimeout(Duration.ofMillis(400)).responseTimeout(Duration.ofMillis(400));
    front(verbs);
    first.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
      for (int i = 0; i < 8; i++) {
        Thread.sleep(150);
        wire.send("x");
      }
    });

    assertThat(text(GET)).isEqualTo("xxxxxxxx");
  }

  @Test
  void a_long_upload_is_not_a_late_answer() throws Exception {
    settings.responseTimeout(Duration.ofMillis(300));
    front(verbs);

    try (Wire client = front.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n");
      for (int i = 0; i < 8; i++) {
        Thread.sleep(100);
        client.send("x");
      }
      assertThat(client.head().status()).isEqualTo(200);
    }
  }

  @Test
  void a_body_that_stands_still_is_408_and_no_fault_of_the_backend() throws Exception {
    settings.idleTimeout(Duration.ofMillis(300));
    front(verbs);

    try (Wire client = front.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nx");
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(408);
      assertThat(client.body(answer)).contains("request-timeout");
    }
    saidInTheEnd("0 abandoned");
  }

  @Test
  void a_client_that_takes_nothing_is_let_go_and_it_is_no_fault_of_the_backend() throws Exception {
    settings.idleTimeout(Duration.ofMillis(300));
    front(verbs);
    first.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
      String block = "x".repeat(1 << 16);
      while (true) {
        wire.send(block);
      }
    });

    try (Wire client = front.connect().send(GET)) {
      client.head();
      await().atMost(Duration.ofSeconds(4)).until(() -> verbs.said().equals(List.of("0 abandoned")));
    }
  }

  @Test
  void a_connection_that_does_not_come_about_is_504_and_tried_elsewhere_before() throws Exception {
    settings.connectTimeout(Duration.ofMillis(300));
    // A listener that accepts nobody and whose queue is full lets the handshake hang.
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket one = new Socket(full.getInetAddress(), full.getLocalPort());
        Socket two = new Socket(full.getInetAddress(), full.getLocalPort())) {
      URI uri = URI.create("http://127.0.0.1:" + full.getLocalPort());
      Upstream hung = new Upstream(
          uri, 1, Upstream.State.ENABLED, Duration.ofSeconds(30));
      front(new Verbs(List.of(hung, second.upstream())));
      assertThat(text(GET)).isEqualTo("second");
      assertThat(one.isConnected() && two.isConnected()).isTrue();
      front.close();

      front(new Verbs(List.of(hung)));
      try (Wire client = front.connect().send(GET)) {
        assertThat(client.head().status()).isEqualTo(504);
      }
    }
  }

  @Test
  void too_large_a_body_is_refused_by_its_length_before_anybody_is_asked() throws Exception {
    settings.mostRequestBytes(4);
    front(verbs);

    try (Wire client = front.connect().send(POST)) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(client.body(answer)).contains("urn:gatehouse:problem:content-too-large");
    }
    assertThat(verbs.said()).isEmpty();
  }

  @Test
  void too_large_a_body_is_refused_by_counting_when_it_has_no_length() throws Exception {
    settings.mostRequestBytes(10);
    front(verbs);

    try (Wire client = front.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      client.send("8\r\n12345678\r\n");
      client.send("8\r\n12345678\r\n");
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(client.body(answer)).contains("content-too-large");
    }
    saidInTheEnd("0 abandoned");
    await().until(() -> first.openConnections() == 0);
  }

  @Test
  void a_body_of_just_the_most_passes() throws Exception {
    settings.mostRequestBytes(5);
    front(verbs);

    assertThat(text(POST)).isEqualTo("first");
    assertThat(text("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
        .isEqualTo("first");
  }

  @Test
  void a_faulty_answer_is_asked_for_elsewhere_when_the_request_may_be_repeated() throws Exception {
    Pool pool = new Pool(PoolRules.DEFAULT);
    pool.replace(List.of(first.upstream(), second.upstream()));
    front(PoolBalancer.weightedRoundRobin(pool));
    first.script((request, wire) -> {
      wire.body(request);
      wire.send("HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n");
    });
    second.script((request, wire) -> {
      wire.body(request);
      wire.send(ScriptedBackend.ok("second"));
    });

    assertThat(text(GET)).isEqualTo("second");
    pool.replace(List.of(first.upstream()));
    try (Wire client = front.connect().send(GET)) {
      assertThat(client.head().status()).as("there is nobody else").isEqualTo(500);
    }
    try (Wire client = front.connect().send(POST)) {
      assertThat(client.head().status()).as("a POST is asked once").isEqualTo(500);
    }
    assertThat(first.requests()).hasSize(3);
    assertThat(second.requests()).hasSize(1);
    await().until(() -> pool.standings().stream().allMatch(standing -> standing.inFlight() == 0));
  }

  @Test
  void a_503_tells_how_long_to_wait() throws Exception {
    front(new Balancer() {
      @Override
      public Optional<Pick> pick(Inbound request, Set<URI> tried) {
        return Optional.empty();
      }

      @Override
      public Duration retryAfter() {
        return Duration.ofMillis(4200);
      }
    });

    try (Wire client = front.connect().send(GET)) {
      Head head = client.head();
      assertThat(head.status()).isEqualTo(503);
      assertThat(head.first("Retry-After")).isEqualTo("5");
    }
  }

  @Test
  void a_backend_that_is_killed_under_load_costs_no_get_an_error_and_traffic_returns() throws Exception {
    Pool pool = new Pool(new HealthCheck("/health", Duration.ofSeconds(1), Duration.ofMillis(200), 3, 2));
    pool.replace(List.of(first.upstream(), second.upstream()));
    front(PoolBalancer.weightedRoundRobin(pool));
    ScriptedBackend.Script work = (request, wire) -> {
      Thread.sleep(2);
      wire.send(ScriptedBackend.ok("ok"));
    };
    first.script(work);
    second.script(work);
    List<String> errors = new CopyOnWriteArrayList<>();
    AtomicInteger served = new AtomicInteger();
    AtomicBoolean done = new AtomicBoolean();
    List<Thread> clients = new ArrayList<>();
    try (HealthChecker checker = HealthChecker.start(pool, new HttpProbe())) {
      for (int i = 0; i < 16; i++) {
        Thread client = new Thread(() -> load(done, errors, served));
        clients.add(client);
        client.start();
      }
      await().until(() -> served.get() > 300);

      first.kill();
      int atDeath = served.get();
      await().atMost(Duration.ofSeconds(3)).until(() -> !pool.standings().get(0).usable());
      await().until(() -> served.get() > atDeath + 300);

      first.revive();
      int before = first.requests().size();
      await().atMost(Duration.ofSeconds(3)).until(() -> first.requests().size() > before + 50);
      assertThat(checker).isNotNull();
    } finally {
      done.set(true);
      for (Thread client : clients) {
        client.join();
      }
    }
    assertThat(errors).isEmpty();
    assertThat(pool.standings()).allMatch(standing -> standing.inFlight() == 0);
  }

  private void load(AtomicBoolean done, List<String> errors, AtomicInteger served) {
    try (Wire client = front.connect()) {
      while (!done.get()) {
        client.send(GET);
        Head head = client.head();
        String body = client.body(head);
        if (head.status() != 200 || !body.equals("ok")) {
          errors.add(head.line() + ' ' + body);
        }
        served.incrementAndGet();
      }
    } catch (IOException e) {
      errors.add(e.toString());
    }
  }

  /** The client may have its answer a moment before the balancer is told. */
  private void saidInTheEnd(String... verbs) {
    await().untilAsserted(() -> assertThat(this.verbs.said()).containsExactly(verbs));
  }

  private void front(Balancer balancer) throws Exception {
    front = new Front(balancer, settings.build());
  }

  private String text(String request) throws IOException {
    try (Wire client = front.connect().send(request)) {
      return client.body(client.head());
    }
  }
}
