package io.gatehouse;

import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.Meter;
import java.time.Duration;
import java.util.Objects;

/**
 * Where a limit or quota stands for one caller, before the request in question.
 *
 * @param policy its name: {@code user-minute}
 * @param meter what it counts
 * @param most what it gives out in its period, 0 or more
 * @param remaining what is left now, 0 or more
 * @param resetAfter how long until all is there again if nothing more is taken; never negative, zero also for
 *     what never comes back by itself
 * @param refuses whether it would refuse the request; for a shadow, whether it would if it were enforced
 * @param beyond what becomes of use beyond {@code most}
 */
public record Standing(
    String policy,
    Meter meter,
    long most,
    long remaining,
    Duration resetAfter,
    boolean refuses,
    Enforcement enforcement,
    Beyond beyond) {

  /** Of a rule that refuses what is beyond it. */
  public Standing(
      String policy,
      Meter meter,
      long most,
      long remaining,
      Duration resetAfter,
      boolean refuses,
      Enforcement enforcement) {
    this(policy, meter, most, remaining, resetAfter, refuses, enforcement, Beyond.HARD);
  }

  public Standing {
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(enforcement, "enforcement");
    Objects.requireNonNull(beyond, "beyond");
    if (most < 0 || remaining < 0) {
      throw new IllegalArgumentException("most, remaining: " + most + ", " + remaining + " (expected: 0 or more)");
    }
    if (resetAfter.isNegative()) {
      throw new IllegalArgumentException("resetAfter: " + resetAfter + " (expected: zero or more)");
    }
  }
}
