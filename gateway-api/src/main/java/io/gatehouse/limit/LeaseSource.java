package io.gatehouse.limit;

import java.util.List;
import java.util.Objects;

/**
 * A rate limiter whose permits can be taken in advance, to be spent later by whoever took them.
 *
 * <p>What is leased is taken: it drains the bucket as {@link #tryAcquire} does, and the source hears of it no more. Leases
 * that are not spent are lost, or given back. Threads, blocking and failures are those of {@link RateLimiter}.
 */
public interface LeaseSource extends RateLimiter {

  /**
   * Takes of each bucket as much as is there, between {@code least} and {@code most}; or nothing of any, when the least
   * is not there of one. {@link #tryAcquire} is the same with the cost for both.
   *
   * @param leases at least one; no two with the same bucket, period and algorithm; the most is the least, but for a
   *     {@link Algorithm#TOKEN_BUCKET}
   * @throws io.gatehouse.StoreException when the store cannot answer; the permits may have been taken
   * @throws IllegalArgumentException when there is no lease
   */
  Grants lease(List<Lease> leases);

  /**
   * A wish for permits of the bucket of a charge.
   *
   * @param least 1 or more
   * @param most {@code least} or more, at most 2^53
   */
  record Lease(Charge charge, long least, long most) {
    public Lease {
      Objects.requireNonNull(charge, "charge");
      if (least < 1 || most < least || most > Limit.MOST) {
        throw new IllegalArgumentException(
            "least, most: " + least + ", " + most + " (expected: 1 to 2^53, the least first)");
      }
    }

    /** A wish for what a charge costs, no more and no less. */
    public static Lease exactly(Charge charge) {
      return new Lease(charge, charge.cost(), charge.cost());
    }
  }

  /**
   * What was given of one bucket.
   *
   * @param permits 0 when the decision is a denial
   * @param left how many permits the bucket still has, 0 or more
   */
  record Grant(long permits, long left) {}

  /**
   * The answer.
   *
   * @param decision as of {@link #tryAcquire}; the wait of a denial is for the least
   * @param grants one for each lease, in order
   */
  record Grants(Decision decision, List<Grant> grants) {
    public Grants {
      grants = List.copyOf(grants);
    }
  }
}
