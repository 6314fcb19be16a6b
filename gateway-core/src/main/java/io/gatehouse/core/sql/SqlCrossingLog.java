package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.QUOTA_CROSSINGS;
import static java.util.stream.Collectors.groupingBy;

import io.gatehouse.event.Crossing;
import io.gatehouse.event.CrossingLog;
import io.gatehouse.quota.QuotaKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jooq.Condition;

/** Which thresholds of quotas were crossed, in the database: the row decides who was first. */
public final class SqlCrossingLog implements CrossingLog {

  private final SqlDatabase database;

  public SqlCrossingLog(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public boolean first(Crossing crossing) {
    QuotaKey key = crossing.key();
    return database.write("record crossing", db -> db
        .insertInto(QUOTA_CROSSINGS)
        .set(QUOTA_CROSSINGS.OWNER, key.owner())
        .set(QUOTA_CROSSINGS.METER, key.meter())
        .set(QUOTA_CROSSINGS.PERIOD, key.window())
        .set(QUOTA_CROSSINGS.PERIOD_START, key.period())
        .set(QUOTA_CROSSINGS.PERCENT, crossing.percent())
        .set(QUOTA_CROSSINGS.MOST, crossing.most())
        .set(QUOTA_CROSSINGS.USED, crossing.used())
        .set(QUOTA_CROSSINGS.CROSSED_AT, crossing.at())
        .onConflict(
            QUOTA_CROSSINGS.OWNER,
            QUOTA_CROSSINGS.METER,
            QUOTA_CROSSINGS.PERIOD,
            QUOTA_CROSSINGS.PERIOD_START,
            QUOTA_CROSSINGS.PERCENT)
        .doUpdate()
        .set(QUOTA_CROSSINGS.MOST, crossing.most())
        .set(QUOTA_CROSSINGS.USED, crossing.used())
        .set(QUOTA_CROSSINGS.CROSSED_AT, crossing.at())
        .where(QUOTA_CROSSINGS.USED.lt(crossing.level())) // Crossing.outdates
        .execute()) == 1;
  }

  @Override
  public List<Crossing> crossings(Collection<QuotaKey> keys) {
    List<Crossing> crossings = new ArrayList<>();
    keys.stream().distinct().collect(groupingBy(QuotaKey::owner)).forEach(
        (owner, ofOwner) -> crossings.addAll(crossings(owner, ofOwner)));
    return crossings;
  }

  private List<Crossing> crossings(String owner, List<QuotaKey> keys) {
    Condition any = keys.stream().map(SqlCrossingLog::isOf).reduce(Condition::or).orElseThrow();
    return database.read("read crossings", db -> db
        .selectFrom(QUOTA_CROSSINGS)
        .where(QUOTA_CROSSINGS.OWNER.eq(owner))
        .and(any)
        .orderBy(
            QUOTA_CROSSINGS.METER, QUOTA_CROSSINGS.PERIOD, QUOTA_CROSSINGS.PERIOD_START, QUOTA_CROSSINGS.PERCENT)
        .fetch(row -> new Crossing(
            QuotaKey.of(
                owner,
                row.get(QUOTA_CROSSINGS.METER),
                row.get(QUOTA_CROSSINGS.PERIOD),
                row.get(QUOTA_CROSSINGS.PERIOD_START)),
            row.get(QUOTA_CROSSINGS.PERCENT),
            row.get(QUOTA_CROSSINGS.MOST),
            row.get(QUOTA_CROSSINGS.USED),
            row.get(QUOTA_CROSSINGS.CROSSED_AT))));
  }

  private static Condition isOf(QuotaKey key) {
    return QUOTA_CROSSINGS.METER.eq(key.meter())
        .and(QUOTA_CROSSINGS.PERIOD.eq(key.window()))
        .and(QUOTA_CROSSINGS.PERIOD_START.eq(key.period()));
  }
}
