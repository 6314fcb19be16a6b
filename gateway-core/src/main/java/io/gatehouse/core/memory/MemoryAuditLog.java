package io.gatehouse.core.memory;

import io.gatehouse.admin.AuditLog;
import io.gatehouse.admin.AuditRecord;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The newest changes, in this process. Any number of threads; one lock is held for a walk over what is kept at the most.
 */
public final class MemoryAuditLog implements AuditLog {

  /** So many records are kept unless told otherwise: {@value}. */
  public static final int DEFAULT_MOST = 10_000;

  private static final Comparator<Position> NEWEST_FIRST =
      Comparator.comparing(Position::at).thenComparing(Position::id).reversed();

  private final int most;

  /** Guarded by this. */
  private final NavigableMap<Position, AuditRecord> records = new TreeMap<>(NEWEST_FIRST);

  /** A log that keeps {@value #DEFAULT_MOST} records. */
  public MemoryAuditLog() {
    this(DEFAULT_MOST);
  }

  /**
   * A log of a given size; the oldest records give way to new ones.
   *
   * @param most 1 or more
   */
  public MemoryAuditLog(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("most: " + most + " (expected: 1 or more)");
    }
    this.most = most;
  }

  @Override
  public synchronized void record(AuditRecord record) {
    if (records.putIfAbsent(new Position(record.at(), record.id()), record) != null) {
      throw new IllegalArgumentException("id: " + record.id() + " (expected: one that is not taken)");
    }
    if (records.size() > most) {
      records.pollLastEntry();
    }
  }

  @Override
  public synchronized List<AuditRecord> newest(Question question, int most) {
    NavigableMap<Position, AuditRecord> rest =
        question.after().map(after -> records.tailMap(after, false)).orElse(records);
    return rest.values().stream().filter(each -> answers(each, question)).limit(most).toList();
  }

  private static boolean answers(AuditRecord record, Question question) {
    return !record.at().isBefore(question.from())
        && record.at().isBefore(question.to())
        && question.administrator().map(record.administrator()::equals).orElse(true)
        && question.operation().map(record.operation()::equals).orElse(true)
        && question.object().map(object -> (record.object() + "/").startsWith(object + "/")).orElse(true);
  }

  @Override
  public synchronized void forget(Instant before) {
    records.values().removeIf(record -> record.at().isBefore(before));
  }
}
