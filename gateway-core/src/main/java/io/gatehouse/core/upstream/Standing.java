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
 * @param breaker open while it is ejected for its answers, half open while trials decide
 * @param ejectedUntil when its ejection ends; empty when it is not ejected
 * @param share how much of its weight it has, in per cent; less than 100 while it starts slowly
 */
public record Standing(
    Upstream upstream,
    Health health,
    Instant since,
    Optional<String> lastError,
    int inFlight,
    int failures,
    int successes,
    CircuitBreaker.State breaker,
    Optional<Instant> ejectedUntil,
    int share) {

  public Standing {
    Objects.requireNonNull(upstream, "upstream");
    Objects.requireNonNull(health, "health");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(lastError, "lastError");
    Objects.requireNonNull(breaker, "breaker");
    Objects.requireNonNull(ejectedUntil, "ejectedUntil");
  }

  /** Whether it gets new requests, be it a few to try it. */
  public boolean usable() {
    return upstream.state() == Upstream.State.ENABLED
        && health != Health.UNHEALTHY
        && breaker != CircuitBreaker.State.OPEN;
  }
}
