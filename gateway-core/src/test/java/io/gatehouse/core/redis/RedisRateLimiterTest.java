package io.gatehouse.core.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.contract.RateLimiterContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.RedisServerFixture;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.LeaseSource;
import io.gatehouse.limit.LeaseSource.Grant;
import io.gatehouse.limit.LeaseSource.Grants;
import io.gatehouse.limit.LeaseSource.Lease;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RedisRateLimiterTest extends RateLimiterContract {

  private static RedisServerFixture server;

  private final RedisConnection redis = RedisConnection.to(server.host(), server.port())
      .timeout(Duration.ofSeconds(2)).open();
  private final SettableClock clock = new SettableClock();

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

  @Override
  protected RateLimiter limiter(SettableClock clock) {
    return new RedisRateLimiter(redis, clock);
  }

  @Override
  protected boolean breakStore() {
    server.stop();
    return true;
  }

  @Override
  protected void mendStore() {
    server.start();
  }

  @Test
  void by_the_clock_of_redis_permits_come_back_in_real_time() {
    RateLimiter limiter = new RedisRateLimiter(redis);
    Charge charge = charge(new Limit(20, Duration.ofSeconds(1), 5));

    assertThat(taken(limiter, charge, 20)).isBetween(5, 7);
    Denied denied = (Denied) limiter.tryAcquire(List.of(charge));
    assertThat(denied.retryAfterNanos()).isBetween(1L, 50_000_000L);

    Awaitility.await().pollInterval(Duration.ofMillis(5)).atMost(Duration.ofSeconds(2))
        .until(() -> limiter.tryAcquire(List.of(charge)) instanceof Allowed);
  }

  @Test
  void two_nodes_together_admit_a_limit_once() throws Exception {
    try (RedisConnection other = RedisConnection.to(server.host(), server.port()).timeout(Duration.ofSeconds(2)).open()) {
      List<RateLimiter> nodes = List.of(new RedisRateLimiter(redis), new RedisRateLimiter(other));
      Charge charge = charge(new Limit(300, Duration.ofDays(1), 300));
      AtomicInteger admitted = new AtomicInteger();

      together(6, thread -> {
        for (int i = 0; i < 100; i++) {
          if (nodes.get(thread % 2).tryAcquire(List.of(charge)) instanceof Allowed) {
            admitted.incrementAndGet();
          }
        }
      });

      assertThat(admitted).hasValue(300);
    }
  }

  @Test
  void forgetting_the_scripts_under_load_is_not_noticed() throws Exception {
    RateLimiter limiter = new RedisRateLimiter(redis);
    Charge charge = charge(new Limit(200, Duration.ofDays(1), 200));
    AtomicBoolean over = new AtomicBoolean();
    Thread flusher = new Thread(() -> {
      while (!over.get()) {
        redis.call("flush", client -> client.scriptFlush());
      }
    });
    flusher.start();
    AtomicInteger admitted = new AtomicInteger();

    together(4, thread -> {
      for (int i = 0; i < 250; i++) {
        if (limiter.tryAcquire(List.of(charge)) instanceof Allowed) {
          admitted.incrementAndGet();
        }
      }
    });
    over.set(true);
    flusher.join();

    assertThat(admitted).hasValue(200);
  }

  @Test
  void a_debt_from_an_hour_ahead_heals_to_two_bursts() {
    Charge charge = charge(new Limit(10, Duration.ofSeconds(1), 10));
    InstantSource ahead = () -> clock.instant().plus(Duration.ofHours(1));
    new RedisRateLimiter(redis, ahead).tryAcquire(List.of(charge));
    RateLimiter limiter = limiter(clock);

    Denied denied = (Denied) limiter.tryAcquire(List.of(charge));
    assertThat(denied.retryAfterNanos()).isEqualTo(1_100_000_000L);

    clock.advance(Duration.ofMillis(1100));
    assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Allowed.class);
    clock.advance(Duration.ofSeconds(1));
    assertThat(taken(limiter, charge, 20)).isEqualTo(10);
  }

  @Test
  void nodes_whose_clocks_differ_do_not_refill_twice() {
    InstantSource behind = () -> clock.instant().minusSeconds(5);
    InstantSource ahead = () -> clock.instant().plusSeconds(5);
    List<RateLimiter> nodes = List.of(new RedisRateLimiter(redis, behind), new RedisRateLimiter(redis, ahead));
    Charge charge = charge(new Limit(100, Duration.ofMinutes(1), 10));
    int admitted = 0;
    for (int i = 0; i < 600; i++) {
      clock.advance(Duration.ofMillis(100));
      admitted += taken(nodes.get(i % 2), charge, 3);
    }

    // One minute gives burst and rate; ten seconds between the clocks give their own once, not once per call.
    assertThat(admitted).isBetween(105, 10 + 100 + 17);
    Denied denied = (Denied) nodes.get(0).tryAcquire(List.of(charge));
    clock.advance(Duration.ofNanos(denied.retryAfterNanos()));
    assertThat(nodes.get(0).tryAcquire(List.of(charge))).isInstanceOf(Allowed.class);
  }

  @Test
  void the_clocks_of_nodes_do_not_matter_when_redis_has_the_clock() {
    RateLimiter limiter = new RedisRateLimiter(redis);
    Charge charge = charge(new Limit(100, Duration.ofDays(1), 100));

    assertThat(taken(limiter, charge, 60) + taken(new RedisRateLimiter(redis), charge, 60)).isEqualTo(100);

    String key = keysOf(charge).iterator().next();
    long millisToLive = redis.call("ask", client -> client.pttl(key));
    assertThat(millisToLive).isBetween(Duration.ofDays(1).minusMinutes(1).toMillis(), Duration.ofDays(1).toMillis() + 1);
  }

  @Test
  void rates_beyond_a_permit_per_microsecond_are_met_and_not_exceeded() {
    for (long permits : new long[] {3, 7, 30_000, 300_000, 700_000, 1_500_000, 333_333_333}) {
      RateLimiter limiter = limiter(clock);
      Limit limit = new Limit(permits, Duration.ofSeconds(1), permits);
      Charge one = charge(limit);
      Charge all = new Charge("p", one.bucket(), limit, permits);
      assertThat(limiter.tryAcquire(List.of(all))).isInstanceOf(Allowed.class);
      long admitted = 0;
      for (int i = 0; i < 10; i++) {
        clock.advance(Duration.ofMillis(100));
        long free = limiter.peek(List.of(one)) instanceof Allowed allowed ? allowed.remaining() + 1 : 0;
        if (free > 0) {
          limiter.tryAcquire(List.of(new Charge("p", one.bucket(), limit, free)));
          admitted += free;
        }
      }

      assertThat(admitted).as("%d/s", permits).isBetween((long) (permits * 0.999), permits);
    }
  }

  @Test
  void a_denial_writes_nothing() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(new Limit(1, Duration.ofHours(1), 1));
    limiter.tryAcquire(List.of(charge));
    String key = keysOf(charge).iterator().next();
    byte[] before = redis.call("read", client -> client.dump(key));

    clock.advance(Duration.ofMinutes(1));
    assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Denied.class);

    byte[] after = redis.call("read", client -> client.dump(key));
    assertThat(after).isEqualTo(before);
  }

  @Test
  void a_bucket_that_owes_nothing_leaves_no_key() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(new Limit(10, Duration.ofHours(1), 10));

    limiter.tryAcquire(List.of(charge));
    limiter.giveBack(List.of(charge));

    assertThat(keysOf(charge)).isEmpty();
    limiter.giveBack(List.of());
  }

  @Test
  void a_log_keeps_eight_bytes_for_a_permit_and_drops_what_has_expired() {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(Limit.of(50, Duration.ofSeconds(1), Algorithm.SLIDING_LOG));
    long longest = 0;
    for (int i = 0; i < 2000; i++) {
      limiter.tryAcquire(List.of(charge));
      longest = Math.max(longest, redis.call("ask", client -> client.strlen(Account.key(charge))));
      clock.advance(Duration.ofMillis(i % 7 * 10));
    }

    assertThat(longest).isBetween(8L * 30, 8L * 2 * 50 + 8);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void by_the_clock_of_redis_every_key_expires_however_short_the_period(Algorithm algorithm) {
    RateLimiter limiter = new RedisRateLimiter(redis);
    Charge brief = charge(Limit.of(3, Duration.ofNanos(1), algorithm));
    Charge lasting = charge(Limit.of(3, Duration.ofMinutes(1), algorithm));

    assertThat(limiter.tryAcquire(List.of(brief, lasting))).isInstanceOf(Allowed.class);

    long millisToLive = redis.call("ask", client -> client.pttl(Account.key(lasting)));
    assertThat(millisToLive).isBetween(1L, 120_002L);
    Awaitility.await().pollInterval(Duration.ofMillis(1)).atMost(Duration.ofSeconds(5))
        .until(() -> !redis.call("ask", client -> client.exists(Account.key(brief))));
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void whatever_the_algorithm_a_denial_writes_nothing_and_what_owes_nothing_leaves_no_key(Algorithm algorithm) {
    RateLimiter limiter = limiter(clock);
    Charge charge = charge(Limit.of(2, Duration.ofHours(1), algorithm));
    String key = Account.key(charge);
    assertThat(taken(limiter, charge, 2)).isEqualTo(2);
    byte[] before = redis.call("read", client -> client.dump(key));
    clock.advance(Duration.ofMinutes(1));

    assertThat(limiter.tryAcquire(List.of(charge))).isInstanceOf(Denied.class);
    byte[] after = redis.call("read", client -> client.dump(key));
    assertThat(after).isEqualTo(before);

    limiter.giveBack(List.of(charge));
    limiter.giveBack(List.of(charge));
    if (!algorithm.isHeld()) { // of what is held it is kept, for the period, that this node holds nothing any more
      boolean left = redis.call("ask", client -> client.exists(key));
      assertThat(left).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(value = Algorithm.class, names = {"SLIDING_WINDOW", "SLIDING_LOG", "FIXED_WINDOW"})
  void a_count_from_an_hour_ahead_heals_within_two_periods(Algorithm algorithm) {
    Charge charge = charge(Limit.of(10, Duration.ofSeconds(1), algorithm));
    InstantSource ahead = () -> clock.instant().plus(Duration.ofHours(1));
    assertThat(taken(new RedisRateLimiter(redis, ahead), charge, 20)).isEqualTo(10);
    RateLimiter limiter = limiter(clock);

    assertThat(taken(limiter, charge, 5)).isZero();
    clock.advance(Duration.ofSeconds(2));

    assertThat(taken(limiter, charge, 20)).isEqualTo(10);
  }

  @ParameterizedTest
  @EnumSource(value = Algorithm.class, names = {"SLIDING_WINDOW", "SLIDING_LOG", "FIXED_WINDOW"})
  void nodes_whose_clocks_differ_do_not_begin_a_window_twice(Algorithm algorithm) {
    InstantSource behind = () -> clock.instant().minusSeconds(5);
    InstantSource ahead = () -> clock.instant().plusSeconds(5);
    List<RateLimiter> nodes = List.of(new RedisRateLimiter(redis, behind), new RedisRateLimiter(redis, ahead));
    Charge charge = charge(Limit.of(20, Duration.ofSeconds(20), algorithm));
    int admitted = 0;
    for (int i = 0; i < 600; i++) {
      clock.advance(Duration.ofMillis(100));
      admitted += taken(nodes.get(i % 2), charge, 3);
    }

    // A minute and the ten seconds between the clocks hold three and a half periods, and so touch four windows or five.
    assertThat(admitted).isBetween(60, 100);
  }

  @Test
  void two_charges_on_one_bucket_are_a_mistake() {
    Charge charge = charge(new Limit(10, Duration.ofHours(1), 10));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter(clock).tryAcquire(List.of(charge, charge)))
        .withMessage("charges: two on one bucket, period and algorithm (expected: one)");
  }

  @Test
  void an_old_date_and_a_far_one_count_alike() {
    for (String date : List.of("1999-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2199-01-01T00:00:00Z")) {
      Instant start = Instant.parse(date);
      SettableClock elapsed = new SettableClock();
      RateLimiter limiter = new RedisRateLimiter(redis,
          () -> start.plus(Duration.between(SettableClock.START, elapsed.instant())));
      Charge charge = charge(new Limit(1_000_000, Duration.ofSeconds(1), 4));

      assertThat(taken(limiter, charge, 10)).as(date).isEqualTo(4);
      elapsed.advance(Duration.ofNanos(3000));
      assertThat(taken(limiter, charge, 10)).as(date).isEqualTo(3);
    }
  }

  @Test
  void a_lease_takes_what_is_there_between_the_least_and_the_most() {
    LeaseSource source = new RedisRateLimiter(redis, clock);
    Charge wide = charge(new Limit(100, Duration.ofSeconds(1), 100));
    Charge narrow = charge(new Limit(10, Duration.ofSeconds(1), 10));

    Grants first = source.lease(List.of(new Lease(wide, 10, 70), new Lease(narrow, 1, 4)));
    assertThat(first.grants()).containsExactly(new Grant(70, 30), new Grant(4, 6));
    assertThat(first.decision()).isInstanceOf(Allowed.class);
    assertThat(first.decision().tightest()).isEqualTo(narrow);
    assertThat(first.decision().remaining()).isEqualTo(6);
    assertThat(first.decision().resetAfterNanos()).isEqualTo(400_000_000L);

    Grants second = source.lease(List.of(new Lease(wide, 10, 70), Lease.exactly(narrow)));
    assertThat(second.grants()).containsExactly(new Grant(30, 0), new Grant(1, 5));

    Grants third = source.lease(List.of(Lease.exactly(narrow), new Lease(wide, 10, 70)));
    assertThat(third.decision()).isEqualTo(new Denied(wide, 0, 100_000_000L, 1_000_000_000L, Decision.Mode.EXACT));
    assertThat(third.grants()).containsExactly(new Grant(0, 5), new Grant(0, 0));
    assertThat(source.peek(List.of(narrow)).remaining()).isEqualTo(4);
  }

  @Test
  void requests_in_one_call_see_what_those_before_them_took() {
    Charge small = charge(new Limit(10, Duration.ofHours(1), 3));
    Charge large = new Charge("p", small.bucket(), small.limit(), 2);
    Charge other = charge(new Limit(10, Duration.ofHours(1), 1));
    List<Takes.Request> requests = List.of(
        take(small, other), take(small, other), request("peek", large), take(large), take(small));

    List<Grants> answers = redis.call("test", new Takes(requests, "redis", "0", "node")::run);

    assertThat(answers).extracting(grants -> grants.decision() instanceof Allowed)
        .containsExactly(true, false, true, true, false);
    assertThat(answers).extracting(grants -> grants.decision().remaining()).containsExactly(0L, 0L, 0L, 0L, 0L);
    assertThat(answers.get(1).decision().tightest()).isEqualTo(other);
  }

  @Test
  void both_scripts_decide_alike() {
    Random random = new Random(11);
    RateLimiter alone = new RedisRateLimiter(redis, clock);
    String many = UUID.randomUUID().toString();
    String one = UUID.randomUUID().toString();
    for (int i = 0; i < 2000; i++) {
      List<Charge> charges = new ArrayList<>();
      for (int level = 0; level <= random.nextInt(3); level++) {
        Limit limit = new Limit(1 + random.nextInt(50), Duration.ofMillis(300 + level), 1 + random.nextInt(9));
        charges.add(new Charge("p", one, limit, 1 + random.nextInt(3)));
      }
      Decision expected = alone.tryAcquire(charges);
      Charge[] same = charges.stream().map(c -> new Charge("p", many, c.limit(), c.cost())).toArray(Charge[]::new);

      Takes both = new Takes(List.of(request("peek", same[0]), take(same)), micros(), "60000", "node");
      Decision decision = redis.call("test", both::run).get(1).decision();

      assertThat(decision.getClass()).as("request %d", i).isEqualTo(expected.getClass());
      assertThat(decision.remaining()).isEqualTo(expected.remaining());
      assertThat(decision.resetAfterNanos()).isEqualTo(expected.resetAfterNanos());
      assertThat(decision.tightest().limit()).isEqualTo(expected.tightest().limit());
      clock.advance(Duration.ofMillis(random.nextInt(30)));
    }
  }

  private String micros() {
    return Long.toString(Duration.between(Instant.parse("2026-01-01T00:00:00Z"), clock.instant()).toNanos() / 1000);
  }

  private static Takes.Request take(Charge... charges) {
    return request("take", charges);
  }

  private static Takes.Request request(String verb, Charge... charges) {
    return new Takes.Request(
        verb,
        Stream.of(charges).map(Lease::exactly).toList(),
        Stream.of(charges).map(charge -> Account.of(Account.key(charge), charge.limit())).toList());
  }

  private Set<String> keysOf(Charge charge) {
    return redis.call("list", client -> client.keys("gatehouse:limit:*" + charge.bucket()));
  }

  private interface Deed {
    void run(int thread) throws Exception;
  }

  private static void together(int count, Deed deed) throws Exception {
    Thread[] threads = new Thread[count];
    AtomicInteger failures = new AtomicInteger();
    for (int t = 0; t < count; t++) {
      int thread = t;
      threads[t] = new Thread(() -> {
        try {
          deed.run(thread);
        } catch (Exception e) {
          failures.incrementAndGet();
        }
      });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).hasValue(0);
  }

  private static Charge charge(Limit limit) {
    return new Charge("policy", "bucket-" + UUID.randomUUID(), limit, 1);
  }

  private static int taken(RateLimiter limiter, Charge charge, int attempts) {
    int taken = 0;
    for (int i = 0; i < attempts; i++) {
      if (limiter.tryAcquire(List.of(charge)) instanceof Allowed) {
        taken++;
      }
    }
    return taken;
  }
}
