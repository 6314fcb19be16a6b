package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.PLAN_CHANGES;
import static io.gatehouse.core.sql.schema.Tables.USERS;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.key.User;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.PlanChange;
import io.gatehouse.plan.UserPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What other nodes hear of plans, and that of all nodes one carries a change out. */
abstract class SqlPlanStoreTest {

  private static final Optional<String> PRO = Optional.of("pro");

  /** Over by the clock of any server. */
  private static final PlanChange DUE = new PlanChange(PRO, Instant.EPOCH);

  final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-24T12:00:00Z"));
  private final SqlDatabase.Dialect dialect;
  private final List<Change> heard = new ArrayList<>();
  private TestDatabases databases;
  SqlDatabase here;
  private SqlDatabase there;
  private SqlChangeFeed feed;

  SqlPlanStoreTest(SqlDatabase.Dialect dialect) {
    this.dialect = dialect;
  }

  @BeforeEach
  void open() {
    databases = TestDatabases.of(dialect);
    here = databases.open(databases.builder().clock(now::get));
    here.migrate();
    there = databases.open(databases.builder().clock(now::get));
    new SqlUserStore(here).addUser(new User("u1", "u1", true, Instant.EPOCH));
    new SqlPlanStore(here).putPlan(new Plan("pro"));
    feed = SqlChangeFeed.create(there, Duration.ofHours(1), heard::add);
  }

  @AfterEach
  void close() {
    databases.close();
  }

  @Test
  void every_change_is_told_once_and_nothing_else_is() {
    SqlPlanStore plans = new SqlPlanStore(here);
    Change plan = new Change(Topic.PLAN, "pro");
    Change user = new Change(Topic.USER, "u1");

    plans.putPlan(new Plan("pro"));
    plans.assign("u1", PRO);
    plans.schedule("u1", new PlanChange(Optional.empty(), Instant.parse("2999-01-01T00:00:00Z")));
    plans.cancel("u1");
    plans.cancel("u1");
    plans.deletePlan("pro");
    plans.deletePlan("none");
    plans.carryOut();
    plans.assign("u1", Optional.empty());
    plans.deletePlan("pro");

    assertThat(feed.poll()).isTrue();
    assertThat(heard).containsExactly(plan, user, user, user, user, plan);
  }

  @Test
  void of_two_nodes_that_find_a_change_due_at_once_one_carries_it_out_and_all_hear_of_it() throws Exception {
    SqlPlanStore plans = new SqlPlanStore(here);
    ExecutorService nodes = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 20; round++) {
        plans.assign("u1", Optional.empty());
        plans.schedule("u1", DUE);
        feed.poll();
        heard.clear();
        CountDownLatch go = new CountDownLatch(1);
        List<Future<Integer>> carriedOut = new ArrayList<>();
        for (SqlDatabase node : List.of(here, there)) {
          carriedOut.add(nodes.submit(() -> {
            go.await();
            return new SqlPlanStore(node).carryOut();
          }));
        }
        go.countDown();

        assertThat(carriedOut.get(0).get() + carriedOut.get(1).get()).isEqualTo(1);
        feed.poll();
        assertThat(heard).containsExactly(new Change(Topic.USER, "u1"));
        assertThat(plans.userPlan("u1")).isEqualTo(new UserPlan(PRO, Optional.empty()));
      }
    } finally {
      nodes.shutdownNow();
    }
  }

  @Test
  void a_change_waits_for_the_next_start() {
    new SqlPlanStore(here).schedule("u1", DUE);

    SqlPlanStore again = new SqlPlanStore(databases.open());

    assertThat(again.userPlan("u1").next()).contains(DUE);
    assertThat(again.carryOut()).isEqualTo(1);
    assertThat(again.planOf("u1")).contains(new Plan("pro"));
  }

  @Test
  void more_changes_at_once_than_are_told_one_by_one_are_told_as_a_change_of_all_users() {
    int many = SqlPlanStore.MOST_TOLD + 1;
    here.write("add many", db -> {
      for (int i = 0; i < many; i++) {
        db.insertInto(USERS)
            .set(USERS.ID, "m" + i)
            .set(USERS.NAME, "m" + i)
            .set(USERS.NAME_KEY, "m" + i)
            .set(USERS.ENABLED, true)
            .set(USERS.OWN_QUOTAS, false)
            .set(USERS.CREATED_AT, Instant.EPOCH)
            .execute();
        db.insertInto(PLAN_CHANGES)
            .set(PLAN_CHANGES.USER_ID, "m" + i)
            .set(PLAN_CHANGES.PLAN, "pro")
            .set(PLAN_CHANGES.DUE_AT, Instant.EPOCH)
            .execute();
      }
      return many;
    });
    SqlPlanStore plans = new SqlPlanStore(here);

    assertThat(plans.carryOut()).isEqualTo(many);

    feed.poll();
    assertThat(heard).containsExactly(new Change(Topic.USER, ""));
    assertThat(plans.userPlan("m" + (many - 1))).isEqualTo(new UserPlan(PRO, Optional.empty()));
    assertThat(plans.carryOut()).isZero();
  }
}
