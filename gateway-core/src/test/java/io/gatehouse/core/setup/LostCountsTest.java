package io.gatehouse.core.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.fixture.RedisServerFixture;
import io.gatehouse.core.memory.MemoryQuotaCounts;
import io.gatehouse.core.memory.MemoryUsageLog;
import io.gatehouse.core.quota.LedgerQuotaStore;
import io.gatehouse.core.quota.SharedQuotaStore;
import io.gatehouse.core.redis.RedisConnection;
import io.gatehouse.core.redis.RedisMemory;
import io.gatehouse.core.redis.RedisQuotaStore;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes that count quotas in one Redis and one log, while Redis loses what it has. */
class LostCountsTest {

  private static final QuotaKey REQUESTS =
      new QuotaKey("alice", Meter.REQUESTS, Window.MONTH, LocalDate.now(ZoneOffset.UTC));
  private static final QuotaKey BYTES = new QuotaKey("alice", Meter.BYTES, Window.MONTH, REQUESTS.start());
  private static final int NODES = 3;
  private static final int ROUNDS = 4;

  private final RedisServerFixture redis = RedisServerFixture.started();
  private final MemoryUsageLog log = new MemoryUsageLog();
  private final List<Node> nodes = new ArrayList<>();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  @AfterEach
  void close() {
    nodes.forEach(Node::close);
    redis.close();
  }

  @Test
  void a_redis_that_is_emptied_under_use_has_again_what_was_used_though_nobody_wrote_the_log() throws Exception {
    use(Duration.ofHours(1), () -> ask("FLUSHALL"));

    assertThat(log.records(List.of(REQUESTS, BYTES))).isEmpty();
    assertHealed();
  }

  @Test
  void a_redis_that_is_restarted_under_use_has_again_what_was_used() throws Exception {
    use(Duration.ofMillis(200), () -> {
      redis.stop();
      redis.start();
    });

    assertHealed();
  }

  @Test
  void a_redis_whose_connections_are_cut_under_use_has_what_was_used() throws Exception {
    use(Duration.ofMillis(200), () -> ask("CLIENT KILL TYPE normal SKIPME yes"));

    assertHealed();
  }

  private void use(Duration flushInterval, Fault fault) throws Exception {
    ExecutorService users = Executors.newFixedThreadPool(2 * NODES);
    for (int i = 0; i < NODES; i++) {
      nodes.add(new Node("node-" + i, redis, log, flushInterval));
    }
    AtomicLong failures = new AtomicLong();
    for (int i = 0; i < 2 * NODES; i++) {
      Node node = nodes.get(i % NODES);
      users.execute(() -> {
        while (!Thread.currentThread().isInterrupted() && failures.get() == 0) {
          try {
            request(node.quotas);
          } catch (RuntimeException | Error e) {
            failures.incrementAndGet();
            throw e;
          }
        }
      });
    }
    for (int round = 0; round < ROUNDS; round++) {
      long before = requests.get();
      await().atMost(Duration.ofSeconds(30)).until(() -> requests.get() > before + 200);
      fault.strike();
    }
    long before = requests.get();
    await().atMost(Duration.ofSeconds(30)).until(() -> requests.get() > before + 200);
    users.shutdown();
    failures.compareAndSet(0, -1);
    assertThat(users.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    assertThat(failures).hasValue(-1);
  }

  /** Reserves ten bytes, and uses thirteen or seven. */
  private void request(SharedQuotaStore quotas) {
    List<Claim> claims = List.of(new Claim(REQUESTS, 1, 100_000_000), new Claim(BYTES, 10, Long.MAX_VALUE));
    assertThat(quotas.addWithin(claims)).isInstanceOf(QuotaDecision.Granted.class);
    long more = requests.incrementAndGet() % 2 == 0 ? 3 : -3;
    quotas.settle(BYTES, more);
    bytes.addAndGet(10 + more);
  }

  /** By what Redis itself has: the log is read by nobody here. */
  private void assertHealed() {
    try (RedisConnection connection = connection(redis)) {
      RedisQuotaStore shared = new RedisQuotaStore(
          connection,
          key -> new UsageRecord("reader", key, 0, 0),
          keys -> List.of());
      await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
        assertThat(shared.used(REQUESTS)).isEqualTo(requests.get());
        assertThat(shared.used(BYTES)).isEqualTo(bytes.get());
      });
    }
    for (Node node : nodes) {
      assertThat(node.quotas.used(REQUESTS)).isEqualTo(requests.get());
      node.ledger.flush();
    }
    assertThat(log.totals(List.of(REQUESTS, BYTES), ""))
        .containsEntry(REQUESTS, requests.get()).containsEntry(BYTES, bytes.get());
  }

  private void ask(String command) throws Exception {
    try (Socket socket = new Socket(redis.host(), redis.port())) {
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      assertThat((char) socket.getInputStream().read()).as(command).isIn('+', ':');
    }
  }

  private static RedisConnection connection(RedisServerFixture server) {
    return RedisConnection.to(server.host(), server.port()).timeout(Duration.ofSeconds(2)).open();
  }

  @FunctionalInterface
  private interface Fault {
    void strike() throws Exception;
  }

  private static final class Node {
    final RedisConnection connection;
    final LedgerQuotaStore ledger;
    final SharedQuotaStore quotas;

    Node(String name, RedisServerFixture server, MemoryUsageLog log, Duration flushInterval) {
      connection = connection(server);
      ledger = new LedgerQuotaStore(log, name, new MemoryQuotaCounts(), flushInterval, InstantSource.system());
      quotas = new SharedQuotaStore(
          new RedisCounts(
              new RedisQuotaStore(connection, ledger::own, ledger::records), new RedisMemory(connection)),
          ledger,
          ConcurrentHashMap.newKeySet(),
          System::nanoTime);
    }

    void close() {
      quotas.close();
      ledger.close();
      connection.close();
    }
  }
}
