package io.gatehouse.jetty.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.upstream.AnswerRule;
import io.gatehouse.core.upstream.OutlierDetection;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.core.upstream.PoolBalancer;
import io.gatehouse.core.upstream.PoolRules;
import io.gatehouse.jetty.fixture.ScriptedBackend;
import io.gatehouse.jetty.fixture.Wire;
import io.gatehouse.jetty.fixture.Wire.Head;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A second backend is asked when the first is slow; one of them answers, and the other is let go. */
class HedgeTest {

  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final Duration SOON = Duration.ofMillis(50);

  private final ProxySettings.Builder settings = ProxySettings.builder().hedgeAfter(SOON);
  private ScriptedBackend first;
  private ScriptedBackend second;
  private Verbs verbs;
  private Front front;

  @BeforeEach
  void start() throws Exception {
    first = new ScriptedBackend(HedgeTest::hang);
    second = ScriptedBackend.saying("second");
    verbs = new Verbs(List.of(first.upstream(), second.upstream()));
  }

  @AfterEach
  void stop() throws Exception {
    if (front != null) {
      front.close();
    }
    first.close();
    second.close();
  }

  @Test
  void a_slow_backend_is_outrun_and_not_blamed() throws Exception {
    front();

    assertThat(text(GET)).isEqualTo("second");

    said("0 outrun", "1 answered 200");
    assertThat(front.hedges()).isEqualTo(1);
    assertThat(front.hedgesWon()).isEqualTo(1);
    await().untilAsserted(() -> assertThat(first.openConnections()).as("it is told").isZero());
    await().until(() -> front.endings().equals(List.of("ANSWERED")));
  }

  @Test
  void a_head_is_raced_as_well() throws Exception {
    front();
    second.script((request, wire) -> wire.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"));

    try (Wire client = front.connect().send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")) {
      assertThat(client.head().status()).isEqualTo(200);
    }
    said("0 outrun", "1 answered 200");
  }

  @Test
  void the_first_may_win_the_race() throws Exception {
    first.script((request, wire) -> {
      await().until(() -> !second.requests().isEmpty());
      wire.send(ScriptedBackend.ok("first"));
    });
    second.script(HedgeTest::hang);
    front();

    assertThat(text(GET)).isEqualTo("first");

    said("1 outrun", "0 answered 200");
    assertThat(front.hedges()).isEqualTo(1);
    assertThat(front.hedgesWon()).isZero();
  }

  @Test
  void whoever_has_begun_to_answer_is_not_raced_however_slow_its_body_is() throws Exception {
    first.script((request, wire) -> {
      wire.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfi");
      Thread.sleep(SOON.toMillis() * 6);
      wire.send("rst");
    });
    front();

    assertThat(text(GET)).isEqualTo("first");

    said("0 answered 200");
    assertThat(second.requests()).isEmpty();
  }

  @Test
  void an_interim_answer_is_no_answer() throws Exception {
    first.script((request, wire) -> {
      wire.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
      hang(request, wire);
    });
    front();

    assertThat(text(GET)).isEqualTo("second");

    said("0 outrun", "1 answered 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
      "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"})
  void what_changes_something_or_has_a_body_is_asked_once(String request) throws Exception {
    first.script((head, wire) -> {
      Thread.sleep(SOON.toMillis() * 6);
      wire.send(ScriptedBackend.ok("first"));
    });
    front();

    assertThat(text(request)).isEqualTo("first");

    assertThat(second.requests()).isEmpty();
    assertThat(front.hedges()).isZero();
  }

  @Test
  void a_part_of_a_document_may_be_raced() throws Exception {
    second.script((request, wire) ->
        wire.send("HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\nab"));
    front();

    assertThat(text("GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n")).isEqualTo("ab");

    assertThat(second.request().first("Range")).isEqualTo("bytes=0-1");
  }

  @Test
  void it_is_off_by_default() throws Exception {
    settings.hedgeAfter(Duration.ZERO).totalTimeout(SOON.multipliedBy(6));
    front();

    try (Wire client = front.connect().send(GET)) {
      assertThat(client.head().status()).isEqualTo(504);
    }
    assertThat(second.requests()).isEmpty();
  }

  @Test
  void one_that_fails_leaves_the_request_to_the_other() throws Exception {
    CountDownLatch failed = new CountDownLatch(1);
    first.script((request, wire) -> {
      await().until(() -> !second.requests().isEmpty());
      wire.reset();
      failed.countDown();
    });
    second.script((request, wire) -> {
      failed.await();
      await().until(() -> verbs.said().contains("0 failed"));
      wire.send(ScriptedBackend.ok("second"));
    });
    front();

    assertThat(text(GET)).isEqualTo("second");

    said("0 failed", "1 answered 200");
  }

  @Test
  void a_faulty_answer_gives_way_to_the_other() throws Exception {
    first.script((request, wire) -> {
      await().until(() -> !second.requests().isEmpty());
      wire.send("HTTP/1.1 429 Full\r\nContent-Length: 0\r\n\r\n");
    });
    second.script((request, wire) -> {
      await().until(() -> verbs.said().contains("0 answered 429"));
      wire.send(ScriptedBackend.ok("second"));
    });
    front();

    assertThat(text(GET)).isEqualTo("second");

    said("0 answered 429", "1 answered 200");
  }

  @Test
  void when_both_fail_a_third_is_tried_as_for_any_request() throws Exception {
    try (ScriptedBackend third = ScriptedBackend.saying("third")) {
      verbs = new Verbs(List.of(first.upstream(), second.upstream(), third.upstream()));
      first.script((request, wire) -> {
        await().until(() -> !second.requests().isEmpty());
        wire.reset();
      });
      second.script((request, wire) -> {
        await().until(() -> verbs.said().contains("0 failed"));
        wire.reset();
      });
      front();

      assertThat(text(GET)).isEqualTo("third");

      said("0 failed", "1 failed", "2 answered 200");
      assertThat(third.requests()).hasSize(1);
    }
  }

  @Test
  void when_both_fail_and_there_is_nobody_else_the_answer_is_502_once() throws Exception {
    first.script((request, wire) -> {
      await().until(() -> !second.requests().isEmpty());
      wire.reset();
    });
    second.script((request, wire) -> {
      await().until(() -> verbs.said().contains("0 failed"));
      wire.reset();
    });
    front();

    try (Wire client = front.connect().send(GET)) {
      Head answer = client.head();
      assertThat(answer.status()).isEqualTo(502);
      client.body(answer);
    }
    said("0 failed", "1 failed");
    await().until(() -> front.endings().equals(List.of("UNANSWERED")));
  }

  @Test
  void a_client_that_leaves_takes_both_along() throws Exception {
    second.script(HedgeTest::hang);
    front();

    Wire client = front.connect().send(GET);
    await().until(() -> !second.requests().isEmpty());
    client.close();

    await().untilAsserted(() ->
        assertThat(verbs.said()).containsExactlyInAnyOrder("0 abandoned", "1 abandoned"));
    await().until(() -> first.openConnections() == 0 && second.openConnections() == 0);
  }

  @Test
  void the_time_of_the_whole_request_is_up_for_both_and_only_the_first_is_to_blame() throws Exception {
    settings.totalTimeout(SOON.multipliedBy(6));
    second.script(HedgeTest::hang);
    front();

    try (Wire client = front.connect().send(GET)) {
      assertThat(client.head().status()).isEqualTo(504);
    }
    said("0 failed", "1 abandoned");
  }

  @Test
  void when_the_first_is_silent_for_too_long_the_second_has_its_whole_time() throws Exception {
    settings.hedgeAfter(Duration.ofSeconds(2)).responseTimeout(Duration.ofSeconds(3));
    second.script((request, wire) -> {
      await().until(() -> verbs.said().contains("0 failed"));
      wire.send(ScriptedBackend.ok("second"));
    });
    front();

    assertThat(text(GET)).isEqualTo("second");

    said("0 failed", "1 answered 200");
  }

  @Test
  void hedges_need_leave_from_the_retry_budget() throws Exception {
    second.script(HedgeTest::hang);
    front();

    List<Wire> clients = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      clients.add(front.connect().send(GET));
    }
    await().until(() -> first.requests().size() == 8 && second.requests().size() == 3);
    await().during(SOON.multipliedBy(4)).atMost(Duration.ofSeconds(10)).until(() -> second.requests().size() == 3);

    for (Wire client : clients) {
      client.close();
    }
    await().until(() -> verbs.said().size() == 11);
    second.script((request, wire) -> wire.send(ScriptedBackend.ok("second")));
    assertThat(text(GET)).as("they were given back").isEqualTo("second");
  }

  @Test
  void alone_there_is_nobody_to_race() throws Exception {
    verbs = new Verbs(List.of(first.upstream()));
    first.script((request, wire) -> {
      Thread.sleep(SOON.toMillis() * 4);
      wire.send(ScriptedBackend.ok("first"));
    });
    front();

    assertThat(text(GET)).isEqualTo("first");

    assertThat(front.hedges()).isZero();
  }

  /** Whatever two backends do and whenever: one answer for each request, and nobody holds one afterwards. */
  @Test
  void every_request_has_one_answer_and_both_are_released() throws Exception {
    settings.hedgeAfter(Duration.ofMillis(5)).responseTimeout(Duration.ofSeconds(20));
    OutlierDetection off =
        new OutlierDetection(0, Duration.ofSeconds(30), Duration.ofMinutes(5), 50, AnswerRule.IMGPROXY);
    Pool pool = new Pool(PoolRules.DEFAULT.with(off));
    AtomicInteger seed = new AtomicInteger();
    ScriptedBackend.Script erratic = (request, wire) -> {
      Random random = new Random(seed.incrementAndGet());
      // Around the moment at which the other is asked, and answers.
      Thread.sleep(random.nextInt(14));
      switch (random.nextInt(8)) {
        case 0 -> wire.send("HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n");
        case 1 -> wire.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ScriptedBackend.ok("hinted"));
        case 2 -> {
          wire.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsl");
          Thread.sleep(random.nextInt(14));
          wire.send("ow");
        }
        default -> wire.send(ScriptedBackend.ok("good"));
      }
    };
    first.script(erratic);
    second.script(erratic);
    pool.replace(List.of(first.upstream(), second.upstream()));
    front = new Front(PoolBalancer.weightedRoundRobin(pool), settings.build());
    ExecutorService clients = Executors.newFixedThreadPool(8);
    try {
      List<Future<Integer>> answered = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        answered.add(clients.submit(() -> answers(60)));
      }
      for (Future<Integer> each : answered) {
        assertThat(each.get()).isEqualTo(60);
      }
    } finally {
      clients.shutdownNow();
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> front.endings().size() == 480);
    assertThat(front.endings()).containsOnly("ANSWERED");
    await().atMost(Duration.ofSeconds(1)).untilAsserted(() ->
        assertThat(pool.standings()).allSatisfy(standing -> assertThat(standing.inFlight()).isZero()));
    assertThat(front.hedges()).isGreaterThan(front.hedgesWon());
    assertThat(front.hedgesWon()).isPositive();
  }

  /** Sends one after the other on one connection, so that a second answer to one would be taken for the next one's. */
  private int answers(int requests) throws IOException {
    int answered = 0;
    try (Wire client = front.connect()) {
      for (int i = 0; i < requests; i++) {
        Head answer = client.send(GET).head();
        String body = client.body(answer);
        assertThat(answer.status() == 200 ? body : "").isIn("good", "slow", "hinted", "");
        assertThat(answer.status()).isIn(200, 503);
        answered++;
      }
    }
    return answered;
  }

  /** Says nothing until the gateway closes the connection. */
  private static void hang(Head request, Wire wire) {
    wire.ends();
  }

  private void front() throws Exception {
    front = new Front(verbs, settings.build());
  }

  private String text(String request) throws IOException {
    try (Wire client = front.connect().send(request)) {
      return client.body(client.head());
    }
  }

  private void said(String... verbsInAnyOrder) {
    await().untilAsserted(() -> assertThat(verbs.said()).containsExactlyInAnyOrder(verbsInAnyOrder));
  }
}
