package io.gatehouse.examples.benchmarks;

import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Three buckets, all or nothing: in one decision, and one after the other with compensation. */
@State(Scope.Benchmark)
public class ThreeLevels extends Timed {

  private static final long PERMITS = 1_000_000_000;
  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final MemoryRateLimiter gatehouse = new MemoryRateLimiter();
  private final List<Charge> charges = List.of(charge("key:k"), charge("user:u"), charge("api"));

  private final Bucket key = bucket();
  private final Bucket user = bucket();
  private final Bucket api = bucket();

  private static Charge charge(String bucket) {
    return new Charge(bucket, bucket, Limit.of(PERMITS, PERIOD), 1);
  }

  private static Bucket bucket() {
    return Bucket.builder().addLimit(limit -> limit.capacity(PERMITS).refillGreedy(PERMITS, PERIOD)).build();
  }

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
    if (!key.tryConsume(1)) {
      return false;
    }
    if (!user.tryConsume(1)) {
      key.addTokens(1);
      return false;
    }
    if (!api.tryConsume(1)) {
      user.addTokens(1);
      key.addTokens(1);
      return false;
    }
    return true;
  }
}
