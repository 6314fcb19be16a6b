package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.ENDPOINT_MINUTES;
import static io.gatehouse.core.sql.schema.Tables.USAGE_MINUTES;
import static io.gatehouse.core.sql.schema.Tables.VIOLATIONS;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.min;
import static org.jooq.impl.DSL.select;
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
import java.util.function.Function;
import org.jooq.BatchBindStep;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.TableField;

/**
 * Traffic and violations in the database: a row for each minute and source, which takes the larger numbers. Traffic of
 * endpoints has a table of its own; it is added up with the other when it is read.
 */
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
      .thenComparing(TrafficRecord::endpoint)
      .thenComparing(TrafficRecord::source);

  private static final Comparator<Violation> VIOLATIONS_BY_TIME = Comparator
      .comparing(Violation::minute)
      .thenComparing(Violation::caller, CALLERS)
      .thenComparing(Violation::reason)
      .thenComparing(Violation::rule);

  private static final Comparator<ViolationRecord> VIOLATION_ORDER = Comparator
      .comparing(ViolationRecord::violation, VIOLATIONS_BY_TIME)
      .thenComparing(ViolationRecord::source);

  /** The columns of both tables of traffic, put together. */
  private static final Field<Long> MINUTE = of(USAGE_MINUTES.MINUTE_AT, Long.class);

  private static final Field<String> ENDPOINT = of(ENDPOINT_MINUTES.ENDPOINT, String.class);
  private static final Field<BigDecimal> REQUESTS = sum(of(USAGE_MINUTES.REQUESTS, Long.class));
  private static final Field<BigDecimal> REQUEST_BYTES = sum(of(USAGE_MINUTES.REQUEST_BYTES, Long.class));
  private static final Field<BigDecimal> RESPONSE_BYTES = sum(of(USAGE_MINUTES.RESPONSE_BYTES, Long.class));
  private static final Field<BigDecimal> ERRORS = sum(of(USAGE_MINUTES.ERRORS, Long.class));

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
    TreeMap<TrafficRecord, Traffic> uncovered = new TreeMap<>(TRAFFIC_ORDER);
    TreeMap<TrafficRecord, Traffic> covered = new TreeMap<>(TRAFFIC_ORDER);
    for (TrafficRecord each : traffic) {
      (each.endpoint().isEmpty() ? uncovered : covered).merge(each, each.traffic(), Traffic::larger);
    }
    TreeMap<ViolationRecord, Long> most = new TreeMap<>(VIOLATION_ORDER);
    violations.forEach(each -> most.merge(each, each.count(), Math::max));
    database.write("record traffic", db -> {
      write(db, uncoveredUpsert(db), uncovered.entrySet(), each -> {
        TrafficRecord key = each.getKey();
        Traffic sum = each.getValue();
        return new Object[] {
          key.caller().user(), key.minute(), key.caller().key(), key.source(),
          sum.requests(), sum.requestBytes(), sum.responseBytes(), sum.errors()
        };
      });
      write(db, coveredUpsert(db), covered.entrySet(), each -> {
        TrafficRecord key = each.getKey();
        Traffic sum = each.getValue();
        return new Object[] {
          key.caller().user(), key.minute(), key.caller().key(), key.endpoint(), key.source(),
          sum.requests(), sum.requestBytes(), sum.responseBytes(), sum.errors()
        };
      });
      write(db, violationUpsert(db), most.entrySet(), each -> {
        Violation key = each.getKey().violation();
        return new Object[] {
          key.caller().user(), key.minute(), key.caller().key(), key.reason(), key.rule(),
          each.getKey().source(), each.getValue()
        };
      });
      return null;
    });
  }

  @Override
  public SortedMap<Instant, Traffic> traffic(String user, Instant from, Instant to, Duration grain) {
    Field<Long> row = row(grain);
    SortedMap<Instant, Traffic> rows = new TreeMap<>();
    database.read("read traffic", db -> db
            .select(row, REQUESTS, REQUEST_BYTES, RESPONSE_BYTES, ERRORS)
            .from(minutes(user, from, to))
            .groupBy(row)
            .fetch())
        .forEach(each -> rows.put(start(each.get(row), grain), traffic(each)));
    return rows;
  }

  @Override
  public SortedMap<Instant, SortedMap<String, Traffic>> trafficByEndpoint(
      String user, Instant from, Instant to, Duration grain) {
    Field<Long> row = row(grain);
    SortedMap<Instant, SortedMap<String, Traffic>> rows = new TreeMap<>();
    database.read("read traffic by endpoint", db -> db
            .select(row, ENDPOINT, REQUESTS, REQUEST_BYTES, RESPONSE_BYTES, ERRORS)
            .from(minutes(user, from, to))
            .groupBy(row, ENDPOINT)
            .fetch())
        .forEach(each -> rows
            .computeIfAbsent(start(each.get(row), grain), start -> new TreeMap<>())
            .put(each.get(ENDPOINT), traffic(each)));
    return rows;
  }

  /** Which row of so many minutes a minute belongs to, counted since 1970. */
  private static Field<Long> row(Duration grain) {
    if (grain.isNegative() || grain.isZero() || !grain.equals(Duration.ofMinutes(grain.toMinutes()))) {
      throw new IllegalArgumentException("grain: " + grain + " (expected: whole minutes)");
    }
    // Whole numbers are divided without a remainder in both databases. Inline, since PostgreSQL takes two parameters for
    // two different expressions, and would not group by the one and select the other.
    return MINUTE.div(inline(grain.toMillis()));
  }

  private static Instant start(long row, Duration grain) {
    return Instant.ofEpochMilli(row * grain.toMillis());
  }

  /** Both tables of traffic as one. */
  private static Table<?> minutes(String user, Instant from, Instant to) {
    return select(
            USAGE_MINUTES.MINUTE_AT, inline("").as(ENDPOINT), USAGE_MINUTES.REQUESTS, USAGE_MINUTES.REQUEST_BYTES,
            USAGE_MINUTES.RESPONSE_BYTES, USAGE_MINUTES.ERRORS)
        .from(USAGE_MINUTES)
        .where(USAGE_MINUTES.USER_ID.eq(user))
        .and(USAGE_MINUTES.MINUTE_AT.ge(from))
        .and(USAGE_MINUTES.MINUTE_AT.lt(to))
        .unionAll(select(
                ENDPOINT_MINUTES.MINUTE_AT, ENDPOINT_MINUTES.ENDPOINT, ENDPOINT_MINUTES.REQUESTS,
                ENDPOINT_MINUTES.REQUEST_BYTES, ENDPOINT_MINUTES.RESPONSE_BYTES, ENDPOINT_MINUTES.ERRORS)
            .from(ENDPOINT_MINUTES)
            .where(ENDPOINT_MINUTES.USER_ID.eq(user))
            .and(ENDPOINT_MINUTES.MINUTE_AT.ge(from))
            .and(ENDPOINT_MINUTES.MINUTE_AT.lt(to)))
        .asTable("minutes");
  }

  private static Traffic traffic(Record row) {
    return new Traffic(
        count(row.get(REQUESTS)),
        count(row.get(REQUEST_BYTES)),
        count(row.get(RESPONSE_BYTES)),
        count(row.get(ERRORS)));
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
    forget(ENDPOINT_MINUTES, ENDPOINT_MINUTES.MINUTE_AT, before);
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

  private static Query uncoveredUpsert(DSLContext db) {
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

  private static Query coveredUpsert(DSLContext db) {
    return db.insertInto(ENDPOINT_MINUTES,
            ENDPOINT_MINUTES.USER_ID, ENDPOINT_MINUTES.MINUTE_AT, ENDPOINT_MINUTES.KEY_ID, ENDPOINT_MINUTES.ENDPOINT,
            ENDPOINT_MINUTES.SOURCE, ENDPOINT_MINUTES.REQUESTS, ENDPOINT_MINUTES.REQUEST_BYTES,
            ENDPOINT_MINUTES.RESPONSE_BYTES, ENDPOINT_MINUTES.ERRORS)
        .values((String) null, null, null, null, null, null, null, null, null)
        .onConflict(
            ENDPOINT_MINUTES.USER_ID, ENDPOINT_MINUTES.MINUTE_AT, ENDPOINT_MINUTES.KEY_ID,
            ENDPOINT_MINUTES.ENDPOINT, ENDPOINT_MINUTES.SOURCE)
        .doUpdate()
        .set(ENDPOINT_MINUTES.REQUESTS, larger(ENDPOINT_MINUTES.REQUESTS))
        .set(ENDPOINT_MINUTES.REQUEST_BYTES, larger(ENDPOINT_MINUTES.REQUEST_BYTES))
        .set(ENDPOINT_MINUTES.RESPONSE_BYTES, larger(ENDPOINT_MINUTES.RESPONSE_BYTES))
        .set(ENDPOINT_MINUTES.ERRORS, larger(ENDPOINT_MINUTES.ERRORS));
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

  private static <T> Field<T> of(Field<?> column, Class<T> type) {
    return field(column.getUnqualifiedName(), type);
  }

  /** Writes rows in the order in which they come, a chunk at a time. */
  private static <T> void write(DSLContext db, Query upsert, Collection<T> all, Function<T, Object[]> values) {
    List<T> ordered = new ArrayList<>(all);
    for (int from = 0; from < ordered.size(); from += CHUNK) {
      BatchBindStep batch = db.batch(upsert);
      for (T each : ordered.subList(from, Math.min(from + CHUNK, ordered.size()))) {
        batch = batch.bind(values.apply(each));
      }
      batch.execute();
    }
  }
}
