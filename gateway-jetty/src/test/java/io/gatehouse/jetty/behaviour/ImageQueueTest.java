package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.upstream.FairQueue;
import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.RecordedImgproxy;
import io.gatehouse.jetty.fixture.Wire;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tenants take turns at imgproxy, and none keeps the others waiting. */
class ImageQueueTest {
  @TempDir static Path directory;
  private static RecordedImgproxy imgproxy;
  private static GatewayNode node;

  private final ExecutorService clients = Executors.newFixedThreadPool(12);

  @BeforeAll
  static void start() throws Exception {
    imgproxy = new RecordedImgproxy();
    node = GatewayNode.start(directory, """
        backends: [{url: "%s"}]
        rate_limits: {ip_level: none, user_level: none, api_level: none}
        images:
          key: %s
          salt: %s
          secret: %s
          sources: ["local:///"]
          max_concurrent: 1
          max_waiting: 20
          max_waiting_per_tenant: 6
          max_wait: 20s
        """.formatted(imgproxy.uri(), RecordedImgproxy.KEY, RecordedImgproxy.SALT, RecordedImgproxy.SECRET));
  }

  @AfterAll
  static void stop() throws Exception {
    node.close();
    imgproxy.close();
  }

  @AfterEach
  void end() {
    clients.shutdownNow();
  }

  @Test
  void who_asks_for_one_picture_is_next_however_many_another_one_waits_for() throws Exception {
    String greedy = key("greedy " + System.nanoTime());
    String modest = key("modest " + System.nanoTime());
    int before = imgproxy.requests().size();
    imgproxy.hold();
    List<CompletableFuture<Integer>> all = new ArrayList<>();
    all.add(ask(greedy, "held"));
    awaitQueue(1, 0);
    for (int i = 1; i <= 5; i++) {
      all.add(ask(greedy, "greedy-" + i));
      awaitQueue(1, i);
    }
    all.add(ask(modest, "modest"));
    awaitQueue(1, 6);

    imgproxy.release();

    assertThat(all).allSatisfy(one -> assertThat(one.join()).isEqualTo(200));
    assertThat(sources().subList(before, before + 7)).containsExactly(
        "local:///held.jpg", "local:///greedy-1.jpg", "local:///modest.jpg", "local:///greedy-2.jpg",
        "local:///greedy-3.jpg", "local:///greedy-4.jpg", "local:///greedy-5.jpg");
    assertThat(imgproxy.mostAtOnce()).isEqualTo(1);
    awaitQueue(0, 0);
  }

  @Test
  void too_many_of_one_are_sent_away_and_who_leaves_is_forgotten() throws Exception {
    String greedy = key("greedy " + System.nanoTime());
    String other = key("other " + System.nanoTime());
    imgproxy.hold();
    List<CompletableFuture<Integer>> admitted = new ArrayList<>();
    admitted.add(ask(greedy, "held"));
    awaitQueue(1, 0);
    for (int i = 1; i <= 6; i++) {
      admitted.add(ask(greedy, "more-" + i));
    }
    awaitQueue(1, 6);

    HttpResponse<String> tooMany = node.get("/x/w:1/plain/local:///a.jpg", "X-API-Key", greedy);
    assertThat(tooMany.statusCode()).isEqualTo(503);
    assertThat(tooMany.body()).contains("temporary-reduced-capacity");
    assertThat(tooMany.headers().firstValue("Retry-After")).isPresent();
    try (Wire leaver = Wire.connect(node.port())) {
      leaver.send("GET /x/w:1/plain/local:///leaver.jpg HTTP/1.1\r\nHost: g\r\nX-API-Key: " + other + "\r\n\r\n");
      awaitQueue(1, 7);
    }
    awaitQueue(1, 6);
    imgproxy.release();

    assertThat(admitted).allSatisfy(one -> assertThat(one.join()).isEqualTo(200));
    assertThat(ask(other, "a").join()).isEqualTo(200);
    assertThat(sources()).doesNotContain("local:///leaver.jpg");
    awaitQueue(0, 0);
  }

  @Test
  void who_waits_too_long_is_told_to_come_again() throws Exception {
    String key = key("patient " + System.nanoTime());
    FairQueue queue = node.gatehouse().imageQueue();
    FairQueue.Rules rules = queue.rules();
    imgproxy.hold();
    CompletableFuture<Integer> first = ask(key, "held");
    awaitQueue(1, 0);
    queue.become(new FairQueue.Rules(1, 20, 6, Duration.ofMillis(50)));

    assertThat(ask(key, "late").join()).isEqualTo(503);

    imgproxy.release();
    assertThat(first.join()).isEqualTo(200);
    assertThat(sources()).doesNotContain("local:///late.jpg");
    queue.become(rules);
  }

  private static void awaitQueue(int taken, int waiting) {
    FairQueue queue = node.gatehouse().imageQueue();
    await().atMost(Duration.ofSeconds(10)).until(() -> queue.taken() == taken && queue.waiting() == waiting);
  }

  private CompletableFuture<Integer> ask(String key, String source) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return node.get("/x/w:1/plain/local:///" + source + ".jpg", "X-API-Key", key).statusCode();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }, clients);
  }

  private static String key(String user) {
    return node.key(node.user(user)).secret();
  }

  private static List<String> sources() {
    return imgproxy.requests().stream().map(request -> RecordedImgproxy.source(request.target())).toList();
  }
}
