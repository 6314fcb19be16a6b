package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.PLANS;
import static io.gatehouse.core.sql.schema.Tables.PLAN_CHANGES;
import static io.gatehouse.core.sql.schema.Tables.USER_PLANS;
import static org.jooq.impl.DSL.min;
import static org.jooq.impl.DSL.select;

import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.PlanAdmin;
import io.gatehouse.plan.PlanChange;
import io.gatehouse.plan.UserPlan;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Plans, and who is on them, in the database. Lists are shortest period first, and by meter. */
public final class SqlPlanStore implements PlanAdmin {

  /** When more changes happen at once, nodes are told that all users changed, and not of each. */
  static final int MOST_TOLD = 1000;

  private final SqlDatabase database;

  public SqlPlanStore(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public Optional<Plan> planOf(String user) {
    return database.read("read plan of user", db -> db
        .select(PLANS.fields())
        .from(USER_PLANS)
        .join(PLANS).on(PLANS.NAME.eq(USER_PLANS.PLAN))
        .where(USER_PLANS.USER_ID.eq(user))
        .fetchOptional(SqlPlanStore::plan));
  }

  @Override
  public List<Plan> plans() {
    return database.read("list plans", db -> db.select(PLANS.fields()).from(PLANS).fetch(SqlPlanStore::plan)).stream()
        .sorted(Comparator.comparing(Plan::name))
        .toList();
  }

  @Override
  public Optional<Plan> plan(String name) {
    return database.read("read plan", db -> db
        .select(PLANS.fields())
        .from(PLANS)
        .where(PLANS.NAME.eq(name))
        .fetchOptional(SqlPlanStore::plan));
  }

  @Override
  public void putPlan(Plan plan) {
    Map<Field<?>, @Nullable Object> row = row(plan);
    database.change("put plan", db -> {
      if (!exists(db, plan.name()) && db.fetchCount(PLANS) >= MOST_PLANS) {
        throw new IllegalArgumentException("plans: one more than " + MOST_PLANS + " (expected: at most so many)");
      }
      db.insertInto(PLANS)
          .set(PLANS.NAME, plan.name())
          .set(row)
          .onConflict(PLANS.NAME)
          .doUpdate()
          .set(row)
          .execute();
      return List.of(new Change(Topic.PLAN, plan.name()));
    });
  }

  @Override
  public Deletion deletePlan(String name) {
    AtomicReference<Deletion> deletion = new AtomicReference<>(Deletion.MISSING);
    database.change("delete plan", db -> {
      if (db.fetchExists(USER_PLANS, USER_PLANS.PLAN.eq(name))
          || db.fetchExists(PLAN_CHANGES, PLAN_CHANGES.PLAN.eq(name))) {
        deletion.set(Deletion.IN_USE);
        return List.of();
      }
      if (db.deleteFrom(PLANS).where(PLANS.NAME.eq(name)).execute() == 0) {
        return List.of();
      }
      deletion.set(Deletion.DELETED);
      return List.of(new Change(Topic.PLAN, name));
    });
    return deletion.get();
  }

  @Override
  public Map<String, UserPlan> userPlans(Collection<String> users) {
    return database.read("read plans of users", db -> {
      Map<String, UserPlan> all = new HashMap<>();
      // One statement, and so one moment: while a change happens, a user is on the plan of before or the next, not on none.
      db.select(USER_PLANS.USER_ID, USER_PLANS.PLAN, DSL.inline((Instant) null, PLAN_CHANGES.DUE_AT))
          .from(USER_PLANS)
          .where(USER_PLANS.USER_ID.in(users))
          .unionAll(select(PLAN_CHANGES.USER_ID, PLAN_CHANGES.PLAN, PLAN_CHANGES.DUE_AT)
              .from(PLAN_CHANGES)
              .where(PLAN_CHANGES.USER_ID.in(users)))
          .forEach(row -> all.merge(
              row.value1(), userPlan(Optional.ofNullable(row.value2()), row.value3()), SqlPlanStore::both));
      return Map.copyOf(all);
    });
  }

  @Override
  public void assign(String user, Optional<String> plan) {
    database.change("assign plan", db -> {
      SqlUserStore.require(db, user);
      require(db, plan);
      db.deleteFrom(USER_PLANS).where(USER_PLANS.USER_ID.eq(user)).execute();
      plan.ifPresent(name -> db
          .insertInto(USER_PLANS)
          .set(USER_PLANS.USER_ID, user)
          .set(USER_PLANS.PLAN, name)
          .execute());
      return SqlUserStore.changed(user);
    });
  }

  @Override
  public void schedule(String user, PlanChange change) {
    database.change("schedule plan", db -> {
      SqlUserStore.require(db, user);
      require(db, change.plan());
      Instant at = change.at().truncatedTo(ChronoUnit.MILLIS);
      db.insertInto(PLAN_CHANGES)
          .set(PLAN_CHANGES.USER_ID, user)
          .set(PLAN_CHANGES.PLAN, change.plan().orElse(null))
          .set(PLAN_CHANGES.DUE_AT, at)
          .onConflict(PLAN_CHANGES.USER_ID)
          .doUpdate()
          .set(PLAN_CHANGES.PLAN, change.plan().orElse(null))
          .set(PLAN_CHANGES.DUE_AT, at)
          .execute();
      return SqlUserStore.changed(user);
    });
  }

  @Override
  public boolean cancel(String user) {
    return database.change("cancel change of plan", db -> {
      int deleted = db.deleteFrom(PLAN_CHANGES).where(PLAN_CHANGES.USER_ID.eq(user)).execute();
      return deleted == 0 ? List.of() : SqlUserStore.changed(user);
    });
  }

  @Override
  public int carryOut() {
    if (!due()) {
      return 0;
    }
    AtomicInteger carriedOut = new AtomicInteger();
    // Changes of the database are made one after the other: of several nodes, the first finds the rows and the others none.
    database.change("change plans", db -> {
      Condition due = PLAN_CHANGES.DUE_AT.le(database.now(db));
      List<String> users =
          db.select(PLAN_CHANGES.USER_ID).from(PLAN_CHANGES).where(due).fetch(PLAN_CHANGES.USER_ID);
      if (users.isEmpty()) {
        return List.of();
      }
      db.deleteFrom(USER_PLANS)
          .where(USER_PLANS.USER_ID.in(select(PLAN_CHANGES.USER_ID).from(PLAN_CHANGES).where(due)))
          .execute();
      db.insertInto(USER_PLANS, USER_PLANS.USER_ID, USER_PLANS.PLAN)
          .select(select(PLAN_CHANGES.USER_ID, PLAN_CHANGES.PLAN)
              .from(PLAN_CHANGES)
              .where(due)
              .and(PLAN_CHANGES.PLAN.isNotNull()))
          .execute();
      db.deleteFrom(PLAN_CHANGES).where(due).execute();
      carriedOut.set(users.size());
      return users.size() > MOST_TOLD
          ? SqlUserStore.changed("")
          : users.stream().map(user -> new Change(Topic.USER, user)).toList();
    });
    return carriedOut.get();
  }

  private boolean due() {
    return database.read("look for due changes of plans", db -> {
      Instant first = db.select(min(PLAN_CHANGES.DUE_AT)).from(PLAN_CHANGES).fetchSingle().value1();
      return first != null && !first.isAfter(database.now(db));
    });
  }

  private static UserPlan userPlan(Optional<String> plan, @Nullable Instant at) {
    return at == null
        ? new UserPlan(plan, Optional.empty())
        : new UserPlan(Optional.empty(), Optional.of(new PlanChange(plan, at)));
  }

  private static UserPlan both(UserPlan a, UserPlan b) {
    return new UserPlan(a.plan().or(b::plan), a.next().or(b::next));
  }

  private static boolean exists(DSLContext db, String plan) {
    return db.fetchExists(PLANS, PLANS.NAME.eq(plan));
  }

  private static void require(DSLContext db, Optional<String> plan) {
    if (plan.isPresent() && !exists(db, plan.get())) {
      throw new IllegalArgumentException("plan: " + plan.get() + " (expected: the name of a plan)");
    }
  }

  private static Map<Field<?>, @Nullable Object> row(Plan plan) {
    Map<Field<?>, @Nullable Object> row = new HashMap<>();
    row.put(PLANS.TITLE, plan.title());
    row.put(PLANS.USER_LIMITS, plan.limitsOf(Level.USER).map(PlanText::ofLimits).orElse(null));
    row.put(PLANS.KEY_LIMITS, plan.limitsOf(Level.KEY).map(PlanText::ofLimits).orElse(null));
    row.put(PLANS.QUOTAS, plan.quotas().map(PlanText::ofQuotas).orElse(null));
    row.put(PLANS.SCOPES, PlanText.ofScopes(plan.scopes()));
    row.put(PLANS.OPTIONS, PlanText.ofOptions(plan.options()));
    return row;
  }

  /** The plan in a row with all columns of the table. */
  static Plan plan(Record row) {
    Map<Level, List<Limit>> limits = new EnumMap<>(Level.class);
    Optional.ofNullable(row.get(PLANS.USER_LIMITS)).map(PlanText::limits)
        .ifPresent(list -> limits.put(Level.USER, list));
    Optional.ofNullable(row.get(PLANS.KEY_LIMITS)).map(PlanText::limits).ifPresent(list -> limits.put(Level.KEY, list));
    return new Plan(
        row.get(PLANS.NAME),
        row.get(PLANS.TITLE),
        limits,
        Optional.ofNullable(row.get(PLANS.QUOTAS)).map(PlanText::quotas),
        PlanText.scopes(row.get(PLANS.SCOPES)),
        PlanText.options(row.get(PLANS.OPTIONS)));
  }
}
