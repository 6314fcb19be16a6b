package io.gatehouse.upstream;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;

/**
 * One backend of a pool.
 *
 * @param uri scheme, host and port, without path, query or user: {@code http://127.0.0.1:48080}; its identity in a pool
 * @param weight its share of the traffic against the others, 1 to 100
 * @param state whether it gets new requests
 * @param healthCheckInterval how often it is probed while nothing changes, more than zero
 */
public record Upstream(URI uri, int weight, State state, Duration healthCheckInterval) {

  /** Whether a backend gets new requests; requests under way are never touched. */
  public enum State {
    ENABLED,
    /** Gets no new requests; is still probed. */
    DRAINING
  }

  /** The largest weight: {@value}. */
  public static final int MOST_WEIGHT = 100;

  public Upstream {
    boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
    boolean bare = uri.getRawPath() != null && uri.getRawPath().isEmpty()
        && uri.getRawQuery() == null && uri.getRawFragment() == null && uri.getRawUserInfo() == null;
    if (!http || uri.getHost() == null || !bare) {
      throw new IllegalArgumentException("uri: " + uri + " (expected: such as http://127.0.0.1:48080, without a path)");
    }
    if (weight < 1 || weight > MOST_WEIGHT) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: 1 to " + MOST_WEIGHT + ")");
    }
    Objects.requireNonNull(state, "state");
    if (healthCheckInterval.isZero() || healthCheckInterval.isNegative()) {
      throw new IllegalArgumentException("healthCheckInterval: " + healthCheckInterval + " (expected: more than zero)");
    }
  }
}
