package io.gatehouse.plan;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps plans, and who is on them. A change is durable and atomic when the call returns. All methods may block, may be
 * called by many threads, and throw {@link io.gatehouse.StoreException} when the store cannot answer.
 *
 * <p>A change that is scheduled happens when {@link #carryOut} is called after its moment, and not by itself: a running
 * gateway calls it several times a second. Until then the user is on the plan of before.
 */
public interface PlanAdmin extends Plans {

  /** The most plans that are kept: {@value}. */
  int MOST_PLANS = 500;

  /** What became of a plan that was to be deleted. */
  enum Deletion {
    /** It is gone. */
    DELETED,
    /** There was none of the name. */
    MISSING,
    /** A user is on it, or will be by a scheduled change; nothing was changed. */
    IN_USE
  }

  /** All plans, by name. */
  List<Plan> plans();

  Optional<Plan> plan(String name);

  /**
   * Adds a plan, or replaces the one of the same name for all who are on it.
   *
   * @throws IllegalArgumentException when it would be one more than {@link #MOST_PLANS}
   */
  void putPlan(Plan plan);

  Deletion deletePlan(String name);

  /** Which plan a user is on; {@link UserPlan#NONE} also for one who is not there. */
  default UserPlan userPlan(String user) {
    return userPlans(List.of(user)).getOrDefault(user, UserPlan.NONE);
  }

  /**
   * The same of several users, by id, without those for whom it is {@link UserPlan#NONE}.
   *
   * @param users at most 1000
   */
  Map<String, UserPlan> userPlans(Collection<String> users);

  /**
   * Puts a user on a plan, now. A change that is scheduled stays so.
   *
   * @param plan empty: takes the user off any plan
   * @throws IllegalArgumentException when there is no such user or plan
   */
  void assign(String user, Optional<String> plan);

  /**
   * Schedules a change, in place of the one that was scheduled before, if there was. One whose moment is over by the
   * clock of the store happens at the next {@link #carryOut}.
   *
   * @throws IllegalArgumentException when there is no such user or plan
   */
  void schedule(String user, PlanChange change);

  /** Takes a scheduled change back. False when there was none. */
  boolean cancel(String user);

  /**
   * Has all changes happen whose moment has come by the clock of the store. Each happens once, however many call, here
   * or on other nodes. Costs one short question when nothing is due.
   *
   * @return how many happened by this call
   */
  int carryOut();
}
