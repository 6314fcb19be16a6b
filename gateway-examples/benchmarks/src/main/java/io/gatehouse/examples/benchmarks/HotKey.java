package io.gatehouse.examples.benchmarks;

import com.google.common.util.concurrent.RateLimiter;
import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.internal.AtomicRateLimiter;
import java.time.Duration;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * One permit of one bucket that never runs dry, the clock included. Those that say how much is left stand beside those
 * that only say yes.
 */
@State(Scope.Benchmark)
public class HotKey extends Timed {

  private static final long PERMITS = 1_000_000_000;
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final MemoryRateLimiter gatehouse = new MemoryRateLimiter();
  private final List<Charge> charges = List.of(new Charge("user-second", "user:hot", Limit.of(PERMITS, PERIOD), 1));

  private final Bucket bucket4j =
      Bucket.builder().addLimit(limit -> limit.capacity(PERMITS).refillGreedy(PERMITS, PERIOD)).build();

  private final AtomicRateLimiter resilience4j =
      new AtomicRateLimiter(
          "hot",
          RateLimiterConfig.custom()
              .limitForPeriod((int) PERMITS)
              .limitRefreshPeriod(PERIOD)
              .timeoutDuration(Duration.ZERO)
              .build());

  @SuppressWarnings("UnstableApiUsage")
  private final RateLimiter guava = RateLimiter.create(PERMITS);

  @Benchmark
  public boolean gatehouse() {
    return gatehouse.tryTake(charges);
  }

  @Benchmark
  public Decision gatehouseWithRemaining() {
    return gatehouse.tryAcquire(charges);
  }

  @Benchmark
  public boolean bucket4j() {
    return bucket4j.tryConsume(1);
  }

  @Benchmark
  public ConsumptionProbe bucket4jWithRemaining() {
    return bucket4j.tryConsumeAndReturnRemaining(1);
  }

  @Benchmark
  public boolean resilience4j() {
    return resilience4j.acquirePermission();
  }

  @Benchmark
  public boolean guava() {
    return guava.tryAcquire();
  }

  /** The clock alone, which nobody can do without. */
  @Benchmark
  public long clock() {
    return System.nanoTime();
  }
}
