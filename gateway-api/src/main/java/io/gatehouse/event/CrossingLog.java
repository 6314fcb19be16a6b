package io.gatehouse.event;

import io.gatehouse.quota.QuotaKey;
import java.util.Collection;
import java.util.List;

/**
 * Remembers which thresholds of quotas were crossed, for all nodes and over restarts. May block, may be called by many
 * threads, throws {@link io.gatehouse.StoreException} when the store cannot answer.
 */
public interface CrossingLog {

  /**
   * Keeps a crossing, unless its threshold is kept for its key already. One that was kept of another quota, with less
   * use than the threshold is now, is {@linkplain Crossing#outdates outdated}, and the new one takes its place.
   * Durable when the call returns.
   *
   * @return true for one caller only, of all that come with the same key and threshold: that one tells
   */
  boolean first(Crossing crossing);

  /** What is kept for keys, the lower thresholds of a key before its higher ones. */
  List<Crossing> crossings(Collection<QuotaKey> keys);
}
