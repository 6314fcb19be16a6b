package io.gatehouse.examples.benchmarks;

import io.gatehouse.core.memory.MemoryRateLimiter;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Limit;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One of a million buckets, all in use, chosen by Zipf's law with exponent 0.99. The gateway has the charges of a caller
 * at hand; {@code gatehouseByName} makes them anew from the name, as for addresses. Which bucket is next comes from a
 * table of {@value #REQUESTS} choices, read in order.
 */
@Fork(value = 1, jvmArgsAppend = "-Xmx3g")
public class ManyKeys extends Timed {

  static final int KEYS = 1_000_000;
  static final int REQUESTS = 1 << 20;
  private static final long PERMITS = 1_000_000;
  private static final Duration PERIOD = Duration.ofHours(1);
  private static final Limit LIMIT = Limit.of(PERMITS, PERIOD);

  /** Who comes next. The frequent ones are strewn over memory, as they are in life. */
  @State(Scope.Benchmark)
  public static class Requests {

    private final List<String> names = new ArrayList<>(KEYS);
    private final int[] choices = new int[REQUESTS];
    private int next;

    public Requests() {
      for (int i = 0; i < KEYS; i++) {
        names.add("user:" + Long.toString(Long.MAX_VALUE / KEYS * i, 36));
      }
      Random random = new Random(20_261_124);
      Collections.shuffle(names, random);
      double[] below = new double[KEYS];
      double sum = 0;
      for (int i = 0; i < KEYS; i++) {
        sum += Math.pow(i + 1, -0.99);
        below[i] = sum;
      }
      for (int i = 0; i < REQUESTS; i++) {
        int found = Arrays.binarySearch(below, random.nextDouble() * sum);
        choices[i] = found < 0 ? -found - 1 : found;
      }
    }

    List<String> names() {
      return names;
    }

    int next() {
      next = next + 1 & REQUESTS - 1;
      return choices[next];
    }
  }

  /** A table of two slots for every bucket. */
  @State(Scope.Benchmark)
  public static class Gatehouse {

    private final MemoryRateLimiter limiter = table();
    private final List<List<Charge>> charges = new ArrayList<>(KEYS);

    static MemoryRateLimiter table() {
      return new MemoryRateLimiter(2 * KEYS, System::nanoTime);
    }

    static List<Charge> charges(String name) {
      return List.of(new Charge("user-hour", name, LIMIT, 1));
    }

    @Setup
    public void use(Requests requests) {
      for (String name : requests.names) {
        List<Charge> one = charges(name);
        charges.add(one);
        limiter.tryAcquire(one);
      }
    }
  }

  /** A map with a bucket for every name. */
  @State(Scope.Benchmark)
  public static class Bucket4j {

    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>(2 * KEYS);

    @Setup
    public void use(Requests requests) {
      for (String name : requests.names) {
        buckets.computeIfAbsent(name, Bucket4j::bucket).tryConsume(1);
      }
    }

    static Bucket bucket(String name) {
      return Bucket.builder().addLimit(limit -> limit.capacity(PERMITS).refillGreedy(PERMITS, PERIOD)).build();
    }
  }

  @Benchmark
  public boolean gatehouse(Requests requests, Gatehouse gatehouse) {
    return gatehouse.limiter.tryTake(gatehouse.charges.get(requests.next()));
  }

  @Benchmark
  public boolean gatehouseByName(Requests requests, Gatehouse gatehouse) {
    List<Charge> charges = Gatehouse.charges(requests.names.get(requests.next()));
    return gatehouse.limiter.tryTake(charges);
  }

  @Benchmark
  public boolean bucket4j(Requests requests, Bucket4j bucket4j) {
    String name = requests.names.get(requests.next());
    return bucket4j.buckets.computeIfAbsent(name, Bucket4j::bucket).tryConsume(1);
  }
}
