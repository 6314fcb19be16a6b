package io.gatehouse.core.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.core.fixture.RedisServerFixture;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

class RedisConnectionTest {

  @Test
  void a_redis_that_is_away_is_found_when_it_comes() {
    try (RedisServerFixture server = RedisServerFixture.started()) {
      server.stop();
      try (RedisConnection redis = RedisConnection.to(server.host(), server.port()).open()) {
        assertThatThrownBy(redis::ping)
            .isInstanceOf(StoreException.class)
            .hasMessage("Redis at 127.0.0.1:" + server.port() + "/0 could not answer a ping");

        server.start();

        redis.ping();
      }
    }
  }

  @Test
  void after_a_restart_one_call_fails_and_not_one_for_every_idle_connection() throws Exception {
    try (RedisServerFixture server = RedisServerFixture.started();
        RedisConnection redis = RedisConnection.to(server.host(), server.port()).connections(8).open()) {
      List<Thread> threads = new ArrayList<>();
      CountDownLatch all = new CountDownLatch(8);
      for (int i = 0; i < 8; i++) {
        threads.add(new Thread(() -> redis.call("wait for the others", client -> {
          client.ping();
          all.countDown();
          return all;
        })));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }

      server.stop();
      server.start();

      assertThatThrownBy(redis::ping).isInstanceOf(StoreException.class);
      redis.ping();
    }
  }

  @Test
  void a_redis_that_is_silent_is_given_up_within_the_timeout_and_used_again_later() {
    try (RedisServerFixture server = RedisServerFixture.started();
        RedisConnection redis = RedisConnection.to(server.host(), server.port()).timeout(Duration.ofMillis(150)).open()) {
      redis.ping();
      server.pause();
      try {
        long start = System.nanoTime();
        assertThatThrownBy(redis::ping).isInstanceOf(StoreException.class);
        assertThatThrownBy(redis::ping).isInstanceOf(StoreException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(300), Duration.ofMillis(900));
      } finally {
        server.resume();
      }
      redis.ping();
    }
  }

  @Test
  void a_free_connection_is_not_awaited_longer_than_the_timeout() throws Exception {
    try (RedisServerFixture server = RedisServerFixture.started();
        RedisConnection redis = RedisConnection.to(server.host(), server.port())
            .timeout(Duration.ofMillis(150)).connections(1).open()) {
      CountDownLatch taken = new CountDownLatch(1);
      CountDownLatch done = new CountDownLatch(1);
      Thread holder = new Thread(() -> redis.call("hold", client -> {
        try (var connection = ((RedisClient) client).getPool().getResource()) {
          taken.countDown();
          done.await();
          return connection.ping();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }));
      holder.start();
      taken.await();

      long start = System.nanoTime();
      assertThatThrownBy(redis::ping).isInstanceOf(StoreException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(150), Duration.ofMillis(600));

      done.countDown();
      holder.join();
      redis.ping();
    }
  }

  @Test
  void a_password_opens_and_is_never_told() {
    try (RedisServerFixture server = RedisServerFixture.started("--requirepass", "hush-hush")) {
      RedisConnection.Builder right = RedisConnection.to(server.host(), server.port()).password("hush-hush").database(3);
      try (RedisConnection redis = right.open()) {
        redis.ping();
        assertThat(redis).hasToString("127.0.0.1:" + server.port() + "/3");
        assertThat(right.toString()).doesNotContain("hush-hush");
      }
      try (RedisConnection redis = RedisConnection.to(server.host(), server.port())
          .credentials("default", "hush-hush").open()) {
        redis.ping();
      }
      try (RedisConnection redis = RedisConnection.to(server.host(), server.port()).password("wrong-word").open()) {
        assertThatThrownBy(redis::ping).satisfies(thrown -> assertThat(traceOf(thrown)).doesNotContain("wrong-word"));
      }
      try (RedisConnection redis = RedisConnection.to(server.host(), server.port()).open()) {
        assertThatThrownBy(redis::ping).isInstanceOf(StoreException.class);
      }
    }
  }

  @Test
  void a_closed_connection_says_that_it_cannot() {
    RedisConnection redis = RedisConnection.to("127.0.0.1", 1).open();
    redis.close();

    assertThatThrownBy(redis::ping).isInstanceOf(StoreException.class);
  }

  @Test
  void impossible_settings_are_refused() {
    refused(() -> RedisConnection.to(" ", 6379), "host: empty (expected: a name or an address)");
    refused(() -> RedisConnection.to("h", 0), "port: 0 (expected: 1 to 65535)");
    refused(() -> RedisConnection.to("h", 1).database(-1), "database: -1 (expected: 0 or more)");
    refused(() -> RedisConnection.to("h", 1).timeout(Duration.ZERO), "timeout: PT0S (expected: 1 ms to 10 s)");
    refused(() -> RedisConnection.to("h", 1).connections(0), "connections: 0 (expected: 1 to 10000)");
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
  }

  private static String traceOf(Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    return trace.toString();
  }
}
