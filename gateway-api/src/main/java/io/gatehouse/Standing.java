package io.gatehouse;

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
 * @param resetAfter how long until all is there again if nothing more is taken; never negative
 * @param refuses whether it would refuse the request; for a shadow, whether it would if it were enforced
 */
public record Standing(
    String policy,
    Meter meter,
    long most,
    long remaining,
    Duration resetAfter,
    boolean refuses,
    Enforcement enforcement) {

  public Standing {
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(meter, "meter");
    Objects.requireNonNull(enforcement, "enforcement");
    if (most < 0 || remaining < 0) {
      throw new IllegalArgumentException("most, remaining: " + most + ", " + remaining + " (expected: 0 or more)");
    }
    if (resetAfter.isNegative()) {
      throw new IllegalArgumentException("resetAfter: " + resetAfter + " (expected: zero or more)");
    }
  }
}
