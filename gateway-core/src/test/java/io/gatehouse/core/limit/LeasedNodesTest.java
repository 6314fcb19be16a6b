package io.gatehouse.core.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gatehouse.contract.RateLimiterContract;
import io.gatehouse.contract.SettableClock;
import io.gatehouse.core.fixture.RedisServerFixture;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.core.redis.RedisConnection;
import io.gatehouse.core.redis.RedisRateLimiter;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.LeaseSource;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Several nodes lease of one Redis in real time, and what the callers saw is held against the bound. An admission counts
 * for a span only if it both began and ended in it: so the test is never wrong when it says that there were too many.
 */
class LeasedNodesTest {

  /** So that no node takes a slow machine for a Redis that is away. */
  private static final Duration PATIENT = Duration.ofSeconds(5);

  private static final double LIFE_SECONDS = LeasedRateLimiter.LIFE_MILLIS / 1e3;

  private static RedisServerFixture server;

  @BeforeAll
  static void start() {
    server = RedisServerFixture.started();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void nodes_that_saturate_a_bucket_use_it_up_and_stay_within_the_bound(int count) throws Exception {
    Limit limit = new Limit(10_000, Duration.ofSeconds(1), 3_000);
    try (Nodes nodes = new Nodes(count, limit)) {
      nodes.run(Duration.ofMillis(1_300));

      nodes.assertWithinBound(limit, 0);
      // A full bucket gets nothing more: until it is first asked, there is no budget but the burst.
      double budget = limit.burst() + limit.permits() * nodes.secondsSinceFirstAdmission();
      assertThat(nodes.admitted.size() / budget).as("part of the budget that was used").isGreaterThan(0.8);
      assertThat((double) nodes.admitted.size() / nodes.calls.get()).as("admissions per call").isGreaterThan(10);
    }
  }

  @Test
  void a_limit_lowered_and_raised_under_load_binds_at_once() throws Exception {
    Limit high = new Limit(20_000, Duration.ofSeconds(1), 2_000);
    Limit low = new Limit(1_000, Duration.ofSeconds(1), 100);
    try (Nodes nodes = new Nodes(2, high)) {
      nodes.start();
      pause(400);
      nodes.limit = low;
      long lowered = System.nanoTime();
      pause(500);
      nodes.limit = high;
      long raised = System.nanoTime();
      pause(400);
      nodes.end();

      assertThat(nodes.between(lowered, raised))
          .isLessThanOrEqualTo((int) bound(low, (raised - lowered) / 1e9));
      assertThat(nodes.between(raised, System.nanoTime())).isGreaterThan(2_000);
      nodes.assertWithinBound(high, 0);
    }
  }

  @Test
  void a_redis_that_forgets_its_scripts_is_not_noticed() throws Exception {
    Limit limit = new Limit(10_000, Duration.ofSeconds(1), 500);
    try (Nodes nodes = new Nodes(2, limit)) {
      nodes.start();
      for (int i = 0; i < 50; i++) {
        ask(server, "SCRIPT FLUSH");
        pause(10);
      }
      nodes.end();

      nodes.assertWithinBound(limit, 0);
      assertThat(nodes.failures).hasValue(0);
      assertThat(nodes.local).hasValue(0);
    }
  }

  @Test
  void an_outage_adds_what_is_said_of_outages_and_no_more() throws Exception {
    Limit limit = new Limit(2_000, Duration.ofSeconds(1), 200);
    try (RedisServerFixture own = RedisServerFixture.started(); Nodes nodes = new Nodes(2, limit, own, Duration.ofMillis(100))) {
      nodes.start();
      pause(300);
      long began = System.nanoTime();
      own.stop();
      pause(300);
      own.start();
      await().atMost(Duration.ofSeconds(10)).until(nodes::reachable);
      pause(200);
      own.pause();
      pause(400);
      own.resume();
      await().atMost(Duration.ofSeconds(10)).until(nodes::reachable);
      double outage = (System.nanoTime() - began) / 1e9;
      pause(200);
      nodes.end();

      assertThat(nodes.failures).hasValue(0);
      assertThat(nodes.local.get()).isPositive();
      // Two outages: each admits the shares of all nodes beside the shared count, and the first one loses that count.
      nodes.assertWithinBound(limit, 3 * limit.burst() + limit.permits() * outage);
    }
  }

  @Test
  void over_a_hundred_random_runs_of_faults_stay_within_the_bound() throws Exception {
    int runs = Math.max(104, Integer.getInteger("gatehouse.soak", 0));
    try (RedisServerFixture own = RedisServerFixture.started()) {
      for (int seed = 0; seed < runs; seed++) {
        Random random = new Random(seed);
        Limit limit = new Limit(1_000 + random.nextInt(20_000), Duration.ofSeconds(1), 1 + random.nextInt(1_000));
        try (Nodes nodes = new Nodes(random.nextBoolean() ? 2 : 4, limit, own, PATIENT)) {
          nodes.start();
          for (int event = 0; event < 5; event++) {
            pause(10 + random.nextInt(40));
            int node = random.nextInt(nodes.limiters.size());
            switch (random.nextInt(4)) {
              case 0 -> nodes.kill(node);
              case 1 -> nodes.steps.get(node).addAndGet(Duration.ofSeconds(random.nextBoolean() ? 5 : -5).toNanos());
              case 2 -> nodes.freeze(node, Duration.ofMillis(random.nextInt(120)));
              default -> ask(own, "SCRIPT FLUSH");
            }
          }
          double more = seed % 4 == 0 ? outage(own, nodes, limit, random) : 0;
          nodes.end();

          nodes.assertWithinBound(limit, more);
          assertThat(nodes.failures).as("seed %d", seed).hasValue(0);
        }
      }
    }
  }

  /** Takes Redis away from all nodes, with or without what it knows, and answers what that may add to the bound. */
  private static double outage(RedisServerFixture redis, Nodes nodes, Limit limit, Random random) throws Exception {
    long began = System.nanoTime();
    boolean restart = random.nextBoolean();
    if (restart) {
      redis.stop();
      pause(random.nextInt(100));
      redis.start();
    } else {
      ask(redis, "CLIENT KILL TYPE normal SKIPME yes");
    }
    pause(30);
    await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(10)).until(nodes::reachable);
    double seconds = (System.nanoTime() - began) / 1e9;
    pause(30);
    // The shares of all nodes beside the shared count, which starts full again if it was lost.
    return (restart ? 2 : 1) * limit.burst() + limit.permits() * seconds;
  }

  private static double bound(Limit limit, double seconds) {
    return limit.burst() + limit.permits() * (seconds + LIFE_SECONDS);
  }

  private static void pause(long millis) {
    long end = System.nanoTime() + millis * 1_000_000;
    for (long left; (left = end - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(left);
    }
  }

  private static void ask(RedisServerFixture redis, String command) throws Exception {
    try (var socket = new Socket(redis.host(), redis.port())) {
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      assertThat((char) socket.getInputStream().read()).as(command).isIn('+', ':');
    }
  }

  /** Nodes of a connection, a limiter and two callers each, all of one bucket. */
  private static final class Nodes implements AutoCloseable {
    private final List<RedisConnection> connections = new ArrayList<>();
    private final List<LeaseSource> sources = new ArrayList<>();
    private final List<AtomicLong> steps = new ArrayList<>();
    private final List<AtomicLong> frozenUntil = new ArrayList<>();
    private final List<FallbackRateLimiter> limiters = new CopyOnWriteArrayList<>();
    private final String bucket = "bucket-" + UUID.randomUUID();
    private final List<Thread> callers = new ArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger local = new AtomicInteger();
    private final int count;

    /** Begin and end of each admission. Complete when the callers have ended. */
    private final List<long[]> admitted = new ArrayList<>();

    private volatile Limit limit;
    private volatile boolean over;
    private long began;
    private long ended;

    Nodes(int count, Limit limit) {
      this(count, limit, server, PATIENT);
    }

    Nodes(int count, Limit limit, RedisServerFixture redis, Duration timeout) {
      this.count = count;
      this.limit = limit;
      for (int i = 0; i < count; i++) {
        RedisConnection connection = RedisConnection.to(redis.host(), redis.port())
            .timeout(timeout).open();
        connections.add(connection);
        sources.add(new Counted(new RedisRateLimiter(connection), calls));
        steps.add(new AtomicLong());
        frozenUntil.add(new AtomicLong(System.nanoTime()));
        limiters.add(fresh(i));
      }
    }

    private FallbackRateLimiter fresh(int node) {
      AtomicLong step = steps.get(node);
      RateLimiter leased =
          new LeasedRateLimiter(sources.get(node), () -> count, () -> System.nanoTime() + step.get());
      return new FallbackRateLimiter(
          leased, new MemoryRateLimiter(), WhenUnreachable.LOCAL, () -> count, System::nanoTime);
    }

    /** The limiter and its leases are lost, and another node takes its place. */
    void kill(int node) {
      limiters.set(node, fresh(node));
    }

    void freeze(int node, Duration time) {
      frozenUntil.get(node).set(System.nanoTime() + time.toNanos());
    }

    boolean reachable() {
      return limiters.stream().allMatch(FallbackRateLimiter::reachable);
    }

    void run(Duration time) throws Exception {
      start();
      pause(time.toMillis());
      end();
    }

    void start() {
      began = System.nanoTime();
      for (int i = 0; i < 2 * count; i++) {
        int node = i % count;
        Thread caller = new Thread(() -> call(node), "caller-" + i);
        callers.add(caller);
        caller.start();
      }
    }

    void end() throws Exception {
      over = true;
      for (Thread caller : callers) {
        caller.join();
      }
      ended = System.nanoTime();
    }

    double secondsSinceFirstAdmission() {
      long first = admitted.stream().mapToLong(one -> one[1] - began).min().orElseThrow();
      return (ended - began - first) / 1e9;
    }

    private void call(int node) {
      List<long[]> mine = new ArrayList<>();
      while (!over) {
        while (frozenUntil.get(node).get() - System.nanoTime() > 0) {
          LockSupport.parkNanos(frozenUntil.get(node).get() - System.nanoTime());
        }
        List<Charge> charges = List.of(new Charge("p", bucket, limit, 1));
        long begin = System.nanoTime();
        try {
          Decision decision = limiters.get(node).tryAcquire(charges);
          if (decision.mode() == Decision.Mode.LOCAL) {
            local.incrementAndGet();
          }
          if (decision instanceof Allowed) {
            mine.add(new long[] {begin, System.nanoTime()});
          } else {
            LockSupport.parkNanos(Math.min(((Denied) decision).retryAfterNanos(), 1_000_000));
          }
        } catch (RuntimeException e) {
          failures.incrementAndGet();
        }
      }
      synchronized (admitted) {
        admitted.addAll(mine);
      }
    }

    /** How many began and ended in between. */
    int between(long from, long to) {
      return (int) admitted.stream().filter(one -> one[0] - from >= 0 && one[1] - to <= 0).count();
    }

    void assertWithinBound(Limit most, double more) {
      assertThat(admitted).isNotEmpty();
      List<long[]> byEnd = new ArrayList<>(admitted);
      byEnd.sort(Comparator.comparingLong(one -> one[1]));
      for (long from = began; from - ended < 0; from += 5_000_000) {
        int sum = 0;
        for (long[] one : byEnd) {
          if (one[0] - from >= 0) {
            sum++;
            double bound = bound(most, (one[1] - from) / 1e9) + more;
            if (sum > bound) {
              assertThat(sum).as("admitted in the %.4f s from %.4f s on, of %s", (one[1] - from) / 1e9,
                  (from - began) / 1e9, most).isLessThanOrEqualTo((int) bound);
            }
          }
        }
      }
    }

    @Override
    public void close() throws Exception {
      if (!over) {
        end();
      }
      connections.forEach(RedisConnection::close);
    }
  }

  /** Counts the calls. */
  private record Counted(LeaseSource source, AtomicInteger calls) implements LeaseSource {
    @Override
    public Grants lease(List<Lease> leases) {
      calls.incrementAndGet();
      return source.lease(leases);
    }

    @Override
    public Decision tryAcquire(List<Charge> charges) {
      calls.incrementAndGet();
      return source.tryAcquire(charges);
    }

    @Override
    public Decision peek(List<Charge> charges) {
      return source.peek(charges);
    }

    @Override
    public void giveBack(List<Charge> charges) {
      source.giveBack(charges);
    }

    @Override
    public void debit(List<Charge> charges) {
      source.debit(charges);
    }
  }

  @Nested
  class Contract extends RateLimiterContract {
    private final RedisConnection redis =
        RedisConnection.to(server.host(), server.port()).timeout(Duration.ofSeconds(2)).open();

    @AfterEach
    void close() {
      redis.close();
    }

    @Override
    protected RateLimiter limiter(SettableClock clock) {
      return new LeasedRateLimiter(new RedisRateLimiter(redis, clock), () -> 1, clock.nanoTime());
    }

    @Override
    protected double excess(Limit limit) {
      return (double) limit.permits() * LeasedRateLimiter.LIFE_MILLIS / limit.period().toMillis();
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
  }
}
