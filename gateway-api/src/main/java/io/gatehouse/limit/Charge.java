package io.gatehouse.limit;

import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one request takes from one bucket. A value: equal when all four parts are.
 */
public final class Charge {

  private final String policy;
  private final String bucket;
  private final Limit limit;
  private final long cost;

  /** What a limiter derived last. Written without a lock: whoever misses it derives the same again. */
  private @Nullable Object derived;

  /**
   * A charge.
   *
   * @param policy the name of the rule, for people and for answers: {@code user-minute}
   * @param bucket who shares the count: requests with the same bucket and limit drain the same permits
   * @param limit the limit of the bucket
   * @param cost 1 or more
   */
  public Charge(String policy, String bucket, Limit limit, long cost) {
    this.policy = Objects.requireNonNull(policy, "policy");
    this.bucket = Objects.requireNonNull(bucket, "bucket");
    this.limit = Objects.requireNonNull(limit, "limit");
    if (cost < 1 || cost > Limit.MOST) {
      throw new IllegalArgumentException("cost: " + cost + " (expected: 1 to 2^53)");
    }
    this.cost = cost;
  }

  public String policy() {
    return policy;
  }

  public String bucket() {
    return bucket;
  }

  public Limit limit() {
    return limit;
  }

  public long cost() {
    return cost;
  }

  /**
   * What an implementation of {@link RateLimiter} needs of a charge in a form of its own, such as a hash: worked out at
   * the first call and kept, because the same charges are taken for every request of a caller. One thing is kept, that
   * of the last type asked for.
   *
   * @param type final or a record, immutable
   * @param work follows from the four parts alone; may run more than once
   */
  public <T> T derived(Class<T> type, Function<? super Charge, ? extends T> work) {
    Object known = derived;
    if (type.isInstance(known)) {
      return type.cast(known);
    }
    T fresh = work.apply(this);
    derived = fresh;
    return fresh;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Charge that
        && policy.equals(that.policy)
        && bucket.equals(that.bucket)
        && limit.equals(that.limit)
        && cost == that.cost;
  }

  @Override
  public int hashCode() {
    return Objects.hash(policy, bucket, limit, cost);
  }

  @Override
  public String toString() {
    return "Charge[policy=" + policy + ", bucket=" + bucket + ", limit=" + limit + ", cost=" + cost + "]";
  }
}
