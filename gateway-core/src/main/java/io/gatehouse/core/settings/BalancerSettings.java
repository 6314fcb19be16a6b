package io.gatehouse.core.settings;

import java.time.Duration;

/**
 * How a backend is picked.
 *
 * @param algorithm default {@code weighted-round-robin}
 * @param hashKey what of a request decides with {@code rendezvous}: {@code path}, {@code source}, {@code address} or
 *     {@code header:<name>}; default {@code source}
 * @param slowStart over how long the share of a backend that is back or new grows, 0 to 1 h; default 0, at once
 * @param panicThreshold below which share of usable backends all are used, in per cent, 0 to 100; default 0, never
 * @param outliers when a backend is ejected for its answers
 * @param breaker how much backends are given at once
 */
public record BalancerSettings(
    Algorithm algorithm,
    String hashKey,
    Duration slowStart,
    int panicThreshold,
    Outliers outliers,
    Breaker breaker) {

  /** How one of the usable backends is chosen. */
  public enum Algorithm {
    WEIGHTED_ROUND_ROBIN,
    LEAST_REQUEST,
    POWER_OF_TWO,
    PEAK_EWMA,
    RENDEZVOUS
  }

  /** Who gives the answers, which decides what they say of the backend. */
  public enum Answers {
    IMGPROXY,
    HTTP
  }

  /**
   * When a backend is ejected for its answers.
   *
   * @param answers default {@code imgproxy}
   * @param consecutiveFailures how many faults in a row, 0 to 1000; default 5; 0: never
   * @param baseEjection how long the first time, 1 s to 1 d; default 30 s
   * @param maxEjection how long at the most, no less than the first; default 5 min
   * @param maxEjectedShare how much of the pool at once, in per cent, 0 to 100; default 50
   */
  public record Outliers(
      Answers answers, int consecutiveFailures, Duration baseEjection, Duration maxEjection, int maxEjectedShare) {}

  /**
   * How much backends are given at once.
   *
   * @param maxRequests requests at one backend, 1 to 1,000,000; default 1024
   * @param trialRequests requests at once while a breaker is half open, 1 to 1000; default 3
   * @param failureShare which share of faults within 10 s opens the pool's breaker, in per cent, 0 to 100; default 0,
   *     never
   * @param minRequests answers within 10 s below which no share is taken, 1 to 1,000,000; default 20
   * @param openFor how long the pool's breaker stays open, 10 ms to 1 h; default 5 s
   */
  public record Breaker(
      int maxRequests, int trialRequests, int failureShare, int minRequests, Duration openFor) {}
}
