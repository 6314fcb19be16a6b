package io.gatehouse.core.usage;

import io.gatehouse.StoreException;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.event.UsageLog;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.event.ViolationRecord;
import io.gatehouse.quota.QuotaKey;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What earlier starts had counted and could not write, since they were killed. It is written under their own sources, so
 * that what they had written already is not counted twice, and then the files are deleted. A file that was not written
 * by this code, or is damaged, is told once and set aside under another name; what can be read of it is written.
 *
 * <p>It is also a usage log: nobody is told what was used before the leftovers are in it. Any number of threads; one writes,
 * others wait for it.
 */
public final class Leftovers implements UsageLog, AutoCloseable {

  /** Records in one write. */
  private static final int BATCH = 2_000;

  private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

  private final UsageLog usage;
  private final TrafficLog traffic;
  private final Consumer<QuotaKey> recovered;

  /** Guarded by this. */
  private final Deque<CounterDirectory.Leftover> files;

  /** Whether all is written. Written under this. */
  private volatile boolean settled;

  /**
   * Finds the files, reads none of them yet.
   *
   * @param recovered told of every quota key of which a leftover was written
   */
  public Leftovers(CounterDirectory directory, UsageLog usage, TrafficLog traffic, Consumer<QuotaKey> recovered) {
    this.usage = usage;
    this.traffic = traffic;
    this.recovered = recovered;
    this.files = new ArrayDeque<>(directory.leftovers());
    this.settled = files.isEmpty();
  }

  /**
   * Writes all that is left, if anything is.
   *
   * @throws StoreException when a log cannot answer; what was written stays written, and the rest is tried again at the
   *     next call
   */
  public void settle() {
    if (!settled) {
      settleAll();
    }
  }

  @Override
  public void record(List<UsageRecord> records) {
    usage.record(records);
  }

  @Override
  public Map<QuotaKey, Long> totals(Collection<QuotaKey> keys, String source) {
    settle();
    return usage.totals(keys, source);
  }

  @Override
  public List<UsageRecord> records(Collection<QuotaKey> keys) {
    settle();
    return usage.records(keys);
  }

  /** Lets go of what is not written yet; the next start finds it again. */
  @Override
  public synchronized void close() {
    files.forEach(Leftovers::letGo);
    files.clear();
    settled = true;
  }

  private synchronized void settleAll() {
    while (!files.isEmpty()) {
      CounterDirectory.Leftover file = files.peek();
      write(file);
      letGo(file);
      files.remove();
    }
    settled = true;
  }

  private void write(CounterDirectory.Leftover file) {
    CounterFile.Content content;
    try {
      content = CounterFile.read(file.channel());
    } catch (IOException e) {
      setAside(file, e.getMessage());
      return;
    }
    Records records = Records.of(content);
    try {
      each(records.usage, usage::record);
      each(records.traffic, some -> traffic.record(some, List.of()));
      each(records.violations, some -> traffic.record(List.of(), some));
    } catch (IllegalArgumentException e) {
      setAside(file, "the database does not take what it holds: " + e.getMessage());
      return;
    }
    records.usage.forEach(record -> recovered.accept(record.key()));
    log.info(
        "What an earlier start had counted and not written is recovered: {} quota counts, {} minutes, {} violations",
        records.usage.size(),
        records.traffic.size(),
        records.violations.size());
    if (content.damaged() || records.unknown > 0) {
      setAside(file, "a part of it cannot be read; the rest is recovered");
      return;
    }
    try {
      file.delete();
    } catch (IOException e) {
      log.warn("The counter file {} is recovered and cannot be deleted: {}", file.path(), e.toString());
    }
  }

  private static <T> void each(List<T> all, Consumer<List<T>> write) {
    for (int from = 0; from < all.size(); from += BATCH) {
      write.accept(all.subList(from, Math.min(from + BATCH, all.size())));
    }
  }

  private static void setAside(CounterDirectory.Leftover file, String reason) {
    try {
      log.warn("The counter file {} is set aside as {}: {}", file.path(), file.setAside().getFileName(), reason);
    } catch (IOException e) {
      log.warn("The counter file {} cannot be set aside ({}): {}", file.path(), e.toString(), reason);
    }
  }

  private static void letGo(CounterDirectory.Leftover file) {
    try {
      file.close();
    } catch (IOException e) {
      log.debug("{} cannot be closed: {}", file.path(), e.toString());
    }
  }

  /** What the slots of a file say. */
  private static final class Records {
    final List<UsageRecord> usage = new ArrayList<>();
    final List<TrafficRecord> traffic = new ArrayList<>();
    final List<ViolationRecord> violations = new ArrayList<>();
    int unknown;

    static Records of(CounterFile.Content content) {
      Records records = new Records();
      for (CounterFile.Slot slot : content.slots()) {
        try {
          records.add(content.source(), slot);
        } catch (IOException e) {
          records.unknown++;
        }
      }
      return records;
    }

    private void add(String source, CounterFile.Slot slot) throws IOException {
      Names.Name name = Names.read(slot.name());
      long[] numbers = slot.numbers();
      if (numbers.length != Names.width(name)) {
        throw new IOException("a slot of " + numbers.length + " numbers");
      }
      if (LongStream.of(numbers).allMatch(number -> number == 0)) {
        return;
      }
      if (name instanceof Names.OfQuota quota) {
        usage.add(new UsageRecord(source, quota.key(), numbers[0], numbers[1]));
      } else if (name instanceof Names.OfTraffic each) {
        traffic.add(
            new TrafficRecord(
                source,
                each.minute(),
                each.caller(),
                each.endpoint(),
                new Traffic(numbers[0], numbers[1], numbers[2], numbers[3])));
      } else if (name instanceof Names.OfViolation each) {
        violations.add(new ViolationRecord(source, each.violation(), numbers[0]));
      }
    }
  }
}
