package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.PLAN_CHANGES;
import static io.gatehouse.core.sql.schema.Tables.USERS;
import static io.gatehouse.core.sql.schema.Tables.USER_PLANS;
import static org.jooq.impl.DSL.noCondition;
import static org.jooq.impl.DSL.select;

import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.SelectJoinStep;

/** Users in the database. */
public final class SqlUserStore implements UserAdmin {

  private final SqlDatabase database;

  public SqlUserStore(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public void addUser(User user) {
    database.change("add user", db -> {
      if (exists(db, user.id())) {
        throw new IllegalArgumentException("id: " + user.id() + " (expected: one that no user has)");
      }
      requireFreeName(db, user);
      db.insertInto(USERS)
          .set(USERS.ID, user.id())
          .set(USERS.NAME, user.name())
          .set(USERS.NAME_KEY, nameKey(user.name()))
          .set(USERS.ENABLED, user.enabled())
          .set(USERS.OWN_QUOTAS, false)
          .set(USERS.CREATED_AT, user.createdAt())
          .set(USERS.TENANT, user.tenant().orElse(null))
          .execute();
      return changed(user.id());
    });
  }

  @Override
  public Optional<User> user(String id) {
    return database.read("read user", db -> selectUsers(db)
        .where(USERS.ID.eq(id))
        .fetchOptional(SqlUserStore::user));
  }

  @Override
  public Optional<User> userNamed(String name) {
    return database.read("find user by name", db -> selectUsers(db)
        .where(USERS.NAME_KEY.eq(nameKey(name)))
        .fetchOptional(SqlUserStore::user));
  }

  @Override
  public List<User> users(Question question, int most) {
    if (most < 1) {
      throw new IllegalArgumentException("most: " + most + " (expected: 1 or more)");
    }
    boolean newest = question.order() == Order.NEWEST;
    return database.read("list users", db -> selectUsers(db)
        .where(condition(question))
        .orderBy(newest ? USERS.ID.desc() : USERS.ID.asc())
        .limit(most)
        .fetch(SqlUserStore::user));
  }

  private static Condition condition(Question question) {
    Condition all = question.namePrefix().isEmpty()
        ? noCondition()
        : USERS.NAME_KEY.startsWith(nameKey(question.namePrefix()));
    all = all.and(question.tenant().map(USERS.TENANT::eq).orElse(noCondition()));
    all = all.and(question.enabled().map(USERS.ENABLED::eq).orElse(noCondition()));
    all = all.and(question.plan().map(SqlUserStore::on).orElse(noCondition()));
    if (question.after().isEmpty()) {
      return all;
    }
    return all.and(
        question.order() == Order.NEWEST ? USERS.ID.lt(question.after()) : USERS.ID.gt(question.after()));
  }

  private static Condition on(String plan) {
    return USERS.ID.in(
        select(USER_PLANS.USER_ID).from(USER_PLANS).where(USER_PLANS.PLAN.eq(plan))
            .unionAll(select(PLAN_CHANGES.USER_ID).from(PLAN_CHANGES).where(PLAN_CHANGES.PLAN.eq(plan))));
  }

  @Override
  public boolean updateUser(User user) {
    return database.change("update user", db -> {
      if (!exists(db, user.id())) {
        return List.of();
      }
      requireFreeName(db, user);
      db.update(USERS)
          .set(USERS.NAME, user.name())
          .set(USERS.NAME_KEY, nameKey(user.name()))
          .set(USERS.ENABLED, user.enabled())
          .set(USERS.TENANT, user.tenant().orElse(null))
          .where(USERS.ID.eq(user.id()))
          .execute();
      return changed(user.id());
    });
  }

  @Override
  public boolean deleteUser(String id) {
    return database.change("delete user", db -> {
      SqlLimitPolicy.forgetUser(db, id);
      SqlKeyStore.forgetRulesOfUser(db, id);
      SqlKeyStore.forgetUses(db, id);
      return db.deleteFrom(USERS).where(USERS.ID.eq(id)).execute() == 0 ? List.of() : changed(id);
    });
  }

  /**
   * Does nothing when the user is there.
   *
   * @throws IllegalArgumentException when not
   */
  static void require(DSLContext db, String id) {
    if (!exists(db, id)) {
      throw new IllegalArgumentException("user: " + id + " (expected: the id of a user)");
    }
  }

  /** What to enter into the change log when something of a user changed. */
  static List<Change> changed(String user) {
    return List.of(new Change(Topic.USER, user));
  }

  private static boolean exists(DSLContext db, String id) {
    return db.fetchExists(db.selectOne().from(USERS).where(USERS.ID.eq(id)));
  }

  private static void requireFreeName(DSLContext db, User user) {
    if (db.fetchExists(db.selectOne()
        .from(USERS)
        .where(USERS.NAME_KEY.eq(nameKey(user.name())))
        .and(USERS.ID.ne(user.id())))) {
      throw new IllegalArgumentException("name: " + user.name() + " (expected: one that no user has)");
    }
  }

  /** By way of the capitals, so that letters with two small forms are equal too. */
  private static String nameKey(String name) {
    return name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }

  private static SelectJoinStep<? extends Record> selectUsers(DSLContext db) {
    return db.select(USERS.ID, USERS.NAME, USERS.ENABLED, USERS.CREATED_AT, USERS.TENANT).from(USERS);
  }

  private static User user(Record row) {
    return new User(
        row.get(USERS.ID),
        row.get(USERS.NAME),
        row.get(USERS.ENABLED),
        row.get(USERS.CREATED_AT),
        Optional.ofNullable(row.get(USERS.TENANT)));
  }
}
