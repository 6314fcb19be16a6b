package io.gatehouse.core.usage;

import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.event.ViolationRecord;
import io.gatehouse.key.KeyUses;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * Notes when keys were used, from the traffic that is written anyway: nothing is done for it while requests come, and what
 * a killed start has left tells of the use of its keys as well. A key is noted once a minute at the most.
 *
 * <p>Any number of threads. Blocks as the log and the store of uses do.
 */
public final class KeyUseNotes implements TrafficLog {

  private final TrafficLog log;
  private final KeyUses uses;

  /** The latest minute of which something was noted. Guarded by this. */
  private Instant minute = Instant.MIN;

  /** The keys that were noted in that minute. Guarded by this. */
  private final Set<String> noted = new HashSet<>();

  /**
   * A log that also notes.
   *
   * @param log keeps the traffic, and answers all questions
   */
  public KeyUseNotes(TrafficLog log, KeyUses uses) {
    this.log = log;
    this.uses = uses;
  }

  @Override
  public void record(List<TrafficRecord> traffic, List<ViolationRecord> violations) {
    log.record(traffic, violations);
    Map<String, Instant> fresh = fresh(traffic);
    if (!fresh.isEmpty()) {
      uses.noteUses(fresh);
      remember(fresh);
    }
  }

  private synchronized Map<String, Instant> fresh(List<TrafficRecord> traffic) {
    Map<String, Instant> fresh = new HashMap<>();
    for (TrafficRecord each : traffic) {
      String key = each.caller().key();
      boolean known = each.minute().equals(minute) && noted.contains(key);
      if (!known && each.traffic().requests() > 0) {
        fresh.merge(key, each.minute(), (one, other) -> one.isBefore(other) ? other : one);
      }
    }
    return fresh;
  }

  private synchronized void remember(Map<String, Instant> fresh) {
    fresh.forEach((key, at) -> {
      if (at.isAfter(minute)) {
        minute = at;
        noted.clear();
      }
      if (at.equals(minute)) {
        noted.add(key);
      }
    });
  }

  @Override
  public SortedMap<Instant, Traffic> traffic(String user, Instant from, Instant to, Duration grain) {
    return log.traffic(user, from, to, grain);
  }

  @Override
  public SortedMap<Instant, SortedMap<String, Traffic>> trafficByEndpoint(
      String user, Instant from, Instant to, Duration grain) {
    return log.trafficByEndpoint(user, from, to, grain);
  }

  @Override
  public List<Violations> violations(String user, Instant from, Instant to, int most) {
    return log.violations(user, from, to, most);
  }

  @Override
  public void forget(Instant before) {
    log.forget(before);
  }
}
