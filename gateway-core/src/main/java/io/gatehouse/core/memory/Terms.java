package io.gatehouse.core.memory;

import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Limit;
import java.security.SecureRandom;

/**
 * A charge in the units of {@link Gcra}, worked out once and kept with the charge.
 *
 * @param id names bucket and period, among those of one algorithm; not 0
 * @param interval units until one permit comes back
 * @param tolerance how far tat may lie ahead of now
 * @param cost units that the charge moves tat on; those of the whole burst when it can never pass
 * @param payable whether the cost is within the burst
 * @param tokens whether the bucket is one of tokens; the other algorithms use the id only
 */
record Terms(long id, long interval, long tolerance, long cost, boolean payable, boolean tokens) {

  /** One for all tables of the process, so that a charge has one id. */
  private static final SipHash HASH;

  static {
    SecureRandom random = new SecureRandom();
    HASH = new SipHash(random.nextLong(), random.nextLong());
  }

  static Terms of(Charge charge) {
    return charge.derived(Terms.class, Terms::read);
  }

  private static Terms read(Charge charge) {
    Limit limit = charge.limit();
    long id = HASH.of(Gcra.nanos(limit), charge.bucket());
    long interval = Gcra.interval(limit);
    return new Terms(
        id == 0 ? 1 : id,
        interval,
        Gcra.tolerance(limit, interval),
        Math.min(charge.cost(), limit.burst()) * interval,
        charge.cost() <= limit.burst(),
        limit.algorithm() == Algorithm.TOKEN_BUCKET);
  }
}
