package io.gatehouse.core.setup;

import io.gatehouse.event.UsageLog;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import java.util.List;

/**
 * What was used as far as the database has heard of it, for those who only look: running gateways tell it every
 * {@code quotas.flush_interval}. Adds nothing. Any number of threads; blocks as the database does.
 */
final class KeptCounts implements QuotaStore {

  private final UsageLog usage;

  KeptCounts(UsageLog usage) {
    this.usage = usage;
  }

  @Override
  public long used(QuotaKey key) {
    return Math.max(0, usage.totals(List.of(key), "").getOrDefault(key, 0L));
  }

  @Override
  public long add(QuotaKey key, long amount) {
    throw nothingIsSpent();
  }

  @Override
  public QuotaDecision addWithin(List<Claim> claims) {
    throw nothingIsSpent();
  }

  private static UnsupportedOperationException nothingIsSpent() {
    return new UnsupportedOperationException("nothing is used up where no gateway runs");
  }
}
