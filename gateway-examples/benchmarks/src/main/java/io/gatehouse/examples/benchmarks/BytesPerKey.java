package io.gatehouse.examples.benchmarks;

import io.gatehouse.core.memory.MemoryRateLimiter;
import java.lang.ref.Reference;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * How much heap a million buckets in use take, for each of them. The names and the charges, which a caller has anyway,
 * are not counted.
 */
public final class BytesPerKey {

  private BytesPerKey() {}

  public static void main(String[] arguments) {
    ManyKeys.Requests requests = new ManyKeys.Requests();
    print(
        "gatehouse",
        () -> {
          MemoryRateLimiter limiter = ManyKeys.Gatehouse.table();
          requests.names().forEach(name -> limiter.tryAcquire(ManyKeys.Gatehouse.charges(name)));
          return limiter;
        });
    print(
        "bucket4j",
        () -> {
          ManyKeys.Bucket4j map = new ManyKeys.Bucket4j();
          map.use(requests);
          return map;
        });
  }

  private static void print(String who, Supplier<Object> filled) {
    long before = used();
    Object held = filled.get();
    long after = used();
    System.out.printf(Locale.ROOT, "%-12s %6.1f bytes per key%n", who, (double) (after - before) / ManyKeys.KEYS);
    Reference.reachabilityFence(held);
  }

  private static long used() {
    for (int i = 0; i < 4; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
