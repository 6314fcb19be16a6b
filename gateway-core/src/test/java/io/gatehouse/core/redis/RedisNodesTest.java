package io.gatehouse.core.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.core.fixture.RedisServerFixture;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RedisNodesTest {

  private static final Duration INTERVAL = Duration.ofMillis(20);

  @Test
  void nodes_count_each_other_and_notice_who_leaves() {
    try (RedisServerFixture server = RedisServerFixture.started();
        RedisConnection redis = RedisConnection.to(server.host(), server.port()).open();
        RedisNodes first = nodes(redis, Duration.ofSeconds(30))) {
      assertThat(first.count()).isEqualTo(1);
      RedisNodes second = nodes(redis, Duration.ofSeconds(30));
      RedisNodes third = nodes(redis, Duration.ofSeconds(30));
      await().until(() -> first.count() == 3 && second.count() == 3 && third.count() == 3);

      second.close();

      await().until(() -> first.count() == 2 && third.count() == 2);
      third.close();
      await().until(() -> first.count() == 1);
    }
  }

  @Test
  void a_node_that_falls_silent_is_forgotten() {
    try (RedisServerFixture server = RedisServerFixture.started();
        RedisConnection redis = RedisConnection.to(server.host(), server.port()).open();
        RedisConnection doomed = RedisConnection.to(server.host(), server.port()).open();
        RedisNodes first = nodes(redis, Duration.ofMillis(500))) {
      RedisNodes second = nodes(doomed, Duration.ofMillis(500));
      await().until(() -> first.count() == 2);

      doomed.close();

      await().until(() -> first.count() == 1);
      second.close();
    }
  }

  @Test
  void while_redis_is_away_the_last_count_stands_and_it_comes_back_by_itself() {
    try (RedisServerFixture server = RedisServerFixture.started();
        RedisConnection redis = RedisConnection.to(server.host(), server.port()).open();
        RedisNodes first = nodes(redis, Duration.ofSeconds(30));
        RedisNodes second = nodes(redis, Duration.ofSeconds(30))) {
      await().until(() -> first.count() == 2 && second.count() == 2);

      server.stop();
      await().during(Duration.ofMillis(300)).until(() -> first.count() == 2);

      server.start();
      second.close();
      await().until(() -> first.count() == 1);
    }
  }

  @Test
  void alone_without_redis_there_is_one() {
    try (RedisConnection redis = RedisConnection.to("127.0.0.1", 1).open(); RedisNodes nodes = new RedisNodes(redis)) {
      assertThat(nodes.count()).isEqualTo(1);
    }
  }

  private static RedisNodes nodes(RedisConnection redis, Duration patience) {
    return new RedisNodes(redis, INTERVAL, patience);
  }
}
