package io.gatehouse.core.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.contract.RateLimiterContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.RedisClusterFixture;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.LeaseSource.Grant;
import io.gatehouse.limit.LeaseSource.Grants;
import io.gatehouse.limit.LeaseSource.Lease;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.util.JedisClusterCRC16;

/** Over a cluster of three. */
class ClusterRateLimiterTest extends RateLimiterContract {

  private static RedisClusterFixture cluster;

  private final RedisConnection redis = connection();
  private final SettableClock clock = new SettableClock();

  @BeforeAll
  static void start() {
    cluster = RedisClusterFixture.started();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @AfterEach
  void close() {
    redis.close();
  }

  @Override
  protected RateLimiter limiter(SettableClock clock) {
    return new ClusterRateLimiter(new RedisRateLimiter(redis, clock));
  }

  @Test
  void the_counts_of_one_bucket_share_a_slot_and_those_of_others_are_spread() {
    Set<Integer> slots = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      Set<Integer> ofOne = new HashSet<>();
      for (Algorithm algorithm : Algorithm.values()) {
        for (int seconds = 1; seconds < 4; seconds++) {
          Limit limit = Limit.of(5, Duration.ofSeconds(seconds), algorithm);
          ofOne.add(JedisClusterCRC16.getSlot(Account.clusterKey(new Charge("p", "user:" + i, limit, 1))));
        }
      }
      assertThat(ofOne).hasSize(1);
      slots.addAll(ofOne);
    }
    assertThat(slots).hasSizeGreaterThan(90);
  }

  @Test
  void what_earlier_buckets_gave_is_given_back_when_a_later_one_refuses() {
    RateLimiter limiter = limiter(clock);
    List<Charge> charges = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      charges.add(charge(Limit.of(100, Duration.ofHours(1), Algorithm.values()[i % 5])));
    }
    charges.add(charge(Limit.of(1, Duration.ofHours(1))));
    assertThat(limiter.tryAcquire(charges)).isInstanceOf(Allowed.class);

    assertThat(limiter.tryAcquire(charges)).isInstanceOf(Denied.class);

    for (Charge charge : charges.subList(0, 20)) {
      assertThat(limiter.peek(List.of(charge)).remaining()).isEqualTo(98);
    }
  }

  @Test
  void leases_of_several_buckets_are_granted_in_order_or_not_at_all() {
    ClusterRateLimiter limiter = new ClusterRateLimiter(new RedisRateLimiter(redis, clock));
    Charge wide = charge(Limit.of(100, Duration.ofHours(1)));
    Charge narrow = charge(Limit.of(10, Duration.ofHours(1)));
    Charge wideToo = new Charge("p", wide.bucket(), Limit.of(50, Duration.ofHours(2)), 1);

    Grants grants = limiter.lease(
        List.of(new Lease(wide, 10, 70), new Lease(narrow, 1, 4), new Lease(wideToo, 1, 5)));
    assertThat(grants.grants()).containsExactly(new Grant(70, 30), new Grant(4, 6), new Grant(5, 45));
    assertThat(grants.decision().tightest()).isEqualTo(narrow);

    Grants none = limiter.lease(List.of(new Lease(wide, 10, 20), new Lease(narrow, 7, 9)));
    assertThat(none.decision()).isInstanceOf(Denied.class);
    assertThat(none.grants()).containsOnly(new Grant(0, 0));
    assertThat(limiter.peek(List.of(wide)).remaining()).isEqualTo(29);
  }

  @Test
  void one_call_over_two_buckets_is_what_a_cluster_refuses() {
    RedisRateLimiter oneSlot = new RedisRateLimiter(redis, clock);
    List<Charge> charges = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      charges.add(charge(Limit.of(5, Duration.ofHours(1))));
    }

    assertThatThrownBy(() -> oneSlot.tryAcquire(charges)).isInstanceOf(StoreException.class);
  }

  @Test
  void what_is_under_way_is_told_again_bucket_by_bucket() {
    RedisRateLimiter oneSlot = new RedisRateLimiter(redis, clock);
    List<Charge> charges = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      charges.add(charge(Limit.of(1, Duration.ofSeconds(30), Algorithm.CONCURRENCY)));
    }
    new ClusterRateLimiter(oneSlot).tryAcquire(charges);
    for (int i = 0; i < 10; i++) {
      clock.advance(Duration.ofSeconds(15));
      oneSlot.tellAgain();
    }

    for (Charge charge : charges) {
      assertThat(limiter(clock).tryAcquire(List.of(charge))).isInstanceOf(Denied.class);
    }
  }

  @Test
  void a_cluster_that_is_not_there_is_said_at_the_first_call_and_has_one_database() {
    try (RedisConnection away = RedisConnection.toCluster("127.0.0.1", 1).timeout(Duration.ofMillis(200)).open()) {
      assertThatThrownBy(away::ping).isInstanceOf(StoreException.class);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisConnection.toCluster("127.0.0.1", 1).database(3).open())
        .withMessage("database: 3 (expected: 0, a cluster has no other)");
  }

  private static RedisConnection connection() {
    return RedisConnection.toCluster(cluster.host(), cluster.port()).timeout(Duration.ofSeconds(2)).open();
  }

  private static Charge charge(Limit limit) {
    return new Charge("policy", "bucket-" + UUID.randomUUID(), limit, 1);
  }
}
