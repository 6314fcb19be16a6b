package io.gatehouse.core.quota;

import io.gatehouse.plan.Plan;
import io.gatehouse.plan.Plans;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.KeyQuotas;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.QuotaPeriods;
import io.gatehouse.quota.QuotaPolicy;
import java.util.List;
import java.util.Optional;

/**
 * The quotas of a user and their periods: their own, those of their plan, or the defaults; and those of a key. Immutable;
 * blocks as the policy and the plans do.
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

  /** The quotas of a user, or those that a key has beside them. */
  public List<Quota> quotasOf(QuotaOwner owner) {
    return owner.lineage().map(policy::keyQuotasOf).orElseGet(() -> quotasOf(owner.user()));
  }

  /** What a key has beside the quotas of its user; empty when it has none. */
  public Optional<KeyQuotas> keyQuotasOf(QuotaOwner key) {
    List<Quota> quotas = quotasOf(key);
    return quotas.isEmpty() ? Optional.empty() : Optional.of(new KeyQuotas(key, quotas, periodsOf(key)));
  }

  public QuotaPeriods periodsOf(String user) {
    return periodsOf(QuotaOwner.ofUser(user));
  }

  /** Those of a key are in the calendar of its user. */
  public QuotaPeriods periodsOf(QuotaOwner owner) {
    return new QuotaPeriods(policy.calendarOf(owner.user()).orElse(calendar), policy.resetsOf(owner.text()));
  }
}
