package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.RATE_LIMITS;
import static io.gatehouse.core.sql.schema.Tables.SHADOW_LIMITS;
import static io.gatehouse.core.sql.schema.Tables.USERS;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.inline;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.select;

import io.gatehouse.Enforcement;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitAdmin;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.Table;

/** The limits of users, in the database. */
public final class SqlLimitPolicy implements LimitAdmin {

  /** Of a row, from which of the two tables it is. */
  private static final Field<String> ENFORCEMENT = field(name("enforcement"), String.class);

  private final SqlDatabase database;

  public SqlLimitPolicy(SqlDatabase database) {
    this.database = database;
  }

  /** Shortest period first. */
  @Override
  public Optional<List<Limit>> limitsOf(String owner) {
    // One statement, and so one moment: two could see the mark of before a change and the limits of after it.
    Result<? extends Record> rows = database.read("read limits", db -> {
      Table<?> limits = limits(owner);
      return db
          .select(limits.fields())
          .from(USERS)
          .leftJoin(limits).on(limits.field(RATE_LIMITS.USER_ID).eq(USERS.ID))
          .where(USERS.ID.eq(owner))
          .and(USERS.OWN_LIMITS)
          .orderBy(limits.field(RATE_LIMITS.PERIOD_NANOS), limits.field(ENFORCEMENT))
          .fetch();
    });
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(rows.stream()
        .filter(row -> row.get(RATE_LIMITS.PERIOD_NANOS) != null)
        .map(row -> new Limit(
            row.get(RATE_LIMITS.PERMITS),
            row.get(RATE_LIMITS.PERIOD_NANOS),
            row.get(RATE_LIMITS.BURST),
            Algorithm.TOKEN_BUCKET,
            Enforcement.valueOf(row.get(ENFORCEMENT))))
        .toList());
  }

  private static Table<?> limits(String owner) {
    return select(
            RATE_LIMITS.USER_ID,
            RATE_LIMITS.PERIOD_NANOS,
            RATE_LIMITS.PERMITS,
            RATE_LIMITS.BURST,
            inline(Enforcement.ENFORCED.name()).as(ENFORCEMENT))
        .from(RATE_LIMITS)
        .where(RATE_LIMITS.USER_ID.eq(owner))
        .unionAll(
            select(
                SHADOW_LIMITS.USER_ID,
                SHADOW_LIMITS.PERIOD_NANOS,
                SHADOW_LIMITS.PERMITS,
                SHADOW_LIMITS.BURST,
                inline(Enforcement.SHADOW.name()).as(ENFORCEMENT))
            .from(SHADOW_LIMITS)
            .where(SHADOW_LIMITS.USER_ID.eq(owner)))
        .asTable(RATE_LIMITS.getName());
  }

  /** @throws IllegalArgumentException also when {@code owner} is not the id of a user */
  @Override
  public void replaceLimits(String owner, Optional<List<Limit>> limits) {
    List<Limit> fresh = limits.orElse(List.of());
    Set<List<Object>> periods = new HashSet<>();
    for (Limit limit : fresh) {
      if (!periods.add(List.of(limit.period(), limit.enforcement()))) {
        throw new IllegalArgumentException(
            "limits: two for " + limit.period() + " (expected: one for each period)");
      }
    }
    database.change("replace limits", db -> {
      SqlUserStore.require(db, owner);
      db.update(USERS).set(USERS.OWN_LIMITS, limits.isPresent()).where(USERS.ID.eq(owner)).execute();
      db.deleteFrom(RATE_LIMITS).where(RATE_LIMITS.USER_ID.eq(owner)).execute();
      db.deleteFrom(SHADOW_LIMITS).where(SHADOW_LIMITS.USER_ID.eq(owner)).execute();
      for (Limit limit : fresh) {
        if (limit.isShadow()) {
          db.insertInto(SHADOW_LIMITS)
              .set(SHADOW_LIMITS.USER_ID, owner)
              .set(SHADOW_LIMITS.PERIOD_NANOS, limit.period())
              .set(SHADOW_LIMITS.PERMITS, limit.permits())
              .set(SHADOW_LIMITS.BURST, limit.burst())
              .execute();
        } else {
          db.insertInto(RATE_LIMITS)
              .set(RATE_LIMITS.USER_ID, owner)
              .set(RATE_LIMITS.PERIOD_NANOS, limit.period())
              .set(RATE_LIMITS.PERMITS, limit.permits())
              .set(RATE_LIMITS.BURST, limit.burst())
              .execute();
        }
      }
      return SqlUserStore.changed(owner);
    });
  }
}
