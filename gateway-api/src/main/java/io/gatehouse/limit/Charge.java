package io.gatehouse.limit;

import java.util.Objects;

/**
 * What one request takes from one bucket.
 *
 * @param policy the name of the rule, for people and for answers: {@code user-minute}
 * @param bucket who shares the count: requests with the same bucket and limit drain the same permits
 * @param limit the limit of the bucket
 * @param cost 1 or more
 */
public record Charge(String policy, String bucket, Limit limit, long cost) {
  public Charge {
    Objects.requireNonNull(policy, "policy");
    Objects.requireNonNull(bucket, "bucket");
    Objects.requireNonNull(limit, "limit");
    if (cost < 1 || cost > Limit.MOST) {
      throw new IllegalArgumentException("cost: " + cost + " (expected: 1 to 2^53)");
    }
  }
}
