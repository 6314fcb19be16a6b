package io.gatehouse.plan;

import java.util.Objects;
import java.util.Optional;

/**
 * Which plan a user is on.
 *
 * @param plan its name; empty: none
 * @param next the change that is scheduled; empty: none
 */
public record UserPlan(Optional<String> plan, Optional<PlanChange> next) {

  /** On no plan, now and later. */
  public static final UserPlan NONE = new UserPlan(Optional.empty(), Optional.empty());

  public UserPlan {
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(next, "next");
  }
}
