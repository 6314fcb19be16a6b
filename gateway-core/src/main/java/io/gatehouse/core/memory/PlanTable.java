package io.gatehouse.core.memory;

import io.gatehouse.plan.Plan;
import io.gatehouse.plan.PlanAdmin;
import io.gatehouse.plan.PlanAdmin.Deletion;
import io.gatehouse.plan.PlanChange;
import io.gatehouse.plan.UserPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The plans of a directory, and who is on them. Not for use by several threads: the directory's lock guards it. */
final class PlanTable {

  private final TreeMap<String, Plan> plans = new TreeMap<>();

  /** By user, the name of the plan that they are on. */
  private final Map<String, String> assigned = new HashMap<>();

  /** By user. */
  private final Map<String, PlanChange> scheduled = new HashMap<>();

  List<Plan> all() {
    return List.copyOf(plans.values());
  }

  Optional<Plan> find(String name) {
    return Optional.ofNullable(plans.get(name));
  }

  void put(Plan plan) {
    if (plans.size() >= PlanAdmin.MOST_PLANS && !plans.containsKey(plan.name())) {
      throw new IllegalArgumentException("plans: one more than " + PlanAdmin.MOST_PLANS + " (expected: at most so many)");
    }
    plans.put(plan.name(), plan);
  }

  Deletion delete(String name) {
    Optional<String> sought = Optional.of(name);
    if (assigned.containsValue(name) || scheduled.values().stream().anyMatch(next -> next.plan().equals(sought))) {
      return Deletion.IN_USE;
    }
    return plans.remove(name) != null ? Deletion.DELETED : Deletion.MISSING;
  }

  UserPlan userPlan(String user) {
    return new UserPlan(Optional.ofNullable(assigned.get(user)), Optional.ofNullable(scheduled.get(user)));
  }

  /** Whether a user is on a plan, or will be by a scheduled change. */
  boolean names(String user, String plan) {
    UserPlan on = userPlan(user);
    return on.plan().equals(Optional.of(plan)) || on.next().flatMap(PlanChange::plan).equals(Optional.of(plan));
  }

  void assign(String user, Optional<String> plan) {
    require(plan);
    plan.ifPresentOrElse(name -> assigned.put(user, name), () -> assigned.remove(user));
  }

  void schedule(String user, PlanChange change) {
    require(change.plan());
    scheduled.put(user, change);
  }

  boolean cancel(String user) {
    return scheduled.remove(user) != null;
  }

  void forget(String user) {
    assigned.remove(user);
    scheduled.remove(user);
  }

  /** Has happen what is due, and says to whom. */
  List<String> carryOut(Instant now) {
    List<String> due = new ArrayList<>();
    scheduled.forEach(
        (user, change) -> {
          if (!change.at().isAfter(now)) {
            due.add(user);
          }
        });
    due.forEach(user -> assign(user, scheduled.remove(user).plan()));
    return due;
  }

  private void require(Optional<String> plan) {
    if (plan.isPresent() && !plans.containsKey(plan.get())) {
      throw new IllegalArgumentException("plan: " + plan.get() + " (expected: the name of a plan)");
    }
  }
}
