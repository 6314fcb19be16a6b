package io.gatehouse.plan;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * That a user changes plans at a moment to come.
 *
 * @param plan the name of the plan that they will be on; empty: none
 * @param at from when on, in whole milliseconds
 */
public record PlanChange(Optional<String> plan, Instant at) {
  public PlanChange {
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(at, "at");
  }
}
