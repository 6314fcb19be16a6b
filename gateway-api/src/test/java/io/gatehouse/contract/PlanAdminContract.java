package io.gatehouse.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.PlanAdmin;
import io.gatehouse.plan.PlanAdmin.Deletion;
import io.gatehouse.plan.PlanChange;
import io.gatehouse.plan.UserPlan;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link PlanAdmin} keeps. Nobody else has plans carried out while it is tested. */
public abstract class PlanAdminContract extends StoreContract {

  private static final Duration HOUR = Duration.ofHours(1);

  /** The store under test; the same one whenever it is asked for within a test. */
  protected abstract PlanAdmin plans();

  /** The store of the same users. */
  protected abstract UserAdmin users();

  /** Has so much time pass for the store, which is what its changes wait for. */
  protected abstract void pass(Duration time) throws Exception;

  @Test
  void a_plan_is_kept_exactly_and_found_by_its_name() {
    Plan plan = whole(fresh("pro"));

    plans().putPlan(plan);

    assertThat(plans().plan(plan.name())).contains(plan);
    assertThat(plans().plans()).contains(plan);
    assertThat(plans().plan(fresh("other"))).isEmpty();
  }

  @Test
  void what_is_not_said_is_not_the_same_as_nothing() {
    Plan silent = new Plan(fresh("silent"));
    Plan lifting = new Plan(
        fresh("lifting"), "", Map.of(Level.USER, List.of(), Level.KEY, List.of()), Optional.of(List.of()), Set.of(),
        Map.of("empty", ""));

    plans().putPlan(silent);
    plans().putPlan(lifting);

    assertThat(plans().plan(silent.name())).contains(silent);
    assertThat(plans().plan(lifting.name())).contains(lifting);
  }

  @Test
  void plans_are_listed_by_name_byte_by_byte() {
    String end = fresh("x");
    List<String> names = List.of("a-b" + end, "a.b" + end, "a0" + end, "a_b" + end, "ab" + end);
    for (int i = names.size(); i > 0; i--) {
      plans().putPlan(new Plan(names.get(i - 1)));
    }

    assertThat(plans().plans()).extracting(Plan::name).filteredOn(names::contains).containsExactlyElementsOf(names);
  }

  @Test
  void limits_and_quotas_come_back_in_one_order() {
    Limit minute = Limit.of(9, Duration.ofMinutes(1));
    Limit second = Limit.of(2, Duration.ofSeconds(1));
    Quota bytes = new Quota(Meter.BYTES, Window.DAY, 5);
    Quota requests = new Quota(Meter.REQUESTS, Window.DAY, 5);
    String name = fresh("ordered");

    plans().putPlan(new Plan(
        name, "", Map.of(Level.USER, List.of(minute, second)), Optional.of(List.of(bytes, requests)), Set.of(),
        Map.of()));

    Plan read = plans().plan(name).orElseThrow();
    assertThat(read.limitsOf(Level.USER).orElseThrow()).containsExactlyInAnyOrder(second, minute);
    assertThat(read.quotas().orElseThrow()).containsExactlyInAnyOrder(requests, bytes);
    assertThat(plans().plan(name)).contains(read);
  }

  @Test
  void those_on_a_plan_are_found_and_those_who_will_be_too() {
    String name = fresh("sought");
    String other = fresh("other");
    plans().putPlan(new Plan(name));
    plans().putPlan(new Plan(other));
    String on = user();
    String both = user();
    String later = user();
    String elsewhere = user();
    plans().assign(on, Optional.of(name));
    plans().assign(both, Optional.of(name));
    plans().schedule(both, new PlanChange(Optional.of(name), SettableClock.START.plus(Duration.ofDays(36_500))));
    plans().schedule(later, new PlanChange(Optional.of(name), SettableClock.START.plus(Duration.ofDays(36_500))));
    plans().assign(elsewhere, Optional.of(other));
    UserAdmin.Question question = UserAdmin.Question.everybody().on(name);

    List<User> found = users().users(question, 9);

    assertThat(found).extracting(User::id).containsExactlyInAnyOrder(on, both, later);
    assertThat(users().users(question, 2)).isEqualTo(found.subList(0, 2));
    assertThat(users().users(question.after(found.get(1).id()), 9)).isEqualTo(found.subList(2, 3));
    assertThat(users().users(question.enabled(false), 9)).isEmpty();
    assertThat(users().users(question.on(fresh("nobodys")), 9)).isEmpty();
  }

  @Test
  void a_plan_that_is_put_again_is_another_one_for_all_who_are_on_it() {
    String user = user();
    String name = fresh("changed");
    plans().putPlan(whole(name));
    plans().assign(user, Optional.of(name));

    Plan other = new Plan(name, "less", Map.of(), Optional.empty(), Set.of("GET"), Map.of());
    plans().putPlan(other);

    assertThat(plans().planOf(user)).contains(other);
  }

  @Test
  void a_user_is_on_one_plan_or_none() {
    String user = user();
    Plan free = kept("free");
    Plan pro = kept("pro");
    assertThat(plans().planOf(user)).isEmpty();
    assertThat(plans().userPlan(user)).isEqualTo(UserPlan.NONE);

    plans().assign(user, Optional.of(free.name()));
    assertThat(plans().planOf(user)).contains(free);
    assertThat(plans().userPlan(user)).isEqualTo(new UserPlan(Optional.of(free.name()), Optional.empty()));

    plans().assign(user, Optional.of(pro.name()));
    plans().assign(user, Optional.of(pro.name()));
    assertThat(plans().planOf(user)).contains(pro);

    plans().assign(user, Optional.empty());
    plans().assign(user, Optional.empty());
    assertThat(plans().planOf(user)).isEmpty();
    assertThat(plans().userPlan(user)).isEqualTo(UserPlan.NONE);
  }

  @Test
  void nobody_is_put_on_a_plan_that_is_not_there_nor_is_nobody_put_on_a_plan() {
    String user = user();
    Plan plan = kept("pro");
    Optional<String> missing = Optional.of(fresh("missing"));
    PlanChange change = new PlanChange(Optional.of(plan.name()), inAnHour());

    assertThatThrownBy(() -> plans().assign(user, missing)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> plans().schedule(user, new PlanChange(missing, inAnHour())))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> plans().assign(fresh("nobody"), Optional.of(plan.name())))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> plans().schedule(fresh("nobody"), change)).isInstanceOf(IllegalArgumentException.class);

    assertThat(plans().userPlan(user)).isEqualTo(UserPlan.NONE);
  }

  @Test
  void a_change_happens_when_its_moment_has_come_and_once() throws Exception {
    String user = user();
    Plan free = kept("free");
    Plan pro = kept("pro");
    PlanChange change = new PlanChange(Optional.of(pro.name()), inAnHour());
    plans().assign(user, Optional.of(free.name()));
    plans().schedule(user, change);

    assertThat(plans().carryOut()).isZero();
    assertThat(plans().planOf(user)).contains(free);
    assertThat(plans().userPlan(user)).isEqualTo(new UserPlan(Optional.of(free.name()), Optional.of(change)));

    pass(HOUR.plusMinutes(1));
    assertThat(plans().planOf(user)).contains(free);
    assertThat(plans().carryOut()).isEqualTo(1);
    assertThat(plans().planOf(user)).contains(pro);
    assertThat(plans().userPlan(user)).isEqualTo(new UserPlan(Optional.of(pro.name()), Optional.empty()));

    plans().assign(user, Optional.of(free.name()));
    assertThat(plans().carryOut()).isZero();
    assertThat(plans().planOf(user)).contains(free);
  }

  @Test
  void a_change_may_take_a_user_off_any_plan_or_put_one_on_their_first() throws Exception {
    String leaving = user();
    String coming = user();
    Plan trial = kept("trial");
    plans().assign(leaving, Optional.of(trial.name()));
    plans().schedule(leaving, new PlanChange(Optional.empty(), inAnHour()));
    plans().schedule(coming, new PlanChange(Optional.of(trial.name()), inAnHour()));
    assertThat(plans().planOf(coming)).isEmpty();

    pass(HOUR.plusMinutes(1));
    assertThat(plans().carryOut()).isEqualTo(2);

    assertThat(plans().userPlan(leaving)).isEqualTo(UserPlan.NONE);
    assertThat(plans().planOf(coming)).contains(trial);
  }

  @Test
  void a_later_change_takes_the_place_of_an_earlier_one_and_a_change_can_be_taken_back() throws Exception {
    String user = user();
    Plan free = kept("free");
    Plan pro = kept("pro");
    PlanChange second = new PlanChange(Optional.of(pro.name()), inAnHour().plus(HOUR));
    plans().schedule(user, new PlanChange(Optional.of(free.name()), inAnHour()));
    plans().schedule(user, second);

    pass(HOUR.plusMinutes(1));
    assertThat(plans().carryOut()).isZero();
    assertThat(plans().userPlan(user).next().flatMap(PlanChange::plan)).isEqualTo(second.plan());

    assertThat(plans().cancel(user)).isTrue();
    assertThat(plans().cancel(user)).isFalse();
    pass(HOUR);
    assertThat(plans().carryOut()).isZero();
    assertThat(plans().userPlan(user)).isEqualTo(UserPlan.NONE);
  }

  @Test
  void a_change_whose_moment_is_over_already_happens_at_the_next_occasion() {
    String user = user();
    Plan pro = kept("pro");

    plans().schedule(user, new PlanChange(Optional.of(pro.name()), inAnHour().minus(HOUR).minus(HOUR)));

    assertThat(plans().planOf(user)).isEmpty();
    assertThat(plans().carryOut()).isEqualTo(1);
    assertThat(plans().planOf(user)).contains(pro);
  }

  @Test
  void of_many_who_carry_out_at_once_each_change_happens_by_one() throws Exception {
    int many = 40;
    Plan pro = kept("pro");
    List<String> users = IntStream.range(0, many).mapToObj(i -> user()).toList();
    for (String user : users) {
      plans().schedule(user, new PlanChange(Optional.of(pro.name()), inAnHour()));
    }
    pass(HOUR.plusMinutes(1));

    long carriedOut = Crowd.sum(8, 3, (thread, round) -> plans().carryOut());

    assertThat(carriedOut).isEqualTo(many);
    assertThat(plans().userPlans(users).values())
        .hasSize(many)
        .containsOnly(new UserPlan(Optional.of(pro.name()), Optional.empty()));
  }

  @Test
  void a_plan_is_not_deleted_while_a_user_is_on_it_or_will_be() throws Exception {
    String now = user();
    String later = user();
    Plan plan = kept("pro");
    plans().assign(now, Optional.of(plan.name()));
    plans().schedule(later, new PlanChange(Optional.of(plan.name()), inAnHour()));

    assertThat(plans().deletePlan(plan.name())).isEqualTo(Deletion.IN_USE);
    plans().assign(now, Optional.empty());
    assertThat(plans().deletePlan(plan.name())).isEqualTo(Deletion.IN_USE);
    assertThat(plans().plan(plan.name())).contains(plan);
    plans().cancel(later);
    assertThat(plans().deletePlan(plan.name())).isEqualTo(Deletion.DELETED);
    assertThat(plans().deletePlan(plan.name())).isEqualTo(Deletion.MISSING);
    assertThat(plans().plan(plan.name())).isEmpty();
  }

  @Test
  void a_deleted_user_holds_no_plan_and_has_no_change_happen() throws Exception {
    String user = user();
    Plan plan = kept("pro");
    plans().assign(user, Optional.of(plan.name()));
    plans().schedule(user, new PlanChange(Optional.of(plan.name()), inAnHour()));

    users().deleteUser(user);
    pass(HOUR.plusMinutes(1));

    assertThat(plans().carryOut()).isZero();
    assertThat(plans().planOf(user)).isEmpty();
    assertThat(plans().userPlan(user)).isEqualTo(UserPlan.NONE);
    assertThat(plans().deletePlan(plan.name())).isEqualTo(Deletion.DELETED);
  }

  @Test
  void several_users_are_told_at_once() {
    String on = user();
    String soon = user();
    Plan plan = kept("pro");
    PlanChange change = new PlanChange(Optional.of(plan.name()), inAnHour());
    plans().assign(on, Optional.of(plan.name()));
    plans().schedule(soon, change);

    assertThat(plans().userPlans(List.of(on, soon, user(), fresh("nobody")))).isEqualTo(Map.of(
        on, new UserPlan(Optional.of(plan.name()), Optional.empty()),
        soon, new UserPlan(Optional.empty(), Optional.of(change))));
    assertThat(plans().userPlans(List.of())).isEmpty();
    plans().cancel(soon);
  }

  @Test
  void there_are_only_so_many_plans() {
    List<String> made = new ArrayList<>();
    for (int i = plans().plans().size(); i < PlanAdmin.MOST_PLANS; i++) {
      made.add(kept("many").name());
    }

    assertThatThrownBy(() -> plans().putPlan(new Plan(fresh("more")))).isInstanceOf(IllegalArgumentException.class);

    plans().putPlan(whole(made.get(0)));
    assertThat(plans().plan(made.get(0))).contains(whole(made.get(0)));
    made.forEach(plans()::deletePlan);
  }

  @Test
  void a_store_that_is_away_says_so() throws Exception {
    String user = user();
    Plan plan = kept("pro");
    whileBroken(
        () -> plans().plans(),
        () -> plans().plan(plan.name()),
        () -> plans().planOf(user),
        () -> plans().userPlan(user),
        () -> plans().putPlan(plan),
        () -> plans().deletePlan(plan.name()),
        () -> plans().assign(user, Optional.of(plan.name())),
        () -> plans().schedule(user, new PlanChange(Optional.empty(), inAnHour())),
        () -> plans().cancel(user),
        () -> plans().carryOut());
  }

  /** An hour from now, for a store whose clock is at {@link #now()}. */
  private Instant inAnHour() {
    return now().plus(HOUR);
  }

  /** What time it is for the store, to a few seconds. */
  protected abstract Instant now();

  private String user() {
    String id = fresh("user");
    users().addUser(new User(id, id, true, Instant.EPOCH));
    return id;
  }

  private Plan kept(String name) {
    Plan plan = new Plan(fresh(name));
    plans().putPlan(plan);
    return plan;
  }

  private static Plan whole(String name) {
    return new Plan(
        name,
        "For \"professionals\" 😀",
        Map.of(
            Level.USER,
            List.of(
                new Limit(100, Duration.ofNanos(1_500_000_001), 200),
                Limit.of(50, Duration.ofMinutes(1)).asShadow(),
                Limit.of(10, Duration.ofMinutes(1), Algorithm.CONCURRENCY)),
            Level.KEY,
            List.of(Limit.of(Limit.MOST, Duration.ofDays(366), Algorithm.FIXED_WINDOW))),
        Optional.of(List.of(
            new Quota(Meter.REQUESTS, Window.DAY, 0),
            new Quota(Meter.REQUESTS, Window.DAY, 9).asShadow(),
            new Quota(Meter.BYTES, Window.MONTH, 10).withOverage(20),
            new Quota(Meter.PIXELS, Window.MONTH, 10, Beyond.SOFT),
            new Quota(Meter.STORED_BYTES, Window.LIFETIME, 1L << 53))),
        Set.of("GET /img/", "* /a", "POST"),
        Map.of("max_pixels", "50000000", "watermark", " is = with spaces ", "empty", ""));
  }
}
