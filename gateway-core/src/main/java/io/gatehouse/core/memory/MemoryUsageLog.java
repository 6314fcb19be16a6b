package io.gatehouse.core.memory;

import io.gatehouse.event.UsageLog;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.QuotaKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Remembers use for as long as this process lives, and no longer: for tests and for trying things out. Grows by an entry
 * for every source and key and never shrinks.
 */
public final class MemoryUsageLog implements UsageLog {

  private record Count(long added, long returned) {
    Count larger(Count other) {
      return new Count(Math.max(added, other.added), Math.max(returned, other.returned));
    }
  }

  /** By key, then by source. Guarded by this. */
  private final Map<QuotaKey, Map<String, Count>> counts = new HashMap<>();

  @Override
  public synchronized void record(List<UsageRecord> records) {
    for (UsageRecord record : records) {
      counts.computeIfAbsent(record.key(), key -> new HashMap<>())
          .merge(record.source(), new Count(record.added(), record.returned()), Count::larger);
    }
  }

  @Override
  public synchronized Map<QuotaKey, Long> totals(Collection<QuotaKey> keys, String source) {
    Map<QuotaKey, Long> totals = new HashMap<>();
    for (QuotaKey key : keys) {
      long total = 0;
      for (Map.Entry<String, Count> entry : counts.getOrDefault(key, Map.of()).entrySet()) {
        if (!entry.getKey().equals(source)) {
          total += entry.getValue().added - entry.getValue().returned;
        }
      }
      totals.put(key, total);
    }
    return Map.copyOf(totals);
  }

  @Override
  public synchronized List<UsageRecord> records(Collection<QuotaKey> keys) {
    List<UsageRecord> records = new ArrayList<>();
    for (QuotaKey key : Set.copyOf(keys)) {
      counts.getOrDefault(key, Map.of()).forEach(
          (source, count) -> records.add(new UsageRecord(source, key, count.added, count.returned)));
    }
    return records;
  }
}
