package io.gatehouse.core.upstream;

import java.time.Duration;

/**
 * How the health of backends is judged. How often a backend is probed while all is well is said by the
 * backend itself: {@link io.gatehouse.upstream.Upstream#healthCheckInterval()}.
 *
 * @param path what is asked for, beginning with a slash; any 2xx answer is a success
 * @param timeout how long a probe may take, more than zero
 * @param fastInterval how often a backend is probed while it is unhealthy, unchecked, or has just failed;
 * more than zero
 * @param unhealthyAfter failures in a row after which a backend gets no more requests, 1 or more
 * @param healthyAfter successful probes in a row after which an unhealthy backend gets requests again, 1 or
 * more
 */
public record HealthCheck(
    String path, Duration timeout, Duration fastInterval, int unhealthyAfter, int healthyAfter) {

  /** {@code /health} within 2 s, every second in doubt; out after 3 failures, back after 2 successes. */
  public static final HealthCheck DEFAULT =
      new HealthCheck("/health", Duration.ofSeconds(2), Duration.ofSeconds(1), 3, 2);

  public HealthCheck {
    if (!path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException("path: \"" + path.replaceAll("[^ -~]", "?")
          + "\" (expected: a slash, then printable ASCII without blanks)");
    }
    positive(timeout, "timeout");
    positive(fastInterval, "fastInterval");
    atLeastOne(unhealthyAfter, "unhealthyAfter");
    atLeastOne(healthyAfter, "healthyAfter");
  }

  private static void positive(Duration value, String name) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: more than zero)");
    }
  }

  private static void atLeastOne(int value, String name) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: 1 or more)");
    }
  }
}
