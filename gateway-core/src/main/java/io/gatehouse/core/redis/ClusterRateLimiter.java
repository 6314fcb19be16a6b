package io.gatehouse.core.redis;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.LeaseSource;
import java.util.List;

/**
 * Limits all nodes together over a Redis Cluster, where one call reaches one slot only: the counts of one bucket are in one
 * slot, and a request that is charged on several buckets, such as {@code user:a} and {@code api}, makes a call for each, as
 * {@link BucketwiseRateLimiter} says.
 *
 * <p>Any number of threads. A call blocks for as many calls of the source as the charges have buckets; a denial for up to
 * three times as many.
 */
public final class ClusterRateLimiter implements LeaseSource {

  private final LeaseSource source;
  private final BucketwiseRateLimiter bucketwise;

  /** A limiter over one that answers for the charges of one bucket at a time. */
  public ClusterRateLimiter(RedisRateLimiter source) {
    this.source = source;
    this.bucketwise = new BucketwiseRateLimiter(bucket -> source);
  }

  @Override
  public Decision tryAcquire(List<Charge> charges) {
    return bucketwise.tryAcquire(charges);
  }

  @Override
  public Grants lease(List<Lease> leases) {
    return bucketwise.lease(leases, source::lease);
  }

  @Override
  public Decision peek(List<Charge> charges) {
    return bucketwise.peek(charges);
  }

  @Override
  public void giveBack(List<Charge> charges) {
    bucketwise.giveBack(charges);
  }

  @Override
  public void debit(List<Charge> charges) {
    bucketwise.debit(charges);
  }
}
