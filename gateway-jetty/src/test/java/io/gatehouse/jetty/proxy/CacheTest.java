package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.Dispatch;
import io.gatehouse.Subject;
import io.gatehouse.core.cache.AnswerCache;
import io.gatehouse.core.cache.CacheRules;
import io.gatehouse.core.cache.CacheRules.Partition;
import io.gatehouse.core.upstream.FairQueue;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.jetty.fixture.Wire.Head;
import io.gatehouse.jetty.websocket.Tunnels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
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
  void what_is_not_kept_is_given_only_to_whom_it_was_made_for() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger n = new AtomicInteger();
    backend.script((request, wire) -> {
      int now = n.incrementAndGet();
      go.await(10, TimeUnit.SECONDS);
      wire.send(ok("n" + now, "Cache-Control: private, max-age=60"));
    });
    serve(rules(Partition.SHARED));
    Wire first = front.connect().send(request("/a"));
    await().until(() -> backend.requests().size() == 1);

    try (Wire second = front.connect().send(request("/a"))) {
      first.reset();
      await().until(() -> front.endings().equals(List.of("ABORTED")));
      go.countDown();
      assertThat(second.body(second.head())).isEqualTo("n2");
    }
  }

  @Test
  void pixels_are_charged_once_to_whoever_gets_the_image_first() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    backend.script((request, wire) -> {
      go.await(10, TimeUnit.SECONDS);
      wire.send(ok("img", "Cache-Control: public, max-age=60", "X-Result-Width: 20", "X-Result-Height: 10"));
    });
    serve(rules(Partition.SHARED));
    Wire first = front.connect().send(request("/a"));
    await().until(() -> backend.requests().size() == 1);
    first.reset();
    await().until(() -> front.endings().equals(List.of("ABORTED")));
    go.countDown();
    await().until(() -> answers.figures().entries() == 1);

    get("/a");
    get("/a");

    await().until(() -> front.pixels().equals(List.of(0L, 200L, 0L)));
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
      byte[] piece = ("8000\r\n" + "y".repeat(0x8000) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
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

  @Test
  void a_kept_answer_serves_conditions_parts_and_heads() throws Exception {
    backend.script((request, wire) -> wire.send(
        ok("0123456789", "Cache-Control: public, max-age=60", "ETag: \"one\"", "X-Long: gone")));
    serve(rules(Partition.SHARED));
    get("/a");

    Got unchanged = get("/a", "If-None-Match: W/\"one\"");
    Got part = get("/a", "Range: bytes=2-4");
    Got none = get("/a", "Range: bytes=10-");
    assertThat(unchanged.head.status()).isEqualTo(304);
    assertThat(unchanged.head.first("ETag")).isEqualTo("\"one\"");
    assertThat(unchanged.head.has("X-Long")).isFalse();
    assertThat(part.head.status()).isEqualTo(206);
    assertThat(part.head.first("Content-Range")).isEqualTo("bytes 2-4/10");
    assertThat(part.body).isEqualTo("234");
    assertThat(none.head.status()).isEqualTo(416);
    assertThat(none.head.first("Content-Range")).isEqualTo("bytes */10");
    try (Wire client = front.connect().send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + request("/a"))) {
      Head head = client.head();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.first("Content-Length")).isEqualTo("10");
      assertThat(head.first("Cache-Status")).contains("hit");
      assertThat(client.body(client.head())).isEqualTo("0123456789");
    }
    assertThat(backend.requests()).hasSize(1);
  }

  @Test
  void conditions_and_parts_are_the_clients_and_not_those_of_what_is_kept() throws Exception {
    serve(rules(Partition.SHARED));

    get("/a", "If-None-Match: \"other\"");
    assertThat(backend.request().has("If-None-Match")).isFalse();
    get("/b", "Range: bytes=0-1");
    assertThat(backend.request().first("Range")).isEqualTo("bytes=0-1");
    assertThat(get("/b").status()).contains("uri-miss");
  }

  @Test
  void variants_are_told_apart_by_what_the_answer_varies_by() throws Exception {
    backend.script((request, wire) -> wire.send(
        ok(request.first("Accept"), "Vary: Accept", "Cache-Control: public, max-age=60")));
    serve(rules(Partition.SHARED));

    assertThat(get("/a", "Accept: image/webp").body).isEqualTo("image/webp");
    Got other = get("/a", "Accept: image/avif");
    assertThat(other.body).isEqualTo("image/avif");
    assertThat(other.status()).contains("fwd=vary-miss");
    assertThat(get("/a", "Accept: image/webp", "User-Agent: x").status()).contains("hit");
    assertThat(get("/a", "Accept: image/avif").body).isEqualTo("image/avif");
    assertThat(backend.requests()).hasSize(2);
  }

  @Test
  void those_who_wait_for_another_variant_get_their_own() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    backend.script((request, wire) -> {
      go.await(10, TimeUnit.SECONDS);
      wire.send(ok(request.first("Accept"), "Vary: Accept", "Cache-Control: public, max-age=60"));
    });
    serve(rules(Partition.SHARED));
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      List<Future<Got>> clients = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        String accept = "type/" + i % 3;
        clients.add(threads.submit(() -> get("/a", "Accept: " + accept)));
      }
      await().until(() -> !backend.requests().isEmpty());
      go.countDown();
      for (int i = 0; i < 24; i++) {
        assertThat(clients.get(i).get(20, TimeUnit.SECONDS).body).isEqualTo("type/" + i % 3);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(backend.requests().size()).isBetween(3, 6);
    await().until(() -> front.fills() == 0);
  }

  @Test
  void those_who_waited_for_what_is_not_kept_get_one_of_their_own() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger n = new AtomicInteger();
    backend.script((request, wire) -> {
      go.await(10, TimeUnit.SECONDS);
      wire.send(ok("n" + n.incrementAndGet(), "Cache-Control: private"));
    });
    serve(rules(Partition.SHARED));
    ExecutorService threads = Executors.newCachedThreadPool();
    Set<String> bodies = ConcurrentHashMap.newKeySet();
    try {
      List<Future<Got>> clients = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        clients.add(threads.submit(() -> get("/a")));
      }
      await().until(() -> !backend.requests().isEmpty());
      go.countDown();
      for (Future<Got> client : clients) {
        bodies.add(client.get(20, TimeUnit.SECONDS).body);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(bodies).as("nobody gets what is another's").hasSize(40);
    assertThat(answers.figures().bytes()).isZero();
  }

  @Test
  void a_stale_answer_is_given_out_and_asked_for_anew_once() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger n = new AtomicInteger();
    backend.script((request, wire) -> {
      int now = n.incrementAndGet();
      if (now > 1) {
        go.await(10, TimeUnit.SECONDS);
      }
      wire.send(ok("n" + now, "Cache-Control: public, max-age=" + (now == 1 ? 0 : 60) + ", stale-while-revalidate=60",
          "ETag: \"" + now + '"'));
    });
    serve(rules(Partition.SHARED));
    get("/a");

    for (int i = 0; i < 5; i++) {
      Got stale = get("/a");
      assertThat(stale.body).isEqualTo("n1");
      assertThat(stale.status()).isEqualTo("gatehouse; hit; ttl=-1");
    }
    await().until(() -> backend.requests().size() == 2);
    go.countDown();
    await().until(() -> get("/a").body.equals("n2"));
    assertThat(backend.requests()).hasSize(2);
    assertThat(answers.figures().stale()).isGreaterThanOrEqualTo(5);
  }

  @Test
  void a_stale_answer_does_in_the_place_of_an_error_and_of_no_backend() throws Exception {
    backend.script((request, wire) -> wire.send(ok("good", "Cache-Control: public, max-age=0, stale-if-error=60",
        "ETag: \"1\"")));
    serve(rules(Partition.SHARED));
    get("/a");
    backend.script((request, wire) -> wire.send("HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno"));

    Got instead = get("/a");
    backend.kill();
    Got without = get("/a");

    assertThat(instead.head.status()).isEqualTo(200);
    assertThat(instead.body).isEqualTo("good");
    assertThat(instead.status()).isEqualTo("gatehouse; fwd=stale; fwd-status=500");
    assertThat(without.body).isEqualTo("good");
    assertThat(without.status()).isEqualTo("gatehouse; fwd=stale; detail=no-backend");
    assertThat(get("/b").head.status()).isEqualTo(502);
  }

  @Test
  void a_change_through_the_gateway_invalidates() throws Exception {
    serve(rules(Partition.SHARED));
    get("/a");
    get("/b");

    try (Wire client = front.connect().send("DELETE /a HTTP/1.1\r\nHost: A\r\n\r\n")) {
      assertThat(client.head().status()).isEqualTo(200);
    }

    assertThat(get("/a").status()).contains("uri-miss");
    assertThat(get("/b").status()).contains("hit");
  }

  @Test
  void clients_have_a_say_or_not() throws Exception {
    serve(rules(Partition.SHARED));

    assertThat(get("/a", "Cache-Control: only-if-cached").head.status()).isEqualTo(504);
    get("/a");
    assertThat(get("/a", "Cache-Control: only-if-cached").head.status()).isEqualTo(200);
    assertThat(get("/a", "Cache-Control: no-cache").status()).contains("fwd=request").contains("stored");
    assertThat(get("/a", "Cache-Control: no-store").status()).contains("hit");
    assertThat(get("/c", "Cache-Control: no-store").status()).contains("fwd=bypass");
    assertThat(get("/c").status()).contains("uri-miss");
  }

  @Test
  void a_slow_client_does_not_keep_others_from_the_answer() throws Exception {
    int size = 900_000;
    backend.script((request, wire) -> wire.send(ok("z".repeat(size), "Cache-Control: public, max-age=60")));
    serve(rules(Partition.SHARED));

    try (Wire slow = front.connect().send(request("/a"))) {
      Head head = slow.head();
      await().until(() -> answers.figures().entries() == 1);
      assertThat(get("/a").body).hasSize(size);
      assertThat(slow.body(head)).hasSize(size);
    }
  }

  @Test
  void an_answer_that_breaks_off_is_not_kept_and_seen_to_be_a_part() throws Exception {
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\nContent-Length: 10\r\n\r\n12345");
      throw new IOException("dies");
    });
    serve(rules(Partition.SHARED));

    try (Wire client = front.connect().send(request("/a"))) {
      Head head = client.head();
      assertThat(head.status()).isIn(200, 502);
      if (head.status() == 200) {
        assertThat(client.bytes(5)).isEqualTo("12345");
        assertThat(client.ends()).isTrue();
      }
    }
    await().until(() -> front.fills() == 0);
    assertThat(answers.figures().entries()).isZero();
    await().until(() -> answers.figures().bytes() == 0);
  }

  @Test
  void what_came_before_an_answer_broke_off_is_with_the_client() throws Exception {
    Semaphore headRead = new Semaphore(0);
    backend.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\nContent-Length: 10\r\n\r\n");
      headRead.tryAcquire(10, TimeUnit.SECONDS);
      wire.send("12345");
      throw new IOException("dies");
    });
    serve(rules(Partition.SHARED));

    for (int i = 0; i < 100; i++) {
      try (Wire client = front.connect().send(request("/a"))) {
        assertThat(client.head().status()).isEqualTo(200);
        headRead.release();
        assertThat(client.bytes(5)).as("answer %d", i).isEqualTo("12345");
        assertThat(client.ends()).isTrue();
      }
    }
  }

  @Test
  void tags_differ_where_answers_do_and_the_backend_knows_its_own() throws Exception {
    backend.script((request, wire) -> {
      if (request.first("If-None-Match").equals("\"source\"")) {
        wire.send("HTTP/1.1 304 Not Modified\r\nETag: \"source\"\r\n\r\n");
      } else {
        wire.send(ok("img", "ETag: \"source\"", "Cache-Control: private"));
      }
    });
    Rewriting marked = new Rewriting("", "", FieldRules.NONE, FieldRules.NONE, true);
    serve(new Lane(new Verbs(List.of(backend.upstream())), new RetryBudget(), ProxySettings.builder().build(), marked),
        Map.of());

    String webp = get("/a", "Accept: image/webp").head.first("ETag");
    String avif = get("/a", "Accept: image/avif").head.first("ETag");

    assertThat(webp).isNotEqualTo(avif).startsWith("\"source~");
    Got same = get("/a", "Accept: image/webp", "If-None-Match: \"x\", " + webp);
    assertThat(same.head.status()).isEqualTo(304);
    assertThat(same.head.first("ETag")).isEqualTo(webp);
    assertThat(get("/a", "Accept: image/avif", "If-None-Match: " + webp).head.status()).isEqualTo(200);
    assertThat(get("/a", "Accept: image/avif", "If-None-Match: \"source\"").head.status()).isEqualTo(200);
  }

  @Test
  void a_kept_answer_is_fresh_to_each_client_no_longer_than_its_url_is_good() throws Exception {
    Map<String, Object> attributes = new ConcurrentHashMap<>();
    attributes.put(UpstreamServlet.DISPATCH, until(Instant.now().plusSeconds(30)));
    backend.script((request, wire) -> wire.send(ok("img", "Cache-Control: public, max-age=600")));
    serve(rules(Partition.SHARED), attributes);

    Got first = get("/signed/1");
    attributes.put(UpstreamServlet.DISPATCH, until(Instant.now().plusSeconds(300)));
    Got second = get("/signed/2");
    attributes.put(UpstreamServlet.DISPATCH, until(Instant.now().minusSeconds(1)));
    Got third = get("/signed/3");
    attributes.put(UpstreamServlet.DISPATCH, new Dispatch("/made/of/it", "tenant:acme", 0, Optional.empty()));
    Got fourth = get("/signed/4");

    assertThat(first.head.first("Cache-Control")).matches("public, max-age=(2[0-9]|30), must-revalidate");
    assertThat(second.status()).matches("gatehouse; hit; ttl=[0-9]+");
    assertThat(second.head.first("Cache-Control")).matches("public, max-age=(29[0-9]|30[0-9]), must-revalidate");
    assertThat(third.status()).contains("hit");
    long age = Long.parseLong(third.head.first("Age"));
    assertThat(third.head.first("Cache-Control")).isEqualTo("public, max-age=" + age + ", must-revalidate");
    assertThat(fourth.head.first("Cache-Control")).isEqualTo("public, max-age=600");
    assertThat(backend.requests()).hasSize(1);
    assertThat(backend.request().line()).isEqualTo("GET /made/of/it HTTP/1.1");
  }

  @Test
  void who_is_given_what_is_kept_waits_for_no_turn() throws Exception {
    FairQueue queue = new FairQueue(new FairQueue.Rules(1, 0, 0, Duration.ofSeconds(5)));
    Lane lane = new Lane(new Verbs(List.of(backend.upstream())), new RetryBudget(), ProxySettings.builder().build(),
        Rewriting.NONE, Optional.of(queue), Optional.of(new Caching("", rules(Partition.SHARED), answers)));
    serve(lane, Map.of());
    assertThat(get("/a").head.status()).isEqualTo(200);

    FairQueue.Place taken = queue.enter("somebody", () -> {}).orElseThrow();

    assertThat(get("/a").status()).contains("hit");
    assertThat(get("/b").head.status()).isEqualTo(503);
    taken.leave();
    assertThat(get("/b").head.status()).isEqualTo(200);
    assertThat(backend.requests()).hasSize(2);
  }

  @Test
  void the_pixels_of_an_image_are_owed_once_and_by_estimate_where_nobody_tells() throws Exception {
    Dispatch dispatch = new Dispatch("/made/of/it", "tenant:acme", 1200, Optional.empty());
    serve(rules(Partition.SHARED), Map.of(UpstreamServlet.DISPATCH, dispatch));

    get("/signed/1");
    get("/signed/2");

    await().untilAsserted(() -> assertThat(front.pixels()).containsExactly(1200L, 0L));
  }

  @Test
  void errors_of_imgproxy_are_not_kept_whatever_they_say() throws Exception {
    backend.script((request, wire) ->
        wire.send("HTTP/1.1 404 Not Found\r\nCache-Control: public, max-age=60\r\nContent-Length: 0\r\n\r\n"));
    ProxySettings settings = ProxySettings.builder().speaker(ProxySettings.Speaker.IMGPROXY).build();
    serve(new Lane(new Verbs(List.of(backend.upstream())), new RetryBudget(), settings, Rewriting.NONE,
        Optional.empty(), Optional.of(new Caching("", rules(Partition.SHARED), answers))), Map.of());

    Got first = get("/a");

    assertThat(first.status()).isEqualTo("gatehouse; fwd=uri-miss; detail=no-store");
    assertThat(first.head.first("Cache-Control")).isEqualTo("no-store");
    assertThat(get("/a").head.first("Cache-Control")).isEqualTo("no-store");
    assertThat(backend.requests()).hasSize(2);
  }

  private static Dispatch until(Instant end) {
    return new Dispatch("/made/of/it", "tenant:acme", 0, Optional.of(end));
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
        Rewriting.NONE, Optional.empty(), Optional.of(new Caching("", rules, answers)));
    serve(lane, attributes);
  }

  private void serve(Lane lane, Map<String, Object> attributes) throws Exception {
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
