package io.gatehouse.core.memory;

import io.gatehouse.Subject;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.RequestRecord;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Remembers requests for as long as this process lives, and no longer: for tests and for trying things out. Shrinks only
 * by {@link #forget}.
 */
public final class MemoryRequestLog implements RequestLog {

  private static final Comparator<Position> NEWEST_FIRST =
      Comparator.comparing(Position::at).thenComparing(Position::id).reversed();

  /** Guarded by this. */
  private final NavigableMap<Position, RequestRecord> records = new TreeMap<>(NEWEST_FIRST);

  @Override
  public synchronized void record(List<RequestRecord> fresh) {
    fresh.forEach(each -> records.putIfAbsent(new Position(each.at(), each.id()), each));
  }

  @Override
  public synchronized List<RequestRecord> newest(Question question, int most) {
    NavigableMap<Position, RequestRecord> rest =
        question.after().map(after -> records.tailMap(after, false)).orElse(records);
    return rest.values().stream().filter(each -> answers(each, question)).limit(most).toList();
  }

  private static boolean answers(RequestRecord record, Question question) {
    return !record.at().isBefore(question.from())
        && record.at().isBefore(question.to())
        && record.status() >= question.leastStatus()
        && record.status() <= question.mostStatus()
        && question.user().map(user -> record.caller().map(Subject::user).filter(user::equals).isPresent()).orElse(true)
        && question.key().map(key -> record.caller().map(Subject::key).filter(key::equals).isPresent()).orElse(true);
  }

  @Override
  public synchronized void forget(Instant before) {
    records.values().removeIf(record -> record.at().isBefore(before));
  }
}
