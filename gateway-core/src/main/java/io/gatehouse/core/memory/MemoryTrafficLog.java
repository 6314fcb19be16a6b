package io.gatehouse.core.memory;

import io.gatehouse.Subject;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.event.Violation;
import io.gatehouse.event.ViolationRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Remembers traffic for as long as this process lives, and no longer: for tests and for trying things out. Shrinks only by
 * {@link #forget}.
 */
public final class MemoryTrafficLog implements TrafficLog {

  private static final Comparator<Violation> BY_TIME =
      Comparator.comparing(Violation::minute)
          .thenComparing(violation -> violation.caller().key())
          .thenComparing(violation -> violation.reason().name())
          .thenComparing(Violation::rule);

  private record Minute(String source, Instant minute, Subject caller, String endpoint) {}

  private record Seen(String source, Violation violation) {}

  /** Guarded by this. */
  private final Map<Minute, Traffic> minutes = new HashMap<>();

  /** Guarded by this. */
  private final Map<Seen, Long> seen = new HashMap<>();

  @Override
  public synchronized void record(List<TrafficRecord> traffic, List<ViolationRecord> violations) {
    for (TrafficRecord each : traffic) {
      Minute minute = new Minute(each.source(), each.minute(), each.caller(), each.endpoint());
      minutes.merge(minute, each.traffic(), Traffic::larger);
    }
    for (ViolationRecord each : violations) {
      seen.merge(new Seen(each.source(), each.violation()), each.count(), Math::max);
    }
  }

  @Override
  public SortedMap<Instant, Traffic> traffic(String user, Instant from, Instant to, Duration grain) {
    SortedMap<Instant, Traffic> rows = new TreeMap<>();
    trafficByEndpoint(user, from, to, grain)
        .forEach((start, row) -> rows.put(start, row.values().stream().reduce(Traffic.NONE, Traffic::plus)));
    return rows;
  }

  @Override
  public synchronized SortedMap<Instant, SortedMap<String, Traffic>> trafficByEndpoint(
      String user, Instant from, Instant to, Duration grain) {
    if (grain.isNegative() || grain.isZero() || !grain.equals(Duration.ofMinutes(grain.toMinutes()))) {
      throw new IllegalArgumentException("grain: " + grain + " (expected: whole minutes)");
    }
    SortedMap<Instant, SortedMap<String, Traffic>> rows = new TreeMap<>();
    minutes.forEach(
        (key, traffic) -> {
          if (key.caller().user().equals(user) && within(key.minute(), from, to)) {
            long row = key.minute().toEpochMilli() / grain.toMillis();
            rows.computeIfAbsent(Instant.ofEpochMilli(row * grain.toMillis()), start -> new TreeMap<>())
                .merge(key.endpoint(), traffic, Traffic::plus);
          }
        });
    return rows;
  }

  @Override
  public synchronized List<Violations> violations(String user, Instant from, Instant to, int most) {
    SortedMap<Violation, Long> rows = new TreeMap<>(BY_TIME);
    seen.forEach(
        (key, count) -> {
          Violation violation = key.violation();
          if (violation.caller().user().equals(user) && within(violation.minute(), from, to)) {
            rows.merge(violation, count, Long::sum);
          }
        });
    return rows.entrySet().stream().limit(most).map(row -> new Violations(row.getKey(), row.getValue())).toList();
  }

  @Override
  public synchronized void forget(Instant before) {
    minutes.keySet().removeIf(key -> key.minute().isBefore(before));
    seen.keySet().removeIf(key -> key.violation().minute().isBefore(before));
  }

  private static boolean within(Instant minute, Instant from, Instant to) {
    return !minute.isBefore(from) && minute.isBefore(to);
  }
}
