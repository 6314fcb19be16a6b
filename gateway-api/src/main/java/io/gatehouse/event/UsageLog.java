package io.gatehouse.event;

import io.gatehouse.quota.QuotaKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Remembers use for good. May block, may be called by many threads, throws {@link io.gatehouse.StoreException} when the
 * store cannot answer.
 */
public interface UsageLog {

  /**
   * Keeps the larger of what is there and what is given, for each record and each of its two numbers. Writing the same
   * records again changes nothing, so a caller that does not know whether a write arrived writes it again. Durable when
   * the call returns.
   */
  void record(List<UsageRecord> records);

  /**
   * What all sources but one have counted.
   *
   * @param source the one to leave out; empty to leave out none
   * @return for every key asked for, the sum of what was added less what was given back; 0 where nothing was
   */
  Map<QuotaKey, Long> totals(Collection<QuotaKey> keys, String source);

  /**
   * What each source has counted.
   *
   * @return one for every source and key of which something was recorded, in no order
   */
  List<UsageRecord> records(Collection<QuotaKey> keys);
}
