package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.USAGE_MINUTES;
import static io.gatehouse.core.sql.schema.Tables.VIOLATIONS;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.min;
import static org.jooq.impl.DSL.sum;

import io.gatehouse.Subject;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.event.Violation;
import io.gatehouse.event.ViolationRecord;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jooq.BatchBindStep;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.TableField;

/** Traffic and violations in the database: a row for each minute and source, which takes the larger numbers. */
public final class SqlTrafficLog implements TrafficLog {

  /** Rows in one round trip. */
  private static final int CHUNK = 500;

  /** How much is deleted in one transaction. */
  private static final Duration FORGOTTEN_AT_ONCE = Duration.ofMinutes(5);

  private static final Comparator<Subject> CALLERS = Comparator.comparing(Subject::user).thenComparing(Subject::key);

  /** One order for all who write, so that two transactions never wait for each other's rows. */
  private static final Comparator<TrafficRecord> TRAFFIC_ORDER = Comparator
      .comparing(TrafficRecord::caller, CALLERS)
      .thenComparing(TrafficRecord::minute)
      .thenComparing(TrafficRecord::source);

  private static final Comparator<Violation> VIOLATIONS_BY_TIME = Comparator
      .comparing(Violation::minute)
      .thenComparing(Violation::caller, CALLERS)
      .thenComparing(Violation::reason)
      .thenComparing(Violation::rule);

  private static final Comparator<ViolationRecord> VIOLATION_ORDER = Comparator
      .comparing(ViolationRecord::violation, VIOLATIONS_BY_TIME)
      .thenComparing(ViolationRecord::source);

  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

  private final SqlDatabase database;

  public SqlTrafficLog(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public void record(List<TrafficRecord> traffic, List<ViolationRecord> violations) {
    if (traffic.isEmpty() && violations.isEmpty()) {
      return;
    }
    TreeMap<TrafficRecord, Traffic> largest = new TreeMap<>(TRAFFIC_ORDER);
    traffic.forEach(each -> largest.merge(each, each.traffic(), Traffic::larger));
    TreeMap<ViolationRecord, Long> most = new TreeMap<>(VIOLATION_ORDER);
    violations.forEach(each -> most.merge(each, each.count(), Math::max));
    database.write("record traffic", db -> {
      chunks(largest.entrySet(), some -> {
        BatchBindStep batch = db.batch(trafficUpsert(db));
        for (var each : some) {
          TrafficRecord key = each.getKey();
          Traffic sum = each.getValue();
          batch = batch.bind(
              key.caller().user(), key.minute(), key.caller().key(), key.source(),
              sum.requests(), sum.requestBytes(), sum.responseBytes(), sum.errors());
        }
        batch.execute();
      });
      chunks(most.entrySet(), some -> {
        BatchBindStep batch = db.batch(violationUpsert(db));
        for (var each : some) {
          Violation key = each.getKey().violation();
          batch = batch.bind(
              key.caller().user(), key.minute(), key.caller().key(), key.reason(), key.rule(),
              each.getKey().source(), each.getValue());
        }
        batch.execute();
      });
      return null;
    });
  }

  @Override
  public SortedMap<Instant, Traffic> traffic(String user, Instant from, Instant to, Duration grain) {
    if (grain.isNegative() || grain.isZero() || !grain.equals(Duration.ofMinutes(grain.toMinutes()))) {
      throw new IllegalArgumentException("grain: " + grain + " (expected: whole minutes)");
    }
    long millis = grain.toMillis();
    Field<Long> minute = USAGE_MINUTES.MINUTE_AT.coerce(Long.class);
    // Whole numbers are divided without a remainder in both databases. Inline, since PostgreSQL takes two parameters for
    // two different expressions, and would not group by the one and select the other.
    Field<Long> row = minute.div(inline(millis));
    SortedMap<Instant, Traffic> rows = new TreeMap<>();
    database.read("read traffic", db -> db
            .select(
                row,
                sum(USAGE_MINUTES.REQUESTS),
                sum(USAGE_MINUTES.REQUEST_BYTES),
                sum(USAGE_MINUTES.RESPONSE_BYTES),
                sum(USAGE_MINUTES.ERRORS))
            .from(USAGE_MINUTES)
            .where(USAGE_MINUTES.USER_ID.eq(user))
            .and(USAGE_MINUTES.MINUTE_AT.ge(from))
            .and(USAGE_MINUTES.MINUTE_AT.lt(to))
            .groupBy(row)
            .fetch())
        .forEach(each -> rows.put(
            Instant.ofEpochMilli(each.value1() * millis),
            new Traffic(count(each.value2()), count(each.value3()), count(each.value4()), count(each.value5()))));
    return rows;
  }

  @Override
  public List<Violations> violations(String user, Instant from, Instant to, int most) {
    Field<BigDecimal> refused = sum(VIOLATIONS.REFUSED);
    return database.read("read violations", db -> db
        .select(VIOLATIONS.MINUTE_AT, VIOLATIONS.KEY_ID, VIOLATIONS.REASON, VIOLATIONS.RULE, refused)
        .from(VIOLATIONS)
        .where(VIOLATIONS.USER_ID.eq(user))
        .and(VIOLATIONS.MINUTE_AT.ge(from))
        .and(VIOLATIONS.MINUTE_AT.lt(to))
        .groupBy(VIOLATIONS.MINUTE_AT, VIOLATIONS.KEY_ID, VIOLATIONS.REASON, VIOLATIONS.RULE)
        .orderBy(VIOLATIONS.MINUTE_AT, VIOLATIONS.KEY_ID, VIOLATIONS.REASON, VIOLATIONS.RULE)
        .limit(most)
        .fetch(each -> new Violations(
            new Violation(each.value1(), new Subject(user, each.value2()), each.value3(), each.value4()),
            count(each.value5()))));
  }

  @Override
  public void forget(Instant before) {
    forget(USAGE_MINUTES, USAGE_MINUTES.MINUTE_AT, before);
    forget(VIOLATIONS, VIOLATIONS.MINUTE_AT, before);
  }

  private <R extends Record> void forget(Table<R> table, TableField<R, Instant> minute, Instant before) {
    for (Optional<Instant> oldest = oldest(table, minute, before);
        oldest.isPresent();
        oldest = oldest(table, minute, before)) {
      Instant end = oldest.get().plus(FORGOTTEN_AT_ONCE);
      Instant until = end.isBefore(before) ? end : before;
      database.write("forget old traffic", db -> db.deleteFrom(table).where(minute.lt(until)).execute());
    }
  }

  private <R extends Record> Optional<Instant> oldest(
      Table<R> table, TableField<R, Instant> minute, Instant before) {
    return database.read("find old traffic", db -> db
        .select(min(minute))
        .from(table)
        .where(minute.lt(before))
        .fetchOptional(min(minute)));
  }

  private static Query trafficUpsert(DSLContext db) {
    return db.insertInto(USAGE_MINUTES,
            USAGE_MINUTES.USER_ID, USAGE_MINUTES.MINUTE_AT, USAGE_MINUTES.KEY_ID, USAGE_MINUTES.SOURCE,
            USAGE_MINUTES.REQUESTS, USAGE_MINUTES.REQUEST_BYTES, USAGE_MINUTES.RESPONSE_BYTES,
            USAGE_MINUTES.ERRORS)
        .values((String) null, null, null, null, null, null, null, null)
        .onConflict(
            USAGE_MINUTES.USER_ID, USAGE_MINUTES.MINUTE_AT, USAGE_MINUTES.KEY_ID, USAGE_MINUTES.SOURCE)
        .doUpdate()
        .set(USAGE_MINUTES.REQUESTS, larger(USAGE_MINUTES.REQUESTS))
        .set(USAGE_MINUTES.REQUEST_BYTES, larger(USAGE_MINUTES.REQUEST_BYTES))
        .set(USAGE_MINUTES.RESPONSE_BYTES, larger(USAGE_MINUTES.RESPONSE_BYTES))
        .set(USAGE_MINUTES.ERRORS, larger(USAGE_MINUTES.ERRORS));
  }

  private static Query violationUpsert(DSLContext db) {
    return db.insertInto(VIOLATIONS,
            VIOLATIONS.USER_ID, VIOLATIONS.MINUTE_AT, VIOLATIONS.KEY_ID, VIOLATIONS.REASON, VIOLATIONS.RULE,
            VIOLATIONS.SOURCE, VIOLATIONS.REFUSED)
        .values((String) null, null, null, null, null, null, null)
        .onConflict(
            VIOLATIONS.USER_ID, VIOLATIONS.MINUTE_AT, VIOLATIONS.KEY_ID, VIOLATIONS.REASON, VIOLATIONS.RULE,
            VIOLATIONS.SOURCE)
        .doUpdate()
        .set(VIOLATIONS.REFUSED, larger(VIOLATIONS.REFUSED));
  }

  private static Field<Long> larger(Field<Long> number) {
    return greatest(number, excluded(number));
  }

  private static long count(BigDecimal sum) {
    return sum.min(MOST).longValue();
  }

  private static <T> void chunks(Collection<T> all, Consumer<List<T>> write) {
    List<T> ordered = new ArrayList<>(all);
    for (int from = 0; from < ordered.size(); from += CHUNK) {
      write.accept(ordered.subList(from, Math.min(from + CHUNK, ordered.size())));
    }
  }
}
