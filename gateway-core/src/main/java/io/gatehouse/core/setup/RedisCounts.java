package io.gatehouse.core.setup;

import io.gatehouse.core.quota.SharedQuotaStore;
import io.gatehouse.core.redis.RedisMemory;
import io.gatehouse.core.redis.RedisQuotaStore;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** The counts of all nodes, in Redis. */
record RedisCounts(RedisQuotaStore counts, RedisMemory memory) implements SharedQuotaStore.Counts {

  @Override
  public long used(QuotaKey key) {
    return counts.used(key);
  }

  @Override
  public long add(QuotaKey key, long amount) {
    return counts.add(key, amount);
  }

  @Override
  public QuotaDecision addWithin(List<Claim> claims) {
    return counts.addWithin(claims);
  }

  @Override
  public Set<QuotaKey> tell(Collection<UsageRecord> records) {
    return counts.tell(records);
  }

  @Override
  public void tellAll(Collection<UsageRecord> all) {
    counts.tellAll(all);
  }

  @Override
  public boolean lost() {
    return memory.lost();
  }
}
