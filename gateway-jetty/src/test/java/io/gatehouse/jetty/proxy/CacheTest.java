package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Subject;
import io.gatehouse.core.cache.AnswerCache;
import io.gatehouse.core.cache.CacheRules;
import io.gatehouse.core.cache.CacheRules.Partition;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.jetty.fixture.Wire.Head;
import io.gatehouse.jetty.websocket.Tunnels;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kept answers on real connections: what backends are asked, and what clients get. */
class CacheTest {

  private static final int STORE = 16 << 20;

  private final AnswerCache answers = new AnswerCache(STORE);
  private ScriptedBackend backend;
  private Front front;

  record Got(Head head, String body) {
    String status() {
      return head.first("Cache-Status");
    }
  }

  @BeforeEach
  void start() throws Exception {
    backend = new ScriptedBackend((request, wire) -> wire.send(ok("hello", "Cache-Control: public, max-age=60")));
  }

  @AfterEach
  void stop() throws Exception {
    if (front != null) {
      front.close();
    }
    backend.close();
  }

  @Test
  void a_second_request_asks_no_backend() throws Exception {
    serve(rules(Partition.SHARED));

    Got first = get("/a");
    Got second = get("/a");

    assertThat(first.body).isEqualTo("hello");
    assertThat(first.status()).isEqualTo("gatehouse; fwd=uri-miss; ttl=60; stored");
    assertThat(first.head.has("Age")).isFalse();
    assertThat(second.body).isEqualTo("hello");
    assertThat(second.status()).matches("gatehouse; hit; ttl=(59|60)");
    assertThat(second.head.first("Age")).matches("[01]");
    assertThat(second.head.first("Via")).isEqualTo("1.1 gatehouse");
    assertThat(backend.requests()).hasSize(1);
  }

  @Test
  void what_says_nothing_of_it_is_not_kept() throws Exception {
    backend.script((request, wire) -> wire.send(ok("hello")));
    serve(rules(Partition.SHARED));

    assertThat(get("/a").status()).isEqualTo("gatehouse; fwd=uri-miss; detail=no-freshness");
    assertThat(get("/a").status()).isEqualTo("gatehouse; fwd=uri-miss; detail=not-kept");
    assertThat(backend.requests()).hasSize(2);
    assertThat(answers.figures().bytes()).isZero();
  }

  @Test
  void concurrent_misses_are_one_request() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    backend.script((request, wire) -> {
      go.await(10, TimeUnit.SECONDS);
      wire.send(ok("x".repeat(300_000), "Cache-Control: public, max-age=60"));
    });
    serve(rules(Partition.SHARED));

    List<Future<Got>> clients = new ArrayList<>();
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      for (int i = 0; i < 40; i++) {
        clients.add(threads.submit(() -> get("/a")));
      }
      await().until(() -> !backend.requests().isEmpty());
      go.countDown();
      for (Future<Got> client : clients) {
        assertThat(client.get(20, TimeUnit.SECONDS).body).hasSize(300_000);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(backend.requests()).hasSize(1);
    await().untilAsserted(() -> assertThat(answers.figures().entries()).isEqualTo(1));
  }

  @Test
  void a_fill_does_not_depend_on_its_first_client() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\nContent-Length: 10\r\n\r\n12345");
      go.await(10, TimeUnit.SECONDS);
      wire.send("67890");
    });
    serve(rules(Partition.SHARED));

    Wire first = front.connect().send(request("/a"));
    assertThat(first.head().status()).isEqualTo(200);
    assertThat(first.bytes(5)).isEqualTo("12345");
    Wire second = front.connect().send(request("/a"));
    assertThat(second.head().first("Cache-Status")).contains("collapsed");
    first.reset();
    assertThat(second.bytes(5)).isEqualTo("12345");
    go.countDown();

    assertThat(second.bytes(5)).isEqualTo("67890");
    second.close();
    assertThat(get("/a").status()).contains("hit");
    assertThat(backend.requests()).hasSize(1);
  }

  @Test
  void users_do_not_get_each_others_answers() throws Exception {
    AtomicInteger n = new AtomicInteger();
    backend.script((request, wire) -> wire.send(ok("n" + n.incrementAndGet(), "Cache-Control: max-age=60")));
    serve(rules(Partition.USER), Map.of(UpstreamServlet.SUBJECT, new Subject("anna", "k")));
    String hers = get("/a").body;
    assertThat(get("/a").body).isEqualTo(hers);
    front.close();

    serve(rules(Partition.USER), Map.of(UpstreamServlet.SUBJECT, new Subject("bert", "k")));

    assertThat(get("/a").body).isNotEqualTo(hers);
  }

  @Test
  void a_stale_answer_is_validated() throws Exception {
    backend.script((request, wire) -> {
      if (request.first("If-None-Match").equals("\"one\"")) {
        wire.send("HTTP/1.1 304 Not Modified\r\nETag: \"one\"\r\nCache-Control: public, max-age=60\r\n\r\n");
      } else {
        wire.send(ok("hello", "Cache-Control: public, max-age=0", "ETag: \"one\""));
      }
    });
    serve(rules(Partition.SHARED));

    assertThat(get("/a").status()).isEqualTo("gatehouse; fwd=uri-miss; ttl=0; stored");
    Got validated = get("/a");
    Got kept = get("/a");

    assertThat(validated.status()).isEqualTo("gatehouse; fwd=stale; fwd-status=304; ttl=60; stored");
    assertThat(validated.body).isEqualTo("hello");
    assertThat(kept.status()).contains("hit");
    assertThat(backend.requests()).hasSize(2);
  }

  @Test
  void an_answer_larger_than_what_is_kept_passes_and_waits_for_its_client() throws Exception {
    int size = 12 << 20;
    AtomicInteger sent = new AtomicInteger();
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n");
      byte[] piece = ("8000\r\n" + "y".repeat(0x8000) + "\r\n").getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
      for (int i = 0; i < size / 0x8000; i++) {
        wire.send(piece);
        sent.addAndGet(0x8000);
      }
      wire.send("0\r\n\r\n");
    });
    serve(rules(Partition.SHARED));

    try (Wire client = front.connect().send(request("/big"))) {
      Head head = client.head();
      assertThat(head.status()).isEqualTo(200);
      await().during(Duration.ofMillis(300)).until(() -> sent.get() < size);
      assertThat(client.body(head)).hasSize(size);
    }
    await().untilAsserted(() -> assertThat(answers.figures().bytes()).isZero());
  }

  private static CacheRules rules(Partition partition) {
    CacheRules some = CacheRules.DEFAULT;
    return new CacheRules(partition, some.defaultTtl(), some.staleWhileRevalidate(), some.staleIfError(), 1 << 20,
        true, true, some.normaliser());
  }

  private void serve(CacheRules rules) throws Exception {
    serve(rules, Map.of());
  }

  private void serve(CacheRules rules, Map<String, Object> attributes) throws Exception {
    Lane lane = new Lane(new Verbs(List.of(backend.upstream())), new RetryBudget(), ProxySettings.builder().build(),
        Rewriting.NONE, Optional.of(new Caching("", rules, answers)));
    front = new Front(new UpstreamServlet(Lanes.of(lane), new Tunnels(Tunnels.IDLE_TIMEOUT)), attributes);
  }

  private Got get(String target, String... fields) throws IOException {
    try (Wire client = front.connect().send(request(target, fields))) {
      Head head = client.head();
      return new Got(head, head.status() == 304 ? "" : client.body(head));
    }
  }

  private static String request(String target, String... fields) {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + lines(fields) + "\r\n";
  }

  private static String lines(String... fields) {
    return fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
  }

  private static String ok(String text, String... fields) {
    return "HTTP/1.1 200 OK\r\n" + lines(fields) + "Content-Length: " + text.length() + "\r\n\r\n" + text;
  }
}
