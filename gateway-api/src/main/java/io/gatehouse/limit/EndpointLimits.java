package io.gatehouse.limit;

import java.util.List;
import java.util.Objects;

/**
 * How an endpoint is limited.
 *
 * @param cost what one request takes from every limit but the one of the address: from those of the endpoint, the user,
 *     the key, the tenant and the whole API; 1 to 2^53. A limit of concurrent requests is always charged 1
 * @param per whose requests share the limits
 * @param limits may be empty: then the endpoint only costs more
 */
public record EndpointLimits(Endpoint endpoint, long cost, Per per, List<Limit> limits) {

  /** Whose requests share the limits of an endpoint. */
  public enum Per {
    /** All callers. */
    ALL,
    /** The requests of one user; all callers that nobody knows are one user. */
    USER
  }

  public EndpointLimits {
    Objects.requireNonNull(endpoint, "endpoint");
    Objects.requireNonNull(per, "per");
    if (cost < 1 || cost > Limit.MOST) {
      throw new IllegalArgumentException("cost: " + cost + " (expected: 1 to 2^53)");
    }
    limits = List.copyOf(limits);
  }
}
