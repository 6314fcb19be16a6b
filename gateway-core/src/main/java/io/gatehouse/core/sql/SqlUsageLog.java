package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.QUOTA_USAGE;
import static java.util.stream.Collectors.groupingBy;
import static org.jooq.impl.DSL.excluded;
import static org.jooq.impl.DSL.greatest;
import static org.jooq.impl.DSL.sum;

import io.gatehouse.event.UsageLog;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.Window;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jooq.BatchBindStep;
import org.jooq.DSLContext;
import org.jooq.Query;

/**
 * What was used, in the database: a row for each source and key, which takes the larger of the old and new
 * numbers.
 */
public final class SqlUsageLog implements UsageLog {

  /** Rows in one round trip, and owners in one query. */
  private static final int CHUNK = 500;

  /** One order for all who write, so that two transactions never wait for each other's rows. */
  private static final Comparator<Row> ROW_ORDER = Comparator
      .comparing((Row row) -> row.key().owner())
      .thenComparing(row -> row.key().meter())
      .thenComparing(row -> row.key().window())
      .thenComparing(row -> row.key().period())
      .thenComparing(Row::source);

  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);

  private final SqlDatabase database;

  public SqlUsageLog(SqlDatabase database) {
    this.database = database;
  }

  /** All in one transaction. */
  @Override
  public void record(List<UsageRecord> records) {
    if (records.isEmpty()) {
      return;
    }
    TreeMap<Row, UsageRecord> largest = new TreeMap<>(ROW_ORDER);
    for (UsageRecord each : records) {
      largest.merge(new Row(each.source(), each.key()), each, SqlUsageLog::larger);
    }
    List<UsageRecord> ordered = List.copyOf(largest.values());
    database.write("record usage", db -> {
      for (int from = 0; from < ordered.size(); from += CHUNK) {
        upsert(db, ordered.subList(from, Math.min(from + CHUNK, ordered.size())));
      }
      return ordered.size();
    });
  }

  @Override
  public Map<QuotaKey, Long> totals(Collection<QuotaKey> keys, String source) {
    Map<QuotaKey, Long> totals = new HashMap<>();
    keys.forEach(key -> totals.put(key, 0L));
    byPeriod(keys, (period, owners) ->
        sums(period, owners, source).forEach((owner, total) -> totals.put(period.of(owner), total)));
    return totals;
  }

  @Override
  public List<UsageRecord> records(Collection<QuotaKey> keys) {
    List<UsageRecord> records = new ArrayList<>();
    byPeriod(keys, (period, owners) -> records.addAll(rows(period, owners)));
    return records;
  }

  private static void byPeriod(Collection<QuotaKey> keys, BiConsumer<Period, List<String>> query) {
    Map<Period, List<QuotaKey>> byPeriod = keys.stream().distinct()
        .collect(groupingBy(key -> new Period(key.meter(), key.window(), key.period())));
    byPeriod.forEach((period, ofPeriod) -> {
      List<String> owners = ofPeriod.stream().map(QuotaKey::owner).sorted().toList();
      for (int from = 0; from < owners.size(); from += CHUNK) {
        query.accept(period, owners.subList(from, Math.min(from + CHUNK, owners.size())));
      }
    });
  }

  private static void upsert(DSLContext db, List<UsageRecord> records) {
    BatchBindStep batch = db.batch(upsertOfOne(db));
    for (UsageRecord each : records) {
      QuotaKey key = each.key();
      batch = batch.bind(
          key.owner(), key.meter(), key.window(), key.period(), each.source(), each.added(), each.returned());
    }
    batch.execute();
  }

  private static Query upsertOfOne(DSLContext db) {
    return db.insertInto(QUOTA_USAGE,
            QUOTA_USAGE.OWNER, QUOTA_USAGE.METER, QUOTA_USAGE.PERIOD, QUOTA_USAGE.PERIOD_START,
            QUOTA_USAGE.SOURCE, QUOTA_USAGE.ADDED, QUOTA_USAGE.RETURNED)
        .values((String) null, null, null, null, null, null, null)
        .onConflict(
            QUOTA_USAGE.OWNER, QUOTA_USAGE.METER, QUOTA_USAGE.PERIOD, QUOTA_USAGE.PERIOD_START,
            QUOTA_USAGE.SOURCE)
        .doUpdate()
        .set(QUOTA_USAGE.ADDED, greatest(QUOTA_USAGE.ADDED, excluded(QUOTA_USAGE.ADDED)))
        .set(QUOTA_USAGE.RETURNED, greatest(QUOTA_USAGE.RETURNED, excluded(QUOTA_USAGE.RETURNED)));
  }

  private Map<String, Long> sums(Period period, List<String> owners, String source) {
    return database.read("read usage", db -> db
        .select(QUOTA_USAGE.OWNER, sum(QUOTA_USAGE.ADDED.minus(QUOTA_USAGE.RETURNED)))
        .from(QUOTA_USAGE)
        .where(QUOTA_USAGE.OWNER.in(owners))
        .and(QUOTA_USAGE.METER.eq(period.meter()))
        .and(QUOTA_USAGE.PERIOD.eq(period.window()))
        .and(QUOTA_USAGE.PERIOD_START.eq(period.period()))
        .and(QUOTA_USAGE.SOURCE.ne(source))
        .groupBy(QUOTA_USAGE.OWNER)
        .fetchMap(row -> row.value1(), row -> row.value2().min(MOST).longValue()));
  }

  private List<UsageRecord> rows(Period period, List<String> owners) {
    return database.read("read usage", db -> db
        .select(QUOTA_USAGE.OWNER, QUOTA_USAGE.SOURCE, QUOTA_USAGE.ADDED, QUOTA_USAGE.RETURNED)
        .from(QUOTA_USAGE)
        .where(QUOTA_USAGE.OWNER.in(owners))
        .and(QUOTA_USAGE.METER.eq(period.meter()))
        .and(QUOTA_USAGE.PERIOD.eq(period.window()))
        .and(QUOTA_USAGE.PERIOD_START.eq(period.period()))
        .fetch(row -> new UsageRecord(row.value2(), period.of(row.value1()), row.value3(), row.value4())));
  }

  private static UsageRecord larger(UsageRecord a, UsageRecord b) {
    return new UsageRecord(
        a.source(), a.key(), Math.max(a.added(), b.added()), Math.max(a.returned(), b.returned()));
  }

  private record Row(String source, QuotaKey key) {}

  private record Period(Meter meter, Window window, String period) {
    QuotaKey of(String owner) {
      return QuotaKey.of(owner, meter, window, period);
    }
  }
}
