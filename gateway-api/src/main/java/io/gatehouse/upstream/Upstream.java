package io.gatehouse.upstream;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * One backend of a pool.
 *
 * @param uri scheme, host and port, without path, query or user: {@code http://127.0.0.1:48080}; its identity in all
 *     pools
 * @param weight its share of the traffic against the others, 1 to 100
 * @param state whether it gets new requests
 * @param healthCheckInterval how often it is probed while nothing changes, more than zero
 * @param pool the name of the pool that it belongs to: 1 to 40 lower-case letters, digits and hyphens, the first no
 *     hyphen
 */
public record Upstream(URI uri, int weight, State state, Duration healthCheckInterval, String pool) {

  /** Whether a backend gets new requests; requests under way are never touched. */
  public enum State {
    ENABLED,
    /** Gets no new requests; is still probed. */
    DRAINING
  }

  /** The largest weight: {@value}. */
  public static final int MOST_WEIGHT = 100;

  /** The pool of those of which nothing else is said: {@value}. */
  public static final String DEFAULT_POOL = "default";

  /** What the name of a pool may be: {@value}. */
  public static final String POOL = "[a-z0-9][a-z0-9-]{0,39}";

  private static final Pattern POOLS = Pattern.compile(POOL);

  /** One of the pool {@value #DEFAULT_POOL}. */
  public Upstream(URI uri, int weight, State state, Duration healthCheckInterval) {
    this(uri, weight, state, healthCheckInterval, DEFAULT_POOL);
  }

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
    if (!POOLS.matcher(pool).matches()) {
      throw new IllegalArgumentException(
          "pool: " + pool + " (expected: 1 to 40 lower-case letters, digits and hyphens)");
    }
  }

  /** The same in another pool. */
  public Upstream in(String other) {
    return new Upstream(uri, weight, state, healthCheckInterval, other);
  }
}
