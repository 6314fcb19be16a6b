package io.gatehouse.core.memory;

import io.gatehouse.event.Crossing;
import io.gatehouse.event.CrossingLog;
import io.gatehouse.quota.QuotaKey;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Remembers crossed thresholds for as long as this process lives: for tests and for a single node. Periods that ended more
 * than {@value #DAYS_KEPT} days before a newer crossing are dropped.
 */
public final class MemoryCrossingLog implements CrossingLog {

  /** How long crossings are kept after their period has ended everywhere on earth: {@value} days. */
  public static final int DAYS_KEPT = 3;

  /** By key, then by percent. Guarded by this. */
  private final Map<QuotaKey, TreeMap<Integer, Crossing>> crossings = new HashMap<>();

  /** The day of the last cleaning. Guarded by this. */
  private LocalDate cleaned = LocalDate.MIN;

  @Override
  public synchronized boolean first(Crossing crossing) {
    forgetThePast(crossing.at());
    Map<Integer, Crossing> byPercent = crossings.computeIfAbsent(crossing.key(), key -> new TreeMap<>());
    Crossing kept = byPercent.get(crossing.percent());
    boolean first = kept == null || crossing.outdates(kept);
    if (first) {
      byPercent.put(crossing.percent(), crossing);
    }
    return first;
  }

  @Override
  public synchronized List<Crossing> crossings(Collection<QuotaKey> keys) {
    return keys.stream()
        .distinct()
        .flatMap(key -> crossings.getOrDefault(key, new TreeMap<>()).values().stream())
        .toList();
  }

  private void forgetThePast(Instant now) {
    LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    if (today.isAfter(cleaned)) {
      cleaned = today;
      crossings.keySet().removeIf(key -> key.window().latestEnd(key.start()).isBefore(today.minusDays(DAYS_KEPT)));
    }
  }
}
