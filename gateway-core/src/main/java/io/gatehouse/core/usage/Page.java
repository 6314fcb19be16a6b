package io.gatehouse.core.usage;

import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.event.Violation;
import io.gatehouse.event.ViolationRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The counters of one source for a few minutes. Flushing, and what is asked about it, is for one thread at a time. */
final class Page {

  /** Records in one write. */
  private static final int BATCH = 2_000;

  private final CounterFiles files;

  /** How many names all pages together have, and may have. */
  private final AtomicInteger names;

  private final int mostNames;

  /** By endpoint, so that a request finds its line by names that exist already. */
  private final Map<String, Lines<Subject, TrafficRecord>> traffic = new ConcurrentHashMap<>();

  /** The traffic of requests that no endpoint covers. */
  private final Lines<Subject, TrafficRecord> uncovered;

  private final Lines<Refused, ViolationRecord> violations;
  private int passes;
  private int idlePasses;

  /**
   * An empty page.
   *
   * @param names how many names all pages together have
   */
  Page(CounterFiles files, AtomicInteger names, int mostNames) {
    this.files = files;
    this.names = names;
    this.mostNames = mostNames;
    this.uncovered = trafficOf("");
    this.violations = new Lines<>(new OfViolations(files.source()), files, names, mostNames);
    traffic.put("", uncovered);
  }

  /** What is refused to whom. */
  record Refused(Subject caller, Refusal.Reason reason, String rule) {
    Violation in(Instant minute) {
      return new Violation(minute, caller, reason, rule);
    }
  }

  private record OfTraffic(String source, String endpoint) implements Lines.Kind<Subject, TrafficRecord> {
    @Override
    public int width() {
      return Names.TRAFFIC_WIDTH;
    }

    @Override
    public byte[] name(Subject caller, Instant minute) {
      return Names.of(minute, caller, endpoint);
    }

    @Override
    public TrafficRecord record(Subject caller, Instant minute, long[] numbers) {
      Traffic sum = new Traffic(numbers[0], numbers[1], numbers[2], numbers[3]);
      return new TrafficRecord(source, minute, caller, endpoint, sum);
    }
  }

  private record OfViolations(String source) implements Lines.Kind<Refused, ViolationRecord> {
    @Override
    public int width() {
      return Names.VIOLATION_WIDTH;
    }

    @Override
    public byte[] name(Refused refused, Instant minute) {
      return Names.of(refused.in(minute));
    }

    @Override
    public ViolationRecord record(Refused refused, Instant minute, long[] numbers) {
      return new ViolationRecord(source, refused.in(minute), numbers[0]);
    }
  }

  /** Requests, request bytes, response bytes, errors. Those whose names are too many are not told apart by endpoint. */
  Counter traffic(Subject caller, String endpoint, long millis) {
    Lines<Subject, TrafficRecord> lines = traffic.get(endpoint);
    if (lines == null && names.get() < mostNames) {
      lines = traffic.computeIfAbsent(endpoint, this::trafficOf);
    }
    Counter counter = lines == null ? null : lines.counter(caller, millis);
    return counter != null ? counter : uncovered.counterOfOthers(TrafficMeter.OTHERS, millis);
  }

  Counter violations(Subject caller, Refusal.Reason reason, String rule, long millis) {
    Counter counter = violations.counter(new Refused(caller, reason, rule), millis);
    return counter != null
        ? counter
        : violations.counterOfOthers(new Refused(TrafficMeter.OTHERS, reason, "*"), millis);
  }

  /** Writes what has changed since the last time; what was not written when this throws is written the next time. */
  void flush(TrafficLog log) {
    List<Lines.Changed<TrafficRecord>> moved =
        traffic.values().stream().flatMap(lines -> lines.changed().stream()).toList();
    each(moved, records -> log.record(records, List.of()));
    List<Lines.Changed<ViolationRecord>> refused = violations.changed();
    each(refused, records -> log.record(List.of(), records));
    passes++;
    idlePasses = moved.isEmpty() && refused.isEmpty() ? idlePasses + 1 : 0;
  }

  /** How often it was flushed. */
  int passes() {
    return passes;
  }

  /** Says that there is a page after this one. It may have been added to since it was flushed last. */
  void turned() {
    idlePasses = 0;
  }

  /** How often it was flushed since anything has changed, or since it was turned. */
  int idlePasses() {
    return idlePasses;
  }

  boolean isEmpty() {
    return traffic.values().stream().allMatch(Lines::isEmpty) && violations.isEmpty();
  }

  void force() {
    files.force();
  }

  /** Ends it; what is not written stays in its files. */
  void close() {
    traffic.values().forEach(Lines::close);
    violations.close();
    files.close();
  }

  private Lines<Subject, TrafficRecord> trafficOf(String endpoint) {
    return new Lines<>(new OfTraffic(files.source(), endpoint), files, names, mostNames);
  }

  private static <R> void each(List<Lines.Changed<R>> all, Consumer<List<R>> write) {
    for (int from = 0; from < all.size(); from += BATCH) {
      List<Lines.Changed<R>> some = all.subList(from, Math.min(from + BATCH, all.size()));
      write.accept(some.stream().map(Lines.Changed::record).toList());
      some.forEach(Lines.Changed::written);
    }
  }
}
