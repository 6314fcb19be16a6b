package io.gatehouse.core.setup;

import io.gatehouse.quota.Claim;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import java.util.List;

/**
 * Counts only what has a bound, so that memory is needed for callers with quotas and for no others. What was only counted
 * is 0.
 *
 * @param counts where that is
 */
record BoundedQuotaStore(QuotaStore counts) implements QuotaStore {

  @Override
  public long used(QuotaKey key) {
    return counts.used(key);
  }

  /** Adds to what is there: who settles a count with a bound has reserved at least 1 of it before. */
  @Override
  public long add(QuotaKey key, long amount) {
    return counts.used(key) == 0 ? 0 : counts.add(key, amount);
  }

  @Override
  public QuotaDecision addWithin(List<Claim> claims) {
    List<Claim> bounded = claims.stream().filter(claim -> claim.most() != Long.MAX_VALUE).toList();
    return bounded.isEmpty() ? new QuotaDecision.Granted() : counts.addWithin(bounded);
  }
}
