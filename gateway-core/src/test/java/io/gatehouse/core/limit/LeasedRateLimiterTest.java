package io.gatehouse.core.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import io.gatehouse.StoreException;
import io.gatehouse.contract.RateLimiterContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Decision.Mode;
import io.gatehouse.limit.LeaseSource;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeasedRateLimiterTest {

  private static final Limit FAST = new Limit(10_000, Duration.ofSeconds(1), 2_000);

  private final SettableClock clock = new SettableClock(Long.MAX_VALUE - Duration.ofMillis(300).toNanos());
  private final MemorySource source = new MemorySource(clock);
  private final LeasedRateLimiter limiter = new LeasedRateLimiter(source, () -> 2, clock.nanoTime());

  @Test
  void a_bucket_that_is_seldom_asked_for_is_asked_for_exactly() {
    for (int i = 0; i < 60; i++) {
      assertThat(limiter.tryAcquire(of(FAST, 1)).mode()).isEqualTo(Mode.EXACT);
      clock.advance(Duration.ofMillis(30));
    }

    assertThat(source.calls).isEqualTo(60);
  }

  @Test
  void a_bucket_that_is_often_asked_for_is_leased() {
    int leased = 0;
    for (int i = 0; i < 4_000; i++) {
      Decision decision = limiter.tryAcquire(of(FAST, 1));
      assertThat(decision).isInstanceOf(Allowed.class);
      leased += decision.mode() == Mode.LEASED ? 1 : 0;
      clock.advance(Duration.ofNanos(500_000));
    }

    assertThat(leased).isGreaterThan(3_950);
    assertThat(source.calls).isLessThan(4_000 / 40);
    assertThat(source.taken).isBetween(4_000L, 4_000L + 100);
  }

  @Test
  void a_limit_that_gives_a_node_less_than_two_permits_in_a_tenth_of_a_second_is_never_leased() {
    Limit slow = new Limit(39, Duration.ofSeconds(1), 1_000);
    for (int i = 0; i < 500; i++) {
      assertThat(limiter.tryAcquire(of(slow, 1)).mode()).isEqualTo(Mode.EXACT);
    }

    assertThat(source.calls).isEqualTo(500);
  }

  @Test
  void what_is_not_spent_in_a_tenth_of_a_second_is_lost() {
    heat(FAST);
    clock.advance(Duration.ofMillis(LeasedRateLimiter.LIFE_MILLIS - 1));
    assertCalls(0, () -> limiter.tryAcquire(of(FAST, 1)));

    clock.advance(Duration.ofMillis(1));
    assertCalls(1, () -> limiter.tryAcquire(of(FAST, 1)));
  }

  @ParameterizedTest
  @EnumSource(value = Algorithm.class, names = "TOKEN_BUCKET", mode = EnumSource.Mode.EXCLUDE)
  void other_algorithms_are_never_leased_and_hold_exactly_beside_a_lease(Algorithm algorithm) {
    heat(FAST);
    Charge leased = of(FAST, 1).get(0);
    Charge exact = new Charge("other", leased.bucket(), Limit.of(3, FAST.period(), algorithm), 1);

    assertCalls(3, () -> {
      for (int left = 2; left >= 0; left--) {
        Decision decision = limiter.tryAcquire(List.of(leased, exact));
        assertThat(decision).isInstanceOf(Allowed.class);
        assertThat(decision.tightest()).isEqualTo(exact);
        assertThat(decision.remaining()).isEqualTo(left);
        assertThat(decision.mode()).isEqualTo(Mode.LEASED);
      }
    });
    assertCalls(1, () -> assertThat(limiter.tryAcquire(List.of(leased, exact)))
        .isInstanceOfSatisfying(Denied.class, denied -> assertThat(denied.tightest()).isEqualTo(exact)));
    assertCalls(0, () -> assertThat(limiter.tryAcquire(List.of(leased))).isInstanceOf(Allowed.class));

    limiter.giveBack(List.of(leased, exact));
    assertThat(limiter.tryAcquire(List.of(exact))).isInstanceOf(Allowed.class);
  }

  @Test
  void a_lease_that_is_asked_for_beside_another_algorithm_says_where_that_stands() {
    heat(FAST);
    Charge leased = of(FAST, 1).get(0);
    Charge exact = new Charge("other", "fixed", Limit.of(3, Duration.ofHours(1), Algorithm.FIXED_WINDOW), 1);
    clock.advance(Duration.ofMillis(LeasedRateLimiter.LIFE_MILLIS));

    Decision decision = limiter.tryAcquire(List.of(leased, exact));

    assertThat(decision.tightest()).isEqualTo(exact);
    assertThat(decision.remaining()).isEqualTo(2);
    assertThat(decision.resetAfterNanos()).isEqualTo(
        ((Allowed) source.peek(List.of(exact))).resetAfterNanos());
  }

  @Test
  void a_clock_that_goes_back_ends_a_lease() {
    heat(FAST);

    clock.advance(Duration.ofSeconds(-5));

    assertCalls(1, () -> limiter.tryAcquire(of(FAST, 1)));
  }

  @Test
  void a_lease_that_comes_late_serves_its_request_and_nobody_else() {
    heat(FAST);
    clock.advance(Duration.ofMillis(LeasedRateLimiter.LIFE_MILLIS));
    source.before = () -> clock.advance(Duration.ofMillis(LeasedRateLimiter.LIFE_MILLIS));
    assertThat(limiter.tryAcquire(of(FAST, 1))).isInstanceOf(Allowed.class);

    source.before = () -> {};
    assertCalls(1, () -> limiter.tryAcquire(of(FAST, 1)));
  }

  @Test
  void another_limit_does_not_spend_what_was_leased_under_the_last() {
    heat(FAST);
    Limit lower = new Limit(1_000, Duration.ofSeconds(1), 200);

    assertCalls(1, () -> limiter.tryAcquire(of(lower, 1)));
    assertCalls(1, () -> limiter.tryAcquire(of(FAST, 1)));
  }

  @Test
  void what_is_denied_takes_nothing_from_a_lease() {
    Charge wide = new Charge("wide", "wide", FAST, 1);
    Charge narrow = new Charge("narrow", "narrow", new Limit(1, Duration.ofHours(1), 3), 1);
    heat(FAST, "wide");
    long before = limiter.peek(List.of(wide)).remaining();

    int admitted = 0;
    for (int i = 0; i < 10; i++) {
      Decision decision = limiter.tryAcquire(i % 2 == 0 ? List.of(wide, narrow) : List.of(narrow, wide));
      assertThat(decision.tightest()).isEqualTo(narrow);
      assertThat(decision.mode()).isEqualTo(Mode.LEASED);
      admitted += decision instanceof Allowed ? 1 : 0;
    }

    assertThat(admitted).isEqualTo(3);
    assertThat(limiter.peek(List.of(wide)).remaining()).isEqualTo(before - 3);
  }

  @Test
  void an_exact_charge_goes_along_with_a_new_lease_in_one_call() {
    Charge wide = new Charge("wide", "wide", FAST, 1);
    Charge slow = new Charge("slow", "slow", new Limit(100, Duration.ofHours(1), 100), 1);
    heat(FAST, "wide");
    clock.advance(Duration.ofMillis(LeasedRateLimiter.LIFE_MILLIS));

    assertCalls(1, () -> assertThat(limiter.tryAcquire(List.of(slow, wide)))
        .isInstanceOfSatisfying(Allowed.class, allowed -> {
          assertThat(allowed.tightest()).isEqualTo(slow);
          assertThat(allowed.remaining()).isEqualTo(99);
          assertThat(allowed.mode()).isEqualTo(Mode.LEASED);
        }));
    assertCalls(0, () -> limiter.tryAcquire(List.of(wide)));
  }

  @Test
  void a_drained_bucket_denies_everybody_until_the_least_of_all_nodes_is_there() {
    Limit limit = new Limit(10_000, Duration.ofSeconds(1), 1_000);
    heat(limit);
    while (limiter.tryAcquire(of(limit, 1)) instanceof Allowed) {
      // drains
    }
    Denied denied = (Denied) limiter.tryAcquire(of(limit, 1));
    assertThat(denied.retryAfterNanos()).isBetween(1L, 20_000_000L);
    assertThat(denied.remaining()).isZero();
    assertThat(denied.mode()).isEqualTo(Mode.LEASED);

    clock.advance(Duration.ofNanos(denied.retryAfterNanos() - 1));
    assertCalls(0, () -> assertThat(limiter.tryAcquire(of(limit, 1))).isInstanceOf(Denied.class));
    assertCalls(0, () -> assertThat(limiter.peek(of(limit, 1))).isInstanceOf(Denied.class));
    clock.advance(Duration.ofNanos(1));
    assertCalls(1, () -> {
      for (int i = 0; i < 50; i++) {
        assertThat(limiter.tryAcquire(of(limit, 1))).isInstanceOf(Allowed.class);
      }
    });
  }

  @Test
  void what_is_given_back_returns_to_the_lease_while_it_has_room() {
    heat(FAST);
    clock.advance(Duration.ofMillis(LeasedRateLimiter.LIFE_MILLIS));
    limiter.tryAcquire(of(FAST, 1)); // a new lease, all of which is there
    long taken = source.taken;
    limiter.tryAcquire(of(FAST, 1));

    limiter.giveBack(of(FAST, 1));
    assertThat(source.taken).isEqualTo(taken);
    limiter.giveBack(of(FAST, 1));
    assertThat(source.taken).isEqualTo(taken - 1);
  }

  @Test
  void a_source_that_fails_fails_for_who_asked_and_leaves_the_lease() {
    heat(FAST);
    Charge exact = new Charge("exact", "exact", new Limit(1, Duration.ofHours(1), 3), 1);
    long before = limiter.peek(of(FAST, 1)).remaining();
    source.before = () -> {
      throw new StoreException("away");
    };

    assertThatThrownBy(() -> limiter.tryAcquire(List.of(of(FAST, 1).get(0), exact))).hasMessage("away");

    assertThat(limiter.peek(of(FAST, 1)).remaining()).isEqualTo(before);
    clock.advance(Duration.ofMillis(LeasedRateLimiter.LIFE_MILLIS));
    assertThatThrownBy(() -> limiter.tryAcquire(of(FAST, 1))).hasMessage("away");
    source.before = () -> {};
    assertThat(limiter.tryAcquire(of(FAST, 1))).isInstanceOf(Allowed.class);
  }

  @Test
  void one_thread_asks_for_a_lease_and_the_others_wait_for_it() throws Exception {
    heat(FAST);
    clock.advance(Duration.ofMillis(LeasedRateLimiter.LIFE_MILLIS));
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    source.before = () -> {
      asked.countDown();
      awaitUnchecked(answer);
    };
    int calls = source.calls;

    List<CompletableFuture<Decision>> crowd = crowd(asked);
    answer.countDown();

    assertThat(crowd).allSatisfy(one -> assertThat(one.join()).isInstanceOf(Allowed.class));
    assertThat(source.calls).isEqualTo(calls + 1);
  }

  @Test
  void a_lease_that_cannot_be_had_fails_for_those_who_wait_for_it() throws Exception {
    heat(FAST);
    clock.advance(Duration.ofMillis(LeasedRateLimiter.LIFE_MILLIS));
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    source.before = () -> {
      asked.countDown();
      awaitUnchecked(answer);
      throw new StoreException("away");
    };

    List<CompletableFuture<Decision>> crowd = crowd(asked);
    answer.countDown();

    assertThat(crowd).allSatisfy(one -> assertThatThrownBy(one::join).hasCauseInstanceOf(StoreException.class));
  }

  @Test
  void a_flood_of_buckets_finds_no_room_and_is_counted_exactly() {
    for (int i = 0; i < 20_000; i++) {
      List<Charge> charges = List.of(new Charge("p", "bucket-" + i, FAST, 1));
      assertThat(limiter.tryAcquire(charges).mode()).isEqualTo(Mode.EXACT);
    }
    clock.advance(Duration.ofMillis(250));

    heat(FAST);

    assertCalls(0, () -> limiter.tryAcquire(of(FAST, 1)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void no_span_admits_more_than_the_bound_whatever_nodes_and_clocks_do(int count) {
    for (int seed = 0; seed < Math.max(12, Integer.getInteger("gatehouse.soak", 0)); seed++) {
      Random random = new Random(seed);
      SettableClock time = new SettableClock();
      MemorySource shared = new MemorySource(time);
      Limit limit = new Limit(200 + random.nextInt(20_000), Duration.ofSeconds(1), 1 + random.nextInt(2_000));
      List<Charge> charges = of(limit, 1 + random.nextInt(3));
      long[] steps = new long[count];
      List<RateLimiter> nodes = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        nodes.add(node(shared, time, steps, i));
      }
      double rate = limit.permits() / 1e9;
      double extra = rate * LeasedRateLimiter.LIFE_MILLIS * 1e6;
      double room = limit.burst() + extra;
      double level = room;
      long admitted = 0;

      for (int i = 0; i < 15_000; i++) {
        long micros = random.nextInt((int) (1_500_000 / limit.permits()) + 2);
        time.advance(Duration.ofNanos(micros * 1_000));
        level = Math.min(room, level + rate * micros * 1_000);
        int at = random.nextInt(count);
        switch (random.nextInt(2_000)) {
          case 0 -> nodes.set(at, node(shared, time, steps, at));
          case 1 -> steps[at] += Duration.ofSeconds(random.nextBoolean() ? 5 : -5).toNanos();
          default -> {
            if (nodes.get(at).tryAcquire(charges) instanceof Allowed) {
              admitted += charges.get(0).cost();
              level -= charges.get(0).cost();
              if (level < -1e-3) {
                fail("seed %d, request %d: %.3f beyond the bound of %s", seed, i, -level, limit);
              }
            }
          }
        }
      }
      assertThat(admitted).isPositive();
    }
  }

  private static RateLimiter node(LeaseSource shared, SettableClock time, long[] steps, int index) {
    return new LeasedRateLimiter(shared, () -> steps.length, () -> time.nanoTime().getAsLong() + steps[index]);
  }

  private List<CompletableFuture<Decision>> crowd(CountDownLatch asked) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<CompletableFuture<Decision>> crowd = new ArrayList<>();
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      crowd.add(CompletableFuture.supplyAsync(() -> {
        synchronized (running) {
          running.add(Thread.currentThread());
        }
        return limiter.tryAcquire(of(FAST, 1));
      }, threads));
    }
    asked.await();
    await().until(() -> {
      synchronized (running) {
        return running.size() == 8
            && running.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING);
      }
    });
    threads.shutdown();
    return crowd;
  }

  private void heat(Limit limit) {
    heat(limit, "b");
  }

  /** Makes a bucket hot, and leaves it with a lease of which something is left. */
  private void heat(Limit limit, String bucket) {
    List<Charge> charges = List.of(new Charge("p", bucket, limit, 1));
    for (int i = 0; i < 300; i++) {
      limiter.tryAcquire(charges);
    }
    int calls = source.calls;
    while (source.calls == calls) {
      limiter.tryAcquire(charges);
    }
  }

  private void assertCalls(int expected, Runnable deed) {
    int before = source.calls;
    deed.run();
    assertThat(source.calls - before).isEqualTo(expected);
  }

  private static List<Charge> of(Limit limit, long cost) {
    return List.of(new Charge("p", "b", limit, cost));
  }

  private static void awaitUnchecked(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Leases from memory; counts what it is asked and what it gives. */
  private static final class MemorySource implements LeaseSource {
    private final RateLimiter memory;
    private volatile Runnable before = () -> {};
    private volatile int calls;
    private volatile long taken;

    MemorySource(SettableClock clock) {
      this.memory = new MemoryRateLimiter(1 << 17, clock.nanoTime(), clock);
    }

    @Override
    public synchronized Grants lease(List<Lease> leases) {
      calls++;
      before.run();
      List<Charge> charges = leases.stream().map(lease -> costing(lease.charge(), lease.least())).toList();
      Decision decision = memory.peek(charges);
      if (decision instanceof Denied denied) {
        Charge tightest = leases.get(charges.indexOf(denied.tightest())).charge();
        return new Grants(
            new Denied(tightest, denied.remaining(), denied.retryAfterNanos(), denied.resetAfterNanos(), Mode.EXACT),
            leases.stream().map(lease -> new Grant(0, 0)).toList());
      }
      List<Grant> grants = new ArrayList<>();
      for (Lease lease : leases) {
        long there = lease.least() + memory.peek(List.of(costing(lease.charge(), lease.least()))).remaining();
        long given = Math.min(lease.most(), there);
        decision = memory.tryAcquire(List.of(costing(lease.charge(), given)));
        taken += given;
        grants.add(new Grant(given, decision.remaining()));
      }
      return new Grants(decision, grants);
    }

    @Override
    public synchronized Decision tryAcquire(List<Charge> charges) {
      calls++;
      before.run();
      Decision decision = memory.tryAcquire(charges);
      taken += decision instanceof Allowed ? charges.stream().mapToLong(Charge::cost).sum() : 0;
      return decision;
    }

    @Override
    public Decision peek(List<Charge> charges) {
      return memory.peek(charges);
    }

    @Override
    public synchronized void giveBack(List<Charge> charges) {
      memory.giveBack(charges);
      taken -= charges.stream().mapToLong(Charge::cost).sum();
    }

    @Override
    public synchronized void debit(List<Charge> charges) {
      memory.debit(charges);
    }

    private static Charge costing(Charge charge, long cost) {
      return new Charge(charge.policy(), charge.bucket(), charge.limit(), cost);
    }
  }

  @Nested
  class Contract extends RateLimiterContract {
    @Override
    protected RateLimiter limiter(SettableClock clock) {
      return new LeasedRateLimiter(new MemorySource(clock), () -> 1, clock.nanoTime());
    }

    @Override
    protected double excess(Limit limit) {
      return (double) limit.permits() * LeasedRateLimiter.LIFE_MILLIS / limit.period().toMillis();
    }
  }
}
