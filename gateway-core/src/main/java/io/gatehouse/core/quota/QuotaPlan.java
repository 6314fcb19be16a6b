package io.gatehouse.core.quota;

import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaPolicy;
import java.util.List;

/** The quotas of a user: their own, or the defaults. Immutable; blocks as the policy does. */
public final class QuotaPlan {

  private final List<Quota> defaults;
  private final QuotaPolicy policy;

  public QuotaPlan(List<Quota> defaults, QuotaPolicy policy) {
    this.defaults = List.copyOf(defaults);
    this.policy = policy;
  }

  public List<Quota> quotasOf(String user) {
    return policy.quotasOf(user).orElse(defaults);
  }
}
