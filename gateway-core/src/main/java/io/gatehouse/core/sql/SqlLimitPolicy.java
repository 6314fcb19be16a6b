package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.RATE_LIMITS;
import static io.gatehouse.core.sql.schema.Tables.USERS;

import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitAdmin;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.Record;
import org.jooq.Result;

/** The limits of users, in the database. */
public final class SqlLimitPolicy implements LimitAdmin {

  private final SqlDatabase database;

  public SqlLimitPolicy(SqlDatabase database) {
    this.database = database;
  }

  /** Shortest period first. */
  @Override
  public Optional<List<Limit>> limitsOf(String owner) {
    // One statement, and so one moment: two could see the mark of before a change and the limits of after it.
    Result<? extends Record> rows = database.read("read limits", db -> db
        .select(RATE_LIMITS.PERIOD_NANOS, RATE_LIMITS.PERMITS, RATE_LIMITS.BURST)
        .from(USERS)
        .leftJoin(RATE_LIMITS).on(RATE_LIMITS.USER_ID.eq(USERS.ID))
        .where(USERS.ID.eq(owner))
        .and(USERS.OWN_LIMITS)
        .orderBy(RATE_LIMITS.PERIOD_NANOS)
        .fetch());
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(rows.stream()
        .filter(row -> row.get(RATE_LIMITS.PERIOD_NANOS) != null)
        .map(row -> new Limit(
            row.get(RATE_LIMITS.PERMITS), row.get(RATE_LIMITS.PERIOD_NANOS), row.get(RATE_LIMITS.BURST)))
        .toList());
  }

  /** @throws IllegalArgumentException also when {@code owner} is not the id of a user */
  @Override
  public void replaceLimits(String owner, Optional<List<Limit>> limits) {
    List<Limit> fresh = limits.orElse(List.of());
    Set<Duration> periods = new HashSet<>();
    for (Limit limit : fresh) {
      if (!periods.add(limit.period())) {
        throw new IllegalArgumentException(
            "limits: two for " + limit.period() + " (expected: one for each period)");
      }
    }
    database.change("replace limits", db -> {
      SqlUserStore.require(db, owner);
      db.update(USERS).set(USERS.OWN_LIMITS, limits.isPresent()).where(USERS.ID.eq(owner)).execute();
      db.deleteFrom(RATE_LIMITS).where(RATE_LIMITS.USER_ID.eq(owner)).execute();
      for (Limit limit : fresh) {
        db.insertInto(RATE_LIMITS)
            .set(RATE_LIMITS.USER_ID, owner)
            .set(RATE_LIMITS.PERIOD_NANOS, limit.period())
            .set(RATE_LIMITS.PERMITS, limit.permits())
            .set(RATE_LIMITS.BURST, limit.burst())
            .execute();
      }
      return SqlUserStore.changed(owner);
    });
  }
}
