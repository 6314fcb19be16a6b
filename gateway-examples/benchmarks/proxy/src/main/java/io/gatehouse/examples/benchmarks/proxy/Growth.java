package io.gatehouse.examples.benchmarks.proxy;

import java.util.List;

/**
 * How far Gatehouse is to grow, from one tenant and two backends.
 *
 * @param tenants each with a user, a list of networks and a key, and all asked in turn
 * @param backends for one tenant
 */
record Growth(List<Integer> tenants, List<Integer> backends) {

  Growth {
    tenants = List.copyOf(tenants);
    backends = List.copyOf(backends);
    if (tenants.stream().anyMatch(count -> count < 2 || count > 1_000_000)) {
      throw new IllegalArgumentException("tenants: " + tenants + " (expected: 2 to 1000000)");
    }
    if (backends.stream().anyMatch(count -> count < 3 || count > 1_000)) {
      throw new IllegalArgumentException("backends: " + backends + " (expected: 3 to 1000)");
    }
  }

  int mostBackends() {
    return backends.stream().mapToInt(Integer::intValue).max().orElse(Benchmark.BACKENDS);
  }
}
