package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.Http2Wire;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.ErrorCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole gateway with clients that speak HTTP/2, those that behave and those that do not. */
class Http2Test {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int MIB = 1 << 20;
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  @TempDir Path directory;

  private final AtomicBoolean released = new AtomicBoolean();
  private final AtomicLong written = new AtomicLong();
  private ScriptedBackend backend;
  private GatewayNode node;

  @BeforeEach
  void start() throws IOException {
    backend = new ScriptedBackend(this::answer);
    node = GatewayNode.start(directory, """
        server: {read_timeout: 5s}
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        """.formatted(backend.uri()));
  }

  @AfterEach
  void stop() throws IOException {
    node.close();
    backend.close();
  }

  private void answer(Wire.Head request, Wire wire) throws IOException, InterruptedException {
    switch (request.target()) {
      case "/slow" -> {
        for (int i = 0; i < 600 && !released.get(); i++) {
          Thread.sleep(50);
        }
        wire.send(ScriptedBackend.ok("at last"));
      }
      case "/big" -> {
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: " + 32 * MIB + "\r\n\r\n");
        for (int i = 0; i < 32; i++) {
          wire.send(new byte[MIB]);
          written.addAndGet(MIB);
        }
      }
      case "/upload" -> {
        for (int i = 0; i < 600 && !released.get(); i++) {
          Thread.sleep(50);
        }
        wire.in().skipNBytes(Long.parseLong(request.first("Content-Length")));
        wire.send(ScriptedBackend.ok("got it"));
      }
      case "/hints" -> wire.send("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
          + ScriptedBackend.ok("hinted"));
      case "/trailers" -> wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
          + "4\r\nbody\r\n0\r\nX-Sum: 42\r\n\r\n");
      case "/expect" -> {
        wire.send("HTTP/1.1 100 Continue\r\n\r\n");
        wire.send(ScriptedBackend.ok("got " + wire.body(request)));
      }
      case "/summed" -> {
        String body = wire.bytes(Integer.parseInt(wire.line(), 16)) + wire.line();
        wire.send(ScriptedBackend.ok(body + ", " + wire.line() + ", " + wire.line() + wire.line()));
      }
      default -> wire.send(ScriptedBackend.ok(request.method() + " " + wire.body(request)));
    }
  }

  @Test
  void a_request_passes_the_gates_and_reaches_the_backend_in_the_words_of_http_1_1() throws Exception {
    String user = node.user("alice");
    String key = node.key(user).secret();
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      Http2Wire.Exchange refused = client.get("/a");
      Http2Wire.Exchange admitted = client.get("//a%2Fb?c", "x-api-key", key, "cookie", "a=1", "cookie", "b=2");

      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.fields().get("content-type")).isEqualTo("application/problem+json");
      assertThat(admitted.status()).isEqualTo(200);
      assertThat(admitted.body()).isEqualTo("GET ");
      Wire.Head asked = asked("//a%2Fb?c");
      assertThat(asked.line()).endsWith("HTTP/1.1");
      assertThat(asked.all("Cookie")).containsExactly("a=1; b=2");
      assertThat(asked.first("X-Forwarded-Host")).isEqualTo("gateway.example:81");
      assertThat(asked.first("X-Forwarded-Proto")).isEqualTo("http");
      assertThat(asked.first("Via")).isEqualTo("2 gatehouse");
      assertThat(asked.has("X-Api-Key")).isFalse();
      await().atMost(SOON).until(() -> used(user) == 1);
    }
  }

  @Test
  void what_a_client_says_of_the_scheme_and_of_host_beside_the_authority_is_not_believed() throws Exception {
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      Http2Wire.Exchange exchange =
          client.send("GET", "https", "/a", true, true, "x-api-key", key(), "host", "evil.example");

      assertThat(exchange.status()).isEqualTo(200);
      assertThat(asked("/a").all("X-Forwarded-Proto")).containsExactly("http");
      assertThat(asked("/a").all("X-Forwarded-Host")).containsExactly("gateway.example:81");
    }
  }

  @Test
  void a_client_may_ask_for_http_2_in_its_first_request() throws Exception {
    HttpResponse<String> response = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build().send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port() + "/a")).header("X-API-Key", key()).build(),
        BodyHandlers.ofString());

    assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(response.statusCode()).isEqualTo(200);
  }

  @Test
  void a_body_without_a_length_arrives_whole() throws Exception {
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      Http2Wire.Exchange exchange = client.send("POST", "http", "/a", false, true, "x-api-key", key());
      exchange.more("first ".getBytes(), false).get(20, TimeUnit.SECONDS);
      exchange.more("second".getBytes(), true).get(20, TimeUnit.SECONDS);

      assertThat(exchange.body()).isEqualTo("POST first second");
    }
  }

  @Test
  void what_a_backend_says_before_and_behind_its_answer_arrives() throws Exception {
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      Http2Wire.Exchange hints = client.get("/hints", "x-api-key", key());
      Http2Wire.Exchange trailers = client.get("/trailers", "x-api-key", key(), "te", "trailers");

      assertThat(hints.body()).isEqualTo("hinted");
      assertThat(hints.interim()).singleElement().satisfies(early -> {
        assertThat(early.getStatus()).isEqualTo(103);
        assertThat(early.getHttpFields().get("link")).isEqualTo("</style.css>; rel=preload");
      });
      assertThat(trailers.body()).isEqualTo("body");
      assertThat(trailers.trailers().get("x-sum")).isEqualTo("42");
      assertThat(asked("/trailers").first("TE")).isEqualTo("trailers");
    }
  }

  @Test
  void fields_behind_a_body_and_a_wait_for_the_word_to_send_it_reach_the_backend() throws Exception {
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      Http2Wire.Exchange trailing = client.send("POST", "http", "/summed", false, true, "x-api-key", key(), "trailer", "x-sum");
      trailing.more("body".getBytes(), false).get(20, TimeUnit.SECONDS);
      trailing.end("x-sum", "42");
      Http2Wire.Exchange waiting =
          client.send("POST", "http", "/expect", false, true, "x-api-key", key(), "expect", "100-continue");
      await().atMost(SOON).until(() -> !waiting.interim().isEmpty());
      waiting.more("at once".getBytes(), true).get(20, TimeUnit.SECONDS);

      assertThat(trailing.body()).isEqualToIgnoringCase("body, 0, x-sum: 42");
      assertThat(waiting.interim()).extracting(MetaData.Response::getStatus).containsExactly(100);
      assertThat(waiting.body()).isEqualTo("got at once");
    }
  }

  @Test
  void an_answer_goes_no_faster_than_its_client_takes_it() throws Exception {
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      Http2Wire.Exchange exchange = client.send("GET", "http", "/big", true, false, "x-api-key", key());
      assertThat(exchange.status()).isEqualTo(200);
      await().during(Duration.ofSeconds(1)).atMost(SOON).until(() -> written.get() < 20 * MIB);
      assertThat(client.get("/b", "x-api-key", key()).status()).as("another stream meanwhile").isEqualTo(200);

      exchange.take();

      await().atMost(SOON).until(exchange::ended);
      assertThat(exchange.received()).isEqualTo(32 * MIB);
    }
  }

  @Test
  void a_body_goes_no_faster_than_the_backend_takes_it() throws Exception {
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      Http2Wire.Exchange exchange = client.send(
          "PUT", "http", "/upload", false, true, "x-api-key", key(), "content-length", Integer.toString(32 * MIB));
      AtomicLong sent = new AtomicLong();
      CompletableFuture<?> before = CompletableFuture.completedFuture(null);
      for (int i = 1; i <= 32; i++) {
        boolean last = i == 32;
        before = before.thenCompose(done -> exchange.more(new byte[MIB], last))
            .thenRun(() -> sent.addAndGet(MIB));
      }
      await().during(Duration.ofSeconds(1)).atMost(SOON).until(() -> sent.get() < 20 * MIB);

      released.set(true);

      assertThat(exchange.body()).isEqualTo("got it");
      assertThat(sent.get()).isEqualTo(32 * MIB);
    }
  }

  @Test
  void a_stream_that_is_reset_frees_its_backend_and_no_other() throws Exception {
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      Http2Wire.Exchange kept = client.get("/slow", "x-api-key", key());
      Http2Wire.Exchange left = client.get("/slow", "x-api-key", key());
      await().atMost(SOON).until(() -> inFlight() == 2);

      left.cancel();

      await().atMost(Duration.ofSeconds(5)).until(() -> inFlight() == 1);
      released.set(true);
      assertThat(kept.body()).isEqualTo("at last");
    }
  }

  @Test
  void a_stream_that_is_reset_after_a_long_wait_frees_its_backend_too() throws Exception {
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      Http2Wire.Exchange left = client.get("/slow", "x-api-key", key());
      await().atMost(SOON).until(() -> inFlight() == 1);
      await().during(Duration.ofSeconds(6)).atMost(SOON).until(() -> inFlight() == 1); // read_timeout is 5 s

      left.cancel();

      await().atMost(Duration.ofSeconds(5)).until(() -> inFlight() == 0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_connection_that_ends_with_a_goodbye_or_without_frees_all_its_backends(boolean goodbye) throws Exception {
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      for (int i = 0; i < 5; i++) {
        client.get("/slow", "x-api-key", key());
      }
      await().atMost(SOON).until(() -> inFlight() == 5);
      if (!goodbye) {
        client.cut();
      }
    }

    await().atMost(Duration.ofSeconds(5)).until(() -> inFlight() == 0);
  }

  @Test
  void a_drain_answers_what_was_asked_and_then_says_goodbye() throws Exception {
    try (Http2Wire busy = Http2Wire.connect(node.port()); Http2Wire idle = Http2Wire.connect(node.port())) {
      assertThat(idle.get("/b", "x-api-key", key()).body()).isEqualTo("GET ");
      Http2Wire.Exchange exchange = busy.get("/slow", "x-api-key", key());
      await().atMost(SOON).until(() -> inFlight() == 1);

      CompletableFuture<Void> closing = CompletableFuture.runAsync(node::close);
      assertThat(idle.goAway().get(20, TimeUnit.SECONDS).getError()).isEqualTo(ErrorCode.NO_ERROR.code);
      assertThat(busy.goAway()).isNotDone();
      released.set(true);

      assertThat(exchange.body()).isEqualTo("at last");
      assertThat(busy.closed().get(20, TimeUnit.SECONDS).getError()).isEqualTo(ErrorCode.NO_ERROR.code);
      closing.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void a_drain_does_not_wait_for_ever_to_say_goodbye() throws Exception {
    try (GatewayNode hasty = GatewayNode.start(directory.resolve("hasty"), """
            server: {shutdown_timeout: 10s}
            backends: [{url: "%s"}]
            auth: {required: false}
            """.formatted(backend.uri()));
        Http2Wire client = Http2Wire.connect(hasty.port())) {
      Http2Wire.Exchange exchange = client.get("/slow");
      await().atMost(SOON).until(() -> hasty.gatehouse().pool().standings().get(0).inFlight() == 1);

      CompletableFuture<Void> closing = CompletableFuture.runAsync(hasty::close);
      assertThat(client.goAway().get(20, TimeUnit.SECONDS).getError()).isEqualTo(ErrorCode.NO_ERROR.code);
      assertThat(exchange.ended()).isFalse();
      released.set(true);

      assertThat(exchange.body()).isEqualTo("at last");
      closing.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void a_head_that_is_too_large_is_refused_and_harms_no_other_stream() throws Exception {
    try (Http2Wire client = Http2Wire.connect(node.port())) {
      client.largestHead(1 << 20);
      Http2Wire.Exchange large = client.get("/a", "x-api-key", key(), "x-large", "x".repeat(20_000));

      assertThat(large.status()).isEqualTo(431);
      assertThat(client.get("/b", "x-api-key", key()).status()).isEqualTo(200);
      assertThat(backend.requests()).noneMatch(head -> head.target().equals("/a"));
    }
  }

  /** CVE-2023-44487. */
  @Test
  void streams_that_are_begun_and_reset_without_end_cost_the_connection() throws Exception {
    String key = key();
    try (Http2Wire attacker = Http2Wire.connect(node.port()); Http2Wire other = Http2Wire.connect(node.port())) {
      List<Throwable> failures = new ArrayList<>();
      for (int i = 0; i < 2_000 && failures.isEmpty(); i++) {
        try {
          attacker.get("/slow", "x-api-key", key).cancel();
        } catch (Exception e) {
          failures.add(e);
        }
      }

      // The goodbye with its reason is lost when the socket is closed before all was read that the attacker had sent.
      await().atMost(SOON).until(attacker.closed()::isDone);
      assertThat(attacker.goAway().isDone() ? attacker.goAway().get().getError() : 0)
          .isIn(ErrorCode.ENHANCE_YOUR_CALM_ERROR.code, ErrorCode.NO_ERROR.code);
      assertThat(other.get("/b", "x-api-key", key).status()).isEqualTo(200);
      await().atMost(SOON).until(() -> inFlight() == 0);
    }
  }

  @Test
  void a_head_without_end_costs_the_connection_before_it_costs_memory() throws Exception {
    try (Wire attacker = Wire.connect(node.port()); Http2Wire other = Http2Wire.connect(node.port())) {
      attacker.send(PREFACE).send(frame(4, 0, new byte[0])).send(frame(1, 1, new byte[100]));
      int sent = 0;
      try {
        while (sent < 64) {
          attacker.send(frame(9, 1, new byte[16_384]));
          sent++;
        }
      } catch (IOException refused) {
        assertThat(sent).isLessThan(64);
      }

      assertThat(attacker.ends()).isTrue();
      assertThat(other.get("/b", "x-api-key", key()).status()).isEqualTo(200);
    }
  }

  @Test
  void settings_without_end_cost_the_connection() throws Exception {
    try (Wire attacker = Wire.connect(node.port()); Http2Wire other = Http2Wire.connect(node.port())) {
      attacker.send(PREFACE);
      try {
        for (int i = 0; i < 10_000; i++) {
          attacker.send(frame(4, 0, new byte[0]));
        }
      } catch (IOException refused) {
        // Then it is closed already.
      }

      assertThat(attacker.ends()).isTrue();
      assertThat(other.get("/b", "x-api-key", key()).status()).isEqualTo(200);
    }
  }

  @Test
  void where_it_is_switched_off_it_is_not_spoken() throws Exception {
    try (GatewayNode old = GatewayNode.start(directory.resolve("old"), """
            server: {http2: false}
            backends: [{url: "%s"}]
            """.formatted(backend.uri()));
        Wire client = Wire.connect(old.port())) {
      assertThat(client.send(PREFACE).head().status()).isEqualTo(505);
      assertThatThrownBy(() -> Http2Wire.connect(old.port()).get("/a").status()).isInstanceOf(Exception.class);
    }
  }

  private static byte[] frame(int type, int stream, byte[] content) {
    byte[] frame = new byte[9 + content.length];
    frame[0] = (byte) (content.length >> 16);
    frame[1] = (byte) (content.length >> 8);
    frame[2] = (byte) content.length;
    frame[3] = (byte) type;
    frame[8] = (byte) stream; // no flags: of SETTINGS it is no ACK, of HEADERS and CONTINUATION more is to come
    System.arraycopy(content, 0, frame, 9, content.length);
    return frame;
  }

  private String key() {
    return node.key(node.gatehouse().stores().users().userNamed("bob")
        .map(user -> user.id()).orElseGet(() -> node.user("bob"))).secret();
  }

  private Wire.Head asked(String target) {
    return backend.requests().stream().filter(head -> head.target().equals(target)).findFirst().orElseThrow();
  }

  private int inFlight() {
    return node.gatehouse().pool().standings().get(0).inFlight();
  }

  private long used(String user) {
    QuotaKey key = new QuotaKey(user, Meter.REQUESTS, Window.DAY, Window.DAY.startAt(Instant.now(), BillingCalendar.UTC));
    return node.gatehouse().counts().quotas().used(key);
  }
}
