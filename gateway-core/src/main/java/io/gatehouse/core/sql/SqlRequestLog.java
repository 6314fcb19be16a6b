package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.REQUEST_LOGS;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.row;

import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.event.RequestLog;
import io.gatehouse.event.RequestRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jooq.BatchBindStep;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Query;
import org.jooq.Record;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Single requests in the database. In PostgreSQL a partition for each day holds them ({@link RequestDays}), and whole days
 * are forgotten; in SQLite it is one table, whose rows are deleted.
 */
public final class SqlRequestLog implements RequestLog {

  /** Rows in one round trip. */
  private static final int CHUNK = 500;

  /** How much SQLite deletes in one transaction, in rows. */
  private static final int FORGOTTEN_AT_ONCE = 2_000;

  private static final Logger log = LoggerFactory.getLogger(SqlRequestLog.class);

  private final SqlDatabase database;

  /** Empty when the table has no partitions. */
  private final Optional<RequestDays> days;

  public SqlRequestLog(SqlDatabase database) {
    this.database = database;
    this.days = database.dialect() == SqlDatabase.Dialect.POSTGRESQL
        ? Optional.of(new RequestDays(database))
        : Optional.empty();
  }

  @Override
  public void record(List<RequestRecord> records) {
    if (records.isEmpty()) {
      return;
    }
    try {
      insert(records);
    } catch (IllegalArgumentException e) {
      if (days.isEmpty() || !makeRoom(days.get(), records)) {
        throw e;
      }
      insert(records);
    }
  }

  /** Whether a day of the records had no partition, and has one now. */
  private static boolean makeRoom(RequestDays days, List<RequestRecord> records) {
    Set<LocalDate> missing = days.missing(
        records.stream().map(each -> RequestDays.dayOf(each.at())).collect(Collectors.toSet()));
    if (!missing.isEmpty()) {
      log.warn("The request log had no partition for {}; it was not made in advance", missing);
      days.create(missing);
    }
    return !missing.isEmpty();
  }

  private void insert(List<RequestRecord> records) {
    database.write("log requests", db -> {
      for (int from = 0; from < records.size(); from += CHUNK) {
        insert(db, records.subList(from, Math.min(from + CHUNK, records.size())));
      }
      return records.size();
    });
  }

  private static void insert(DSLContext db, List<RequestRecord> records) {
    BatchBindStep batch = db.batch(insertOfOne(db));
    for (RequestRecord each : records) {
      batch = batch.bind(
          each.at(),
          each.id(),
          each.requestId(),
          each.traceId(),
          each.caller().map(Subject::user).orElse(""),
          each.caller().map(Subject::key).orElse(""),
          each.client(),
          each.method(),
          each.target(),
          each.status(),
          each.reason().map(Refusal.Reason::name).orElse(""),
          each.rule(),
          each.backend(),
          each.requestBytes(),
          each.responseBytes(),
          each.elapsed());
    }
    batch.execute();
  }

  private static Query insertOfOne(DSLContext db) {
    return db.insertInto(REQUEST_LOGS,
            REQUEST_LOGS.LOGGED_AT, REQUEST_LOGS.ID, REQUEST_LOGS.REQUEST_ID, REQUEST_LOGS.TRACE_ID,
            REQUEST_LOGS.USER_ID, REQUEST_LOGS.KEY_ID, REQUEST_LOGS.CLIENT, REQUEST_LOGS.METHOD,
            REQUEST_LOGS.TARGET, REQUEST_LOGS.STATUS, REQUEST_LOGS.REASON, REQUEST_LOGS.RULE,
            REQUEST_LOGS.BACKEND, REQUEST_LOGS.REQUEST_BYTES, REQUEST_LOGS.RESPONSE_BYTES,
            REQUEST_LOGS.ELAPSED_NANOS)
        .values((Instant) null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
            null)
        .onConflictDoNothing();
  }

  @Override
  public List<RequestRecord> newest(Question question, int most) {
    return database.read("read requests", db -> db
        .select(REQUEST_LOGS.fields())
        .from(REQUEST_LOGS)
        .where(condition(question))
        .orderBy(REQUEST_LOGS.LOGGED_AT.desc(), REQUEST_LOGS.ID.desc())
        .limit(most)
        .fetch(SqlRequestLog::read));
  }

  private static Condition condition(Question question) {
    Condition all = REQUEST_LOGS.LOGGED_AT.ge(question.from()).and(REQUEST_LOGS.LOGGED_AT.lt(question.to()));
    all = all.and(question.user().map(REQUEST_LOGS.USER_ID::eq).orElse(noCondition()));
    all = all.and(question.key().map(REQUEST_LOGS.KEY_ID::eq).orElse(noCondition()));
    if (question.leastStatus() > 0 || question.mostStatus() < 599) {
      all = all.and(REQUEST_LOGS.STATUS.between(question.leastStatus(), question.mostStatus()));
    }
    if (question.after().isPresent()) {
      Position after = question.after().get();
      // The first line lets PostgreSQL leave out the partitions of later days.
      all = all.and(REQUEST_LOGS.LOGGED_AT.le(after.at()))
          .and(row(REQUEST_LOGS.LOGGED_AT, REQUEST_LOGS.ID).lt(after.at(), after.id()));
    }
    return all;
  }

  private static RequestRecord read(Record row) {
    String user = row.get(REQUEST_LOGS.USER_ID);
    String reason = row.get(REQUEST_LOGS.REASON);
    return new RequestRecord(
        row.get(REQUEST_LOGS.ID),
        row.get(REQUEST_LOGS.LOGGED_AT),
        row.get(REQUEST_LOGS.REQUEST_ID),
        row.get(REQUEST_LOGS.TRACE_ID),
        user.isEmpty() ? Optional.empty() : Optional.of(new Subject(user, row.get(REQUEST_LOGS.KEY_ID))),
        row.get(REQUEST_LOGS.CLIENT),
        row.get(REQUEST_LOGS.METHOD),
        row.get(REQUEST_LOGS.TARGET),
        row.get(REQUEST_LOGS.STATUS),
        reason.isEmpty() ? Optional.empty() : Optional.of(Refusal.Reason.valueOf(reason)),
        row.get(REQUEST_LOGS.RULE),
        row.get(REQUEST_LOGS.BACKEND),
        row.get(REQUEST_LOGS.REQUEST_BYTES),
        row.get(REQUEST_LOGS.RESPONSE_BYTES),
        row.get(REQUEST_LOGS.ELAPSED_NANOS));
  }

  @Override
  public void forget(Instant before) {
    if (days.isPresent()) {
      days.get().dropBefore(RequestDays.dayOf(before));
      return;
    }
    while (forgetSome(before)) {
      // Between two pieces others have their turn at writing.
      SqlDatabase.pause(Duration.ofMillis(1));
    }
  }

  /** Whether there may be more. */
  private boolean forgetSome(Instant before) {
    return database.write("forget old requests", db -> {
      Optional<Instant> later = db.select(REQUEST_LOGS.LOGGED_AT)
          .from(REQUEST_LOGS)
          .where(REQUEST_LOGS.LOGGED_AT.lt(before))
          .orderBy(REQUEST_LOGS.LOGGED_AT)
          .limit(1)
          .offset(FORGOTTEN_AT_ONCE)
          .fetchOptional(REQUEST_LOGS.LOGGED_AT);
      Condition old = REQUEST_LOGS.LOGGED_AT.lt(before);
      db.deleteFrom(REQUEST_LOGS).where(later.map(REQUEST_LOGS.LOGGED_AT::le).map(old::and).orElse(old)).execute();
      return later.isPresent();
    });
  }

  @Override
  public boolean prepare(Instant now) {
    return days.map(each -> each.prepare(now)).orElse(true);
  }
}
