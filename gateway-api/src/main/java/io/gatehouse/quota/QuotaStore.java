package io.gatehouse.quota;

import java.util.List;

/**
 * Counts use per calendar period. A count that was never added to is 0.
 *
 * <p>Any number of threads may call at once; for them together a count behaves as one number. May block, within the
 * store's own timeout. Every method throws {@link io.gatehouse.StoreException} when the store cannot answer; what was
 * to be added may then have been added.
 */
public interface QuotaStore {

  /** What was used so far, 0 or more. */
  long used(QuotaKey key);

  /**
   * Adds without asking whether it fits.
   *
   * @param amount may be negative, to give back; a count does not fall below 0
   * @return what the count holds afterwards
   */
  long add(QuotaKey key, long amount);

  /**
   * Adds as {@link #add} does, now or a moment later, for whoever cannot wait: the end of a request. What this process
   * reads and claims afterwards includes the amount at once.
   *
   * @param amount 0 only asks
   * @return what the count holds as far as this process knows without waiting for anybody
   */
  default long settle(QuotaKey key, long amount) {
    return add(key, amount);
  }

  /**
   * Adds all claims or none. A claim fits when the count plus its amount is at most {@link Claim#most()}; a claim of
   * amount 0 fits unless the count is above {@code most} already.
   *
   * @param claims at least one; no two with the same key
   */
  QuotaDecision addWithin(List<Claim> claims);

  /**
   * Decides as {@link #addWithin} would, and adds nothing. The answer is as old as it is when it arrives; who means to
   * use something calls {@code addWithin}.
   */
  default QuotaDecision peek(List<Claim> claims) {
    for (Claim claim : claims) {
      // What is only counted always fits, and a store that is away must not be asked for it.
      if (claim.most() != Long.MAX_VALUE) {
        long used = used(claim.key());
        if (!claim.fits(used)) {
          return new QuotaDecision.Exhausted(claim, used);
        }
      }
    }
    return new QuotaDecision.Granted();
  }
}
