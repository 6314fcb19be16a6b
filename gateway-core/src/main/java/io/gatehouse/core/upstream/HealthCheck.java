package io.gatehouse.core.upstream;

import java.time.Duration;
import java.util.Optional;

/**
 * How the health of backends is judged. How often a backend is probed while all is well is said by the
 * backend itself: {@link io.gatehouse.upstream.Upstream#healthCheckInterval()}.
 *
 * @param path what is asked for, beginning with a slash; any 2xx answer is a success
 * @param renderPath a picture that is asked for as well, after the path; 200 with an image is a success. Empty: none
 * @param timeout how long a probe may take, more than zero
 * @param fastInterval how often a backend is probed while it is unhealthy, unchecked, or has just failed;
 * more than zero
 * @param unhealthyAfter failures in a row after which a backend gets no more requests, 1 or more
 * @param healthyAfter successful probes in a row after which an unhealthy backend gets requests again, 1 or
 * more
 */
public record HealthCheck(
    String path,
    Optional<String> renderPath,
    Duration timeout,
    Duration fastInterval,
    int unhealthyAfter,
    int healthyAfter) {

  /** {@code /health} within 2 s, every second in doubt; out after 3 failures, back after 2 successes. */
  public static final HealthCheck DEFAULT =
      new HealthCheck("/health", Duration.ofSeconds(2), Duration.ofSeconds(1), 3, 2);

  public HealthCheck {
    path(path, "path");
    renderPath.ifPresent(picture -> path(picture, "renderPath"));
    Check.positive(timeout, "timeout");
    Check.positive(fastInterval, "fastInterval");
    Check.within(unhealthyAfter, 1, Integer.MAX_VALUE, "unhealthyAfter");
    Check.within(healthyAfter, 1, Integer.MAX_VALUE, "healthyAfter");
  }

  /** A check that asks for no picture. */
  public HealthCheck(
      String path, Duration timeout, Duration fastInterval, int unhealthyAfter, int healthyAfter) {
    this(path, Optional.empty(), timeout, fastInterval, unhealthyAfter, healthyAfter);
  }

  private static void path(String path, String name) {
    if (!path.startsWith("/") || path.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException(name + ": \"" + path.replaceAll("[^ -~]", "?")
          + "\" (expected: a slash, then printable ASCII without blanks)");
    }
  }
}
