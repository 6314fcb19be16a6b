package io.gatehouse.core.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.RedisServerFixture;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.LeaseSource.Lease;
import io.gatehouse.limit.Limit;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requests under way on several nodes, some of which are killed, and a Redis that does not hear of everything. */
class RedisConcurrencyTest {

  private static final Duration PERIOD = Duration.ofSeconds(30);

  private static RedisServerFixture server;

  private final RedisConnection redis =
      RedisConnection.to(server.host(), server.port()).timeout(Duration.ofSeconds(2)).open();
  private final SettableClock clock = new SettableClock();
  private final RedisRateLimiter here = new RedisRateLimiter(redis, clock);
  private final RedisRateLimiter there = new RedisRateLimiter(redis, clock);
  private final Charge one =
      new Charge("p", "bucket-" + UUID.randomUUID(), Limit.of(3, PERIOD, Algorithm.CONCURRENCY), 1);
  private final List<Charge> charges = List.of(one);

  @BeforeAll
  static void start() {
    server = RedisServerFixture.started();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void close() {
    redis.close();
  }

  @Test
  void nodes_share_the_permits() {
    assertThat(taken(here, 2)).isEqualTo(2);
    assertThat(taken(there, 5)).isEqualTo(1);

    here.giveBack(charges);

    assertThat(taken(there, 5)).isEqualTo(1);
    assertThat(here.peek(charges)).isInstanceOfSatisfying(Denied.class, denied -> {
      assertThat(denied.retryAfterNanos()).isEqualTo(Decision.UNFORESEEABLE_NANOS);
      assertThat(denied.remaining()).isZero();
    });
  }

  @Test
  void a_killed_node_is_forgotten_after_the_period_and_not_before() {
    taken(there, 2);
    clock.advance(PERIOD.minusMillis(1));
    assertThat(taken(here, 5)).isEqualTo(1);

    clock.advance(Duration.ofMinutes(1).plusMillis(1)); // and by how much clocks may differ

    assertThat(taken(here, 5)).isEqualTo(2);
  }

  @Test
  void by_the_clock_of_redis_it_is_forgotten_too() {
    Charge brief = new Charge("p", one.bucket(), Limit.of(3, Duration.ofMillis(50), Algorithm.CONCURRENCY), 3);
    new RedisRateLimiter(redis).tryAcquire(List.of(brief));
    RedisRateLimiter other = new RedisRateLimiter(redis);

    Awaitility.await().atMost(Duration.ofSeconds(5)).pollInterval(Duration.ofMillis(10))
        .until(() -> other.tryAcquire(List.of(brief)) instanceof Allowed);
  }

  @Test
  void who_is_still_at_it_after_the_period_tells_again_and_stays_counted() {
    taken(there, 2);
    for (int i = 0; i < 20; i++) {
      clock.advance(PERIOD.dividedBy(2));
      there.tellAgain();
    }

    assertThat(taken(here, 5)).isEqualTo(1);
  }

  @Test
  void with_nothing_under_way_nothing_is_told() {
    taken(here, 2);
    here.giveBack(charges);
    here.giveBack(charges);
    clock.advance(PERIOD);

    server.stop();
    try {
      here.tellAgain();
    } finally {
      server.start();
    }
  }

  @Test
  void a_release_that_redis_does_not_hear_of_is_made_good_by_the_next_call() {
    taken(here, 3);
    server.stop();
    try {
      assertThatThrownBy(() -> here.giveBack(charges)).isInstanceOf(StoreException.class);
      here.giveBack(charges); // noted, and not even tried
    } finally {
      server.start();
    }

    assertThat(taken(here, 1)).isEqualTo(1);
    assertThat(taken(there, 5)).isEqualTo(1);
  }

  @Test
  void a_redis_that_has_lost_its_memory_is_told_everything_by_the_next_call_of_each_node() {
    taken(here, 1);
    taken(there, 1);
    redis.call("forget", client -> client.flushAll());

    assertThat(taken(here, 1)).isEqualTo(1);
    clock.advance(PERIOD.dividedBy(2));
    there.tellAgain();

    assertThat(taken(here, 5)).isZero();
    assertThat(taken(there, 5)).isZero();
  }

  @Test
  void a_take_that_fails_holds_nothing_here() {
    server.stop();
    try {
      for (int i = 0; i < 5; i++) {
        assertThatThrownBy(() -> here.tryAcquire(charges)).isInstanceOf(StoreException.class);
      }
    } finally {
      server.start();
    }

    assertThat(taken(here, 5)).isEqualTo(3);
  }

  @Test
  void a_call_that_is_overtaken_or_repeated_changes_nothing() {
    tell(2, 7);
    tell(1, 6);
    tell(2, 7);

    assertThat(taken(there, 5)).isEqualTo(1);

    tell(0, 8);
    tell(2, 7);
    assertThat(taken(there, 5)).isEqualTo(2);
  }

  @Test
  void a_denial_writes_nothing_and_takes_nothing_of_other_buckets() {
    Charge wide = new Charge("p", "bucket-" + UUID.randomUUID(), Limit.of(100, PERIOD, Algorithm.CONCURRENCY), 1);
    taken(there, 3);
    String key = Account.key(one);
    byte[] before = redis.call("read", client -> client.dump(key));

    for (int i = 0; i < 5; i++) {
      assertThat(here.tryAcquire(List.of(wide, one))).isInstanceOf(Denied.class);
    }

    byte[] after = redis.call("read", client -> client.dump(key));
    assertThat(after).isEqualTo(before);
    boolean written = redis.call("read", client -> client.exists(Account.key(wide)));
    assertThat(written).isFalse();
    assertThat(here.peek(List.of(wide)).remaining()).isEqualTo(99);
  }

  @Test
  void a_clock_that_goes_back_lets_no_node_be_counted_for_longer_than_the_period() {
    clock.advance(Duration.ofHours(5));
    taken(there, 3);
    clock.advance(Duration.ofHours(-5));
    assertThat(taken(here, 1)).isZero();

    clock.advance(PERIOD.plusMinutes(2));

    assertThat(taken(here, 5)).isEqualTo(3);
  }

  @Test
  void crowds_on_two_nodes_never_have_more_under_way_and_leave_nothing_behind() throws Exception {
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger admitted = new AtomicInteger();
    AtomicInteger failures = new AtomicInteger();
    Thread[] threads = new Thread[6];
    for (int t = 0; t < threads.length; t++) {
      RedisRateLimiter node = t % 2 == 0 ? here : there;
      threads[t] = new Thread(() -> {
        try {
          for (int i = 0; i < 200; i++) {
            if (node.tryAcquire(charges) instanceof Allowed) {
              most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
              admitted.incrementAndGet();
              Thread.yield();
              underWay.decrementAndGet();
              node.giveBack(charges);
            }
          }
        } catch (RuntimeException e) {
          failures.incrementAndGet();
        }
      });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(failures).hasValue(0);
    assertThat(most.get()).isBetween(1, 3);
    assertThat(admitted.get()).isPositive();
    // What was told while others asked, who were denied then, is told again within a second.
    here.tellAgain();
    there.tellAgain();
    assertThat(here.peek(charges).remaining()).isEqualTo(2);
    assertThat(taken(there, 5)).isEqualTo(3);
  }

  /** Tells of what a third node holds. */
  private void tell(long permits, long version) {
    Account account = Account.of(Account.key(one), one.limit(), new Holdings.Told(permits, version));
    Takes take = new Takes(
        List.of(new Takes.Request("take", List.of(Lease.exactly(one)), List.of(account))),
        Long.toString(Duration.between(Instant.parse("2026-01-01T00:00:00Z"), clock.instant()).toNanos() / 1000),
        "60000",
        "third");
    redis.call("tell", take::run);
  }

  private int taken(RedisRateLimiter node, int attempts) {
    int taken = 0;
    for (int i = 0; i < attempts; i++) {
      taken += node.tryAcquire(charges) instanceof Allowed ? 1 : 0;
    }
    return taken;
  }
}
