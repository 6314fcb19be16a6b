package io.gatehouse.core.upstream;

import io.gatehouse.upstream.Upstream;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How a backend stands at one moment, for people and for metrics.
 *
 * @param upstream the backend as it is configured
 * @param health what is known of its health
 * @param since when it came to be so
 * @param lastError what was wrong at its last failure, also when that is long ago; empty when it never failed
 * @param inFlight requests that it was picked for and that are not over
 * @param failures failures in a row, of probes and of requests
 * @param successes successful probes in a row
 */
public record Standing(
    Upstream upstream,
    Health health,
    Instant since,
    Optional<String> lastError,
    int inFlight,
    int failures,
    int successes) {

  public Standing {
    Objects.requireNonNull(upstream, "upstream");
    Objects.requireNonNull(health, "health");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(lastError, "lastError");
  }

  /** Whether it gets new requests. */
  public boolean usable() {
    return upstream.state() == Upstream.State.ENABLED && health != Health.UNHEALTHY;
  }
}
