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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The counters of one source for a few minutes. Flushing, and what is asked about it, is for one thread at a time. */
final class Page {

  /** Records in one write. */
  private static final int BATCH = 2_000;

  private static final Lines.Kind<Subject> TRAFFIC =
      new Lines.Kind<>() {
        @Override
        public int width() {
          return Names.TRAFFIC_WIDTH;
        }

        @Override
        public byte[] name(Subject caller, String endpoint, Instant minute) {
          return Names.of(minute, caller, endpoint);
        }

        @Override
        public Subject others(Subject caller) {
          return TrafficMeter.OTHERS;
        }
      };

  private static final Lines.Kind<Refused> REFUSED =
      new Lines.Kind<>() {
        @Override
        public int width() {
          return Names.VIOLATION_WIDTH;
        }

        @Override
        public byte[] name(Refused refused, String whole, Instant minute) {
          return Names.of(refused.in(minute));
        }

        @Override
        public Refused others(Refused refused) {
          return new Refused(TrafficMeter.OTHERS, refused.reason(), "*");
        }
      };

  private final CounterFiles files;
  private final Lines<Subject> traffic;
  private final Lines<Refused> violations;
  private int passes;
  private int idlePasses;

  /**
   * An empty page.
   *
   * @param names how many names all pages together have
   */
  Page(CounterFiles files, AtomicInteger names, int mostNames) {
    this.files = files;
    this.traffic = new Lines<>(TRAFFIC, files, names, mostNames);
    this.violations = new Lines<>(REFUSED, files, names, mostNames);
  }

  /** What is refused to whom. */
  record Refused(Subject caller, Refusal.Reason reason, String rule) {
    Violation in(Instant minute) {
      return new Violation(minute, caller, reason, rule);
    }
  }

  /** Requests, request bytes, response bytes, errors. */
  Counter traffic(Subject caller, String endpoint, long millis) {
    return traffic.counter(caller, endpoint, millis);
  }

  Counter violations(Subject caller, Refusal.Reason reason, String rule, long millis) {
    return violations.counter(new Refused(caller, reason, rule), Lines.WHOLE, millis);
  }

  /** Writes what has changed since the last time; what was not written when this throws is written the next time. */
  void flush(TrafficLog log) {
    List<Lines.Changed<Subject>> moved = traffic.changed();
    each(
        moved,
        some -> {
          log.record(some.stream().map(this::trafficRecord).toList(), List.of());
          some.forEach(Lines.Changed::written);
        });
    List<Lines.Changed<Refused>> refused = violations.changed();
    each(
        refused,
        some -> {
          log.record(List.of(), some.stream().map(this::violationRecord).toList());
          some.forEach(Lines.Changed::written);
        });
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
    return traffic.isEmpty() && violations.isEmpty();
  }

  void force() {
    files.force();
  }

  /** Ends it; what is not written stays in its files. */
  void close() {
    traffic.close();
    violations.close();
    files.close();
  }

  private TrafficRecord trafficRecord(Lines.Changed<Subject> changed) {
    long[] numbers = changed.numbers();
    return new TrafficRecord(
        files.source(),
        changed.line().minute,
        changed.line().key,
        changed.line().part,
        new Traffic(numbers[0], numbers[1], numbers[2], numbers[3]));
  }

  private ViolationRecord violationRecord(Lines.Changed<Refused> changed) {
    return new ViolationRecord(files.source(), changed.line().key.in(changed.line().minute), changed.numbers()[0]);
  }

  private static <T> void each(List<T> all, Consumer<List<T>> write) {
    for (int from = 0; from < all.size(); from += BATCH) {
      write.accept(all.subList(from, Math.min(from + BATCH, all.size())));
    }
  }
}
