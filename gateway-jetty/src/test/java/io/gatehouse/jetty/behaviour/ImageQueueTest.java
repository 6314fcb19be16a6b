package io.gatehouse.jetty.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.jetty.fixture.GatewayNode;
import io.gatehouse.jetty.fixture.RecordedImgproxy;
import io.gatehouse.jetty.fixture.Wire;
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
    List<CompletableFuture<Integer>> many = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      many.add(ask(greedy, "slow-greedy-" + i));
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> node.gatehouse().imageQueue().waiting() == 5);
    int before = imgproxy.requests().size();

    assertThat(ask(modest, "slow-modest").join()).isEqualTo(200);

    List<String> since = sources().subList(before, sources().size());
    assertThat(since.indexOf("local:///slow-modest.jpg")).as("%s", since).isBetween(0, 1);
    assertThat(many).allSatisfy(one -> assertThat(one.join()).isEqualTo(200));
    assertThat(imgproxy.mostAtOnce()).isEqualTo(1);
    await().atMost(Duration.ofSeconds(5)).until(() -> node.gatehouse().imageQueue().taken() == 0);
  }

  @Test
  void too_many_of_one_are_sent_away_and_who_leaves_is_forgotten() throws Exception {
    String greedy = key("greedy " + System.nanoTime());
    String other = key("other " + System.nanoTime());
    Wire holder = holding(greedy, "slow-hold-0");
    await().atMost(Duration.ofSeconds(10)).until(() -> node.gatehouse().imageQueue().taken() == 1);
    List<CompletableFuture<Integer>> answers = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      answers.add(ask(greedy, "slow-" + i));
    }
    Wire leaver = holding(other, "slow-leaver");
    leaver.close();

    assertThat(answers).allSatisfy(one -> assertThat(one.join()).isIn(200, 503));
    assertThat(answers.stream().filter(one -> one.join() == 503)).isNotEmpty();
    assertThat(ask(other, "a").join()).isEqualTo(200);
    await().atMost(Duration.ofSeconds(5)).until(
        () -> node.gatehouse().imageQueue().taken() == 0 && node.gatehouse().imageQueue().waiting() == 0);
    assertThat(sources()).doesNotContain("local:///slow-leaver.jpg");
    holder.close();
  }

  private CompletableFuture<Integer> ask(String key, String source) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        var answer = node.get("/x/w:1/plain/local:///" + source + ".jpg", "X-API-Key", key);
        if (answer.statusCode() == 503) {
          assertThat(answer.body()).contains("temporary-reduced-capacity");
          assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        }
        return answer.statusCode();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }, clients);
  }

  private static Wire holding(String key, String source) throws Exception {
    return Wire.connect(node.port()).send(
        "GET /x/w:1/plain/local:///" + source + ".jpg HTTP/1.1\r\nHost: g\r\nX-API-Key: " + key + "\r\n\r\n");
  }

  private static String key(String user) {
    return node.key(node.user(user)).secret();
  }

  private static List<String> sources() {
    return imgproxy.requests().stream().map(request -> RecordedImgproxy.source(request.target())).toList();
  }
}
