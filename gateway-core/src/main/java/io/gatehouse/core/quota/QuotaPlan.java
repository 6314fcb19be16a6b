package io.gatehouse.core.quota;

import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaPeriods;
import io.gatehouse.quota.QuotaPolicy;
import java.util.List;

/** The quotas of a user and their periods: their own, or the defaults. Immutable; blocks as the policy does. */
public final class QuotaPlan {

  private final List<Quota> defaults;
  private final BillingCalendar calendar;
  private final QuotaPolicy policy;

  /**
   * A plan.
   *
   * @param defaults of users without quotas of their own
   * @param calendar of users without a calendar of their own
   */
  public QuotaPlan(List<Quota> defaults, BillingCalendar calendar, QuotaPolicy policy) {
    this.defaults = List.copyOf(defaults);
    this.calendar = calendar;
    this.policy = policy;
  }

  public List<Quota> quotasOf(String user) {
    return policy.quotasOf(user).orElse(defaults);
  }

  public QuotaPeriods periodsOf(String user) {
    return new QuotaPeriods(policy.calendarOf(user).orElse(calendar), policy.resetsOf(user));
  }
}
