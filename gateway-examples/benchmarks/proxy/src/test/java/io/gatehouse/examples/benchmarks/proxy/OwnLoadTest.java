package io.gatehouse.examples.benchmarks.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OwnLoadTest {

  private static final Body BODY = new Body("1k");

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> keysSeen = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private HttpHandler handler = exchange -> answer(exchange, 200, BODY.bytes());

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", exchange -> handler.handle(exchange));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void keeps_its_pace_and_counts_every_answer() {
    Answers answers = new OwnLoad().pace(contender(), BODY, 4, 500, 100);

    assertThat(answers.requests()).isEqualTo(50);
    assertThat(answers.errors()).isZero();
    assertThat(answers.bytes()).isGreaterThan(50L * BODY.bytes());
    assertThat(answers.micros()).isGreaterThanOrEqualTo(490_000);
  }

  @Test
  void asks_as_often_as_it_is_answered_without_a_pace() {
    AtomicInteger asked = new AtomicInteger();
    handler = exchange -> {
      asked.incrementAndGet();
      answer(exchange, 200, BODY.bytes());
    };

    Answers answers = new OwnLoad().saturate(contender(), BODY, 2, 300);

    assertThat(answers.requests()).isEqualTo(asked.get()).isGreaterThan(2);
    assertThat(answers.errors()).isZero();
  }

  @Test
  void a_stall_counts_for_all_requests_that_were_due_meanwhile() {
    AtomicInteger asked = new AtomicInteger();
    handler = exchange -> {
      if (asked.getAndIncrement() == 0) {
        pause(500);
      }
      answer(exchange, 200, BODY.bytes());
    };

    Answers answers = new OwnLoad().pace(contender(), BODY, 1, 600, 100);

    assertThat(answers.requests()).isEqualTo(60);
    assertThat(answers.latency().p50()).isGreaterThan(100_000);
    assertThat(answers.latency().most()).isGreaterThanOrEqualTo(490_000);
  }

  @Test
  void an_answer_other_than_200_with_the_whole_body_is_an_error() {
    AtomicInteger asked = new AtomicInteger();
    handler = exchange -> {
      switch (asked.getAndIncrement() % 4) {
        case 0 -> answer(exchange, 503, BODY.bytes());
        case 1 -> answer(exchange, 200, 10);
        case 2 -> exchange.close();
        default -> answer(exchange, 200, BODY.bytes());
      }
    };

    Answers answers = new OwnLoad().pace(contender(), BODY, 1, 200, 100);

    assertThat(answers.requests()).isEqualTo(20);
    assertThat(answers.errors()).isEqualTo(15);
  }

  @Test
  void all_keys_take_turns() {
    Answers answers = new OwnLoad().pace(contender("a", "b"), BODY, 1, 200, 50);

    assertThat(answers.requests()).isEqualTo(10);
    assertThat(keysSeen).containsExactly("a", "b", "a", "b", "a", "b", "a", "b", "a", "b");
  }

  private Contender contender(String... keys) {
    int port = server.getAddress().getPort();
    return new Contender("test", "", port, new ArrayList<>(), Child.Output.LOG, Optional.empty(), List.of(keys));
  }

  private void answer(HttpExchange exchange, int status, int bytes) throws IOException {
    Optional.ofNullable(exchange.getRequestHeaders().getFirst("X-API-Key")).ifPresent(keysSeen::add);
    exchange.sendResponseHeaders(status, bytes);
    exchange.getResponseBody().write(new byte[bytes]);
    exchange.close();
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
