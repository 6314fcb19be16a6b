package io.gatehouse.core.upstream;

import java.time.Duration;
import java.util.Objects;

/**
 * How a pool judges its backends.
 *
 * @param check how they are probed
 * @param outliers when they are ejected for what they answer
 * @param breaker how much they are given at once
 * @param slowStart over how long the share of a backend that has come back, or was added while the pool was in use,
 *     grows to its weight, from {@value #LEAST_SHARE} per cent of it; zero: at once
 * @param panicThreshold when fewer than this share of the enabled backends is of use, in per cent, all of them are used
 *     as if they were; 0: never. For checks that are wrong more often than backends are
 */
public record PoolRules(
    HealthCheck check,
    OutlierDetection outliers,
    CircuitBreaker breaker,
    Duration slowStart,
    int panicThreshold) {

  /** Every part's own default, no slow start, no panic. */
  public static final PoolRules DEFAULT = new PoolRules(
      HealthCheck.DEFAULT, OutlierDetection.DEFAULT, CircuitBreaker.DEFAULT, Duration.ZERO, 0);

  /** With how much of its weight a backend starts slowly, in per cent: {@value}. */
  static final int LEAST_SHARE = 10;

  public PoolRules {
    Objects.requireNonNull(check, "check");
    Objects.requireNonNull(outliers, "outliers");
    Objects.requireNonNull(breaker, "breaker");
    if (slowStart.isNegative()) {
      throw new IllegalArgumentException("slowStart: " + slowStart + " (expected: zero or more)");
    }
    Check.within(panicThreshold, 0, 100, "panicThreshold");
  }

  /** The same with another check. */
  public PoolRules with(HealthCheck other) {
    return new PoolRules(other, outliers, breaker, slowStart, panicThreshold);
  }

  /** The same with another detection of outliers. */
  public PoolRules with(OutlierDetection other) {
    return new PoolRules(check, other, breaker, slowStart, panicThreshold);
  }

  /** The same with another breaker. */
  public PoolRules with(CircuitBreaker other) {
    return new PoolRules(check, outliers, other, slowStart, panicThreshold);
  }

  /** The same with another slow start. */
  public PoolRules withSlowStart(Duration window) {
    return new PoolRules(check, outliers, breaker, window, panicThreshold);
  }

  /** The same with another panic threshold. */
  public PoolRules withPanicThreshold(int percent) {
    return new PoolRules(check, outliers, breaker, slowStart, percent);
  }
}
