package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.LIMITED_OWNERS;
import static io.gatehouse.core.sql.schema.Tables.OWN_LIMITS;

import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitAdmin;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Record1;
import org.jooq.Result;
import org.jooq.Select;

/** The limits of users, keys and tenants, in the database. */
public final class SqlLimitPolicy implements LimitAdmin {

  static final Comparator<Limit> IN_ORDER =
      Comparator.comparing(Limit::period).thenComparing(Limit::algorithm).thenComparing(Limit::enforcement);

  private final SqlDatabase database;

  public SqlLimitPolicy(SqlDatabase database) {
    this.database = database;
  }

  /** Shortest period first. */
  @Override
  public Optional<List<Limit>> limitsOf(Level level, String owner) {
    // One statement, and so one moment: two could see the mark of before a change and the limits of after it.
    Result<? extends Record> rows = database.read("read limits", db -> db
        .select(OWN_LIMITS.fields())
        .from(LIMITED_OWNERS)
        .leftJoin(OWN_LIMITS)
        .on(OWN_LIMITS.OWNER_LEVEL.eq(LIMITED_OWNERS.OWNER_LEVEL))
        .and(OWN_LIMITS.OWNER.eq(LIMITED_OWNERS.OWNER))
        .where(LIMITED_OWNERS.OWNER_LEVEL.eq(level))
        .and(LIMITED_OWNERS.OWNER.eq(owner))
        .fetch());
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(rows.stream()
        .filter(row -> row.get(OWN_LIMITS.PERIOD_NANOS) != null)
        .map(row -> new Limit(
            row.get(OWN_LIMITS.PERMITS),
            row.get(OWN_LIMITS.PERIOD_NANOS),
            row.get(OWN_LIMITS.BURST),
            row.get(OWN_LIMITS.ALGORITHM),
            row.get(OWN_LIMITS.ENFORCEMENT)))
        .sorted(IN_ORDER)
        .toList());
  }

  /** @throws IllegalArgumentException also when {@code owner} is not the id of a user, or no key has that lineage */
  @Override
  public void replaceLimits(Level level, String owner, Optional<List<Limit>> limits) {
    List<Limit> fresh = List.copyOf(limits.orElse(List.of()));
    requireDistinct(fresh);
    database.change("replace limits", db -> {
      Change change = changeOf(db, level, owner);
      db.deleteFrom(LIMITED_OWNERS).where(isOwner(level, owner)).execute();
      if (limits.isPresent()) {
        db.insertInto(LIMITED_OWNERS)
            .set(LIMITED_OWNERS.OWNER_LEVEL, level)
            .set(LIMITED_OWNERS.OWNER, owner)
            .execute();
      }
      for (Limit limit : fresh) {
        db.insertInto(OWN_LIMITS)
            .set(OWN_LIMITS.OWNER_LEVEL, level)
            .set(OWN_LIMITS.OWNER, owner)
            .set(OWN_LIMITS.ALGORITHM, limit.algorithm())
            .set(OWN_LIMITS.PERIOD_NANOS, limit.period())
            .set(OWN_LIMITS.ENFORCEMENT, limit.enforcement())
            .set(OWN_LIMITS.PERMITS, limit.permits())
            .set(OWN_LIMITS.BURST, limit.burst())
            .execute();
      }
      return List.of(change);
    });
  }

  /** What to enter into the change log; also finds out whether the owner is there. */
  private static Change changeOf(DSLContext db, Level level, String owner) {
    return switch (level) {
      case USER -> {
        SqlUserStore.require(db, owner);
        yield new Change(Topic.USER, owner);
      }
      case KEY -> new Change(Topic.USER, SqlKeyStore.userOfLineage(db, owner));
      case TENANT -> new Change(Topic.TENANT, owner);
    };
  }

  /** Forgets the limits of a user who is about to be deleted. */
  static void forgetUser(DSLContext db, String user) {
    db.deleteFrom(LIMITED_OWNERS).where(isOwner(Level.USER, user)).execute();
  }

  /** Forgets the limits of keys that are about to be deleted. */
  static void forgetKeys(DSLContext db, Select<Record1<String>> lineages) {
    db.deleteFrom(LIMITED_OWNERS)
        .where(LIMITED_OWNERS.OWNER_LEVEL.eq(Level.KEY))
        .and(LIMITED_OWNERS.OWNER.in(lineages))
        .execute();
  }

  private static Condition isOwner(Level level, String owner) {
    return LIMITED_OWNERS.OWNER_LEVEL.eq(level).and(LIMITED_OWNERS.OWNER.eq(owner));
  }

  private static void requireDistinct(List<Limit> limits) {
    for (int i = 0; i < limits.size(); i++) {
      for (Limit other : limits.subList(0, i)) {
        if (limits.get(i).excludes(other)) {
          throw new IllegalArgumentException("limits: two that count alike for " + other.period() + " (expected: one)");
        }
      }
    }
  }
}
