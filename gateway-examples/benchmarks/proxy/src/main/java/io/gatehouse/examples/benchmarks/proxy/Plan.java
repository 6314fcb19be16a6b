package io.gatehouse.examples.benchmarks.proxy;

import java.util.List;

/**
 * What is to be run.
 *
 * @param flags of each JVM
 * @param seconds the length of a round
 * @param warmUpSeconds the length of the load before the first scenario
 * @param starts how often each contender is started
 * @param paced whether there are rounds at a pace besides
 */
record Plan(
    List<Kind> kinds,
    List<Jdk> jdks,
    List<String> flags,
    List<Body> bodies,
    List<Integer> connections,
    int seconds,
    int rounds,
    int warmUpSeconds,
    int starts,
    boolean paced) {

  /** How long the loads take for so many contenders, in seconds; starts and what they prepare come on top. */
  long loadSeconds(int contenders) {
    long scenarios = (long) bodies.size() * connections.size();
    long each = warmUpSeconds + scenarios * ((long) rounds * seconds + Benchmark.SETTLING_SECONDS);
    long pacing = paced ? (long) rounds * seconds + 2L * Benchmark.SETTLING_SECONDS : 0;
    return contenders * (each + pacing);
  }
}
