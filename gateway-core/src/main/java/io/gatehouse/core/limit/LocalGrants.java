package io.gatehouse.core.limit;

import io.gatehouse.limit.Charge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Which permits of CONCURRENCY were granted without the shared count and are not given back yet. No larger than the number of
 * requests under way. Any number of threads.
 */
final class LocalGrants {

  private record Bucket(String name, Duration period) {
    static Bucket of(Charge charge) {
      return new Bucket(charge.bucket(), charge.limit().period());
    }
  }

  private final ConcurrentMap<Bucket, Long> granted = new ConcurrentHashMap<>();

  /** Remembers those of the charges that are held. */
  void add(List<Charge> charges) {
    for (Charge charge : charges) {
      if (charge.limit().algorithm().isHeld()) {
        granted.merge(Bucket.of(charge), charge.cost(), Long::sum);
      }
    }
  }

  /** Forgets those of the charges that are among the granted, and answers which. */
  List<Charge> remove(List<Charge> charges) {
    if (granted.isEmpty()) {
      return List.of();
    }
    List<Charge> removed = new ArrayList<>(1);
    for (Charge charge : charges) {
      if (charge.limit().algorithm().isHeld()) {
        granted.computeIfPresent(Bucket.of(charge), (bucket, permits) -> {
          if (permits < charge.cost()) {
            return permits;
          }
          removed.add(charge);
          return permits == charge.cost() ? null : Long.valueOf(permits - charge.cost());
        });
      }
    }
    return removed;
  }
}
