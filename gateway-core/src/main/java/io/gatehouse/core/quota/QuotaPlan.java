package io.gatehouse.core.quota;

import io.gatehouse.plan.Plan;
import io.gatehouse.plan.Plans;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaPeriods;
import io.gatehouse.quota.QuotaPolicy;
import java.util.List;
import java.util.Optional;

/**
 * The quotas of a user and their periods: their own, those of their plan, or the defaults. Immutable; blocks as the policy
 * and the plans do.
 */
public final class QuotaPlan {

  private final List<Quota> defaults;
  private final BillingCalendar calendar;
  private final QuotaPolicy policy;
  private final Plans plans;

  /** Where no user is on a plan. */
  public QuotaPlan(List<Quota> defaults, BillingCalendar calendar, QuotaPolicy policy) {
    this(defaults, calendar, policy, user -> Optional.empty());
  }

  /**
   * The quotas of all users.
   *
   * @param defaults of users without quotas of their own and of their plan
   * @param calendar of users without a calendar of their own
   */
  public QuotaPlan(List<Quota> defaults, BillingCalendar calendar, QuotaPolicy policy, Plans plans) {
    this.defaults = List.copyOf(defaults);
    this.calendar = calendar;
    this.policy = policy;
    this.plans = plans;
  }

  public List<Quota> quotasOf(String user) {
    return policy.quotasOf(user).or(() -> plans.planOf(user).flatMap(Plan::quotas)).orElse(defaults);
  }

  /** The same for whoever knows already which plan the user is on. */
  public List<Quota> quotasOf(String user, Optional<Plan> plan) {
    return policy.quotasOf(user).or(() -> plan.flatMap(Plan::quotas)).orElse(defaults);
  }

  public QuotaPeriods periodsOf(String user) {
    return new QuotaPeriods(policy.calendarOf(user).orElse(calendar), policy.resetsOf(user));
  }
}
