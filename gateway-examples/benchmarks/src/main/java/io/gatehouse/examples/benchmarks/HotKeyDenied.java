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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One permit of one bucket that is empty for the rest of the day: what a client costs that does not give up. */
@State(Scope.Benchmark)
public class HotKeyDenied extends Timed {

  private static final Duration PERIOD = Duration.ofDays(1);

  private final MemoryRateLimiter gatehouse = new MemoryRateLimiter();
  private final List<Charge> charges = List.of(new Charge("user-day", "user:hot", Limit.of(1, PERIOD), 1));

  private final Bucket bucket4j = Bucket.builder().addLimit(limit -> limit.capacity(1).refillGreedy(1, PERIOD)).build();

  private final AtomicRateLimiter resilience4j =
      new AtomicRateLimiter(
          "hot",
          RateLimiterConfig.custom()
              .limitForPeriod(1)
              .limitRefreshPeriod(PERIOD)
              .timeoutDuration(Duration.ZERO)
              .build());

  @SuppressWarnings("UnstableApiUsage")
  private final RateLimiter guava = RateLimiter.create(1.0 / PERIOD.toSeconds());

  @Setup
  public void drain() {
    gatehouse.tryAcquire(charges);
    bucket4j.tryConsume(1);
    resilience4j.acquirePermission();
    guava.tryAcquire();
  }

  @Benchmark
  public boolean gatehouse() {
    return gatehouse.tryTake(charges);
  }

  @Benchmark
  public Decision gatehouseWithWait() {
    return gatehouse.tryAcquire(charges);
  }

  @Benchmark
  public boolean bucket4j() {
    return bucket4j.tryConsume(1);
  }

  @Benchmark
  public ConsumptionProbe bucket4jWithWait() {
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
}
