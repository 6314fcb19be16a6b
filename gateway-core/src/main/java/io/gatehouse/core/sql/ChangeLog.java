package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.CHANGES;
import static io.gatehouse.core.sql.schema.Tables.REVISION;

import io.gatehouse.event.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jooq.DSLContext;

/**
 * The numbered list of changes inside the database.
 *
 * <p>A change gets its number in the transaction that makes it, and that transaction holds the one row of the
 * table {@code revision} until it commits. So numbers have no gaps, and become visible in their order:
 * whoever has seen number <i>n</i> will not find a smaller one later. With a sequence of the database both
 * would be false, and a reader would miss changes.
 */
final class ChangeLog {

  /**
   * How long a change can be read: {@value} minutes. Whoever was away longer must take everything for
   * changed.
   */
  static final int KEPT_MINUTES = 60;

  private ChangeLog() {}

  /** Takes the turn of this transaction among all that change something; until it ends, the others wait. */
  static long lock(DSLContext transaction) {
    // An update that changes nothing locks the row in both databases; SQLite has no FOR UPDATE.
    return transaction.update(REVISION)
        .set(REVISION.LATEST, REVISION.LATEST)
        .returningResult(REVISION.LATEST)
        .fetchSingle(REVISION.LATEST);
  }

  /** Appends {@code changes} after {@code latest}, which {@link #lock} gave, and forgets the old ones. */
  static void append(DSLContext transaction, long latest, List<Change> changes, Instant now) {
    long number = latest;
    for (Change change : changes) {
      number++;
      transaction.insertInto(CHANGES)
          .set(CHANGES.NUMBER, number)
          .set(CHANGES.TOPIC, change.topic().name())
          .set(CHANGES.REFERENCE, change.reference())
          .set(CHANGES.CHANGED_AT, now)
          .execute();
    }
    transaction.update(REVISION).set(REVISION.LATEST, number).execute();
    transaction.deleteFrom(CHANGES)
        .where(CHANGES.CHANGED_AT.lt(now.minus(Duration.ofMinutes(KEPT_MINUTES))))
        .execute();
  }

  /** The number of the newest change; 0 before the first. */
  static long latest(DSLContext database) {
    return database.select(REVISION.LATEST).from(REVISION).fetchSingle(REVISION.LATEST);
  }

  /** The changes with numbers above {@code number}, in order, at most {@code most}. */
  static List<Entry> after(DSLContext database, long number, int most) {
    return database.select(CHANGES.NUMBER, CHANGES.TOPIC, CHANGES.REFERENCE)
        .from(CHANGES)
        .where(CHANGES.NUMBER.gt(number))
        .orderBy(CHANGES.NUMBER)
        .limit(most)
        .fetch(row -> new Entry(row.value1(), row.value2(), row.value3()));
  }

  /** What changes of a topic since a moment were about. Complete only for the last {@value #KEPT_MINUTES} minutes. */
  static List<String> since(DSLContext database, String topic, Instant moment) {
    return database.select(CHANGES.REFERENCE)
        .from(CHANGES)
        .where(CHANGES.TOPIC.eq(topic).and(CHANGES.CHANGED_AT.ge(moment)))
        .orderBy(CHANGES.NUMBER)
        .fetch(CHANGES.REFERENCE);
  }

  /**
   * One line of the log; the topic as text, because a newer gateway may write one that this one does not
   * know.
   */
  record Entry(long number, String topic, String reference) {}
}
