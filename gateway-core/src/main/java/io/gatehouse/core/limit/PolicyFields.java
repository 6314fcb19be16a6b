package io.gatehouse.core.limit;

import io.gatehouse.RateLimitFields;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Limit;
import io.gatehouse.quota.KeyQuotas;
import io.gatehouse.quota.Quota;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/** The field that lists all rules which apply to a caller: written once for each caller, not for each request. */
public final class PolicyFields {

  static final RateLimitFields FIELDS = RateLimitFields.DRAFT_10;

  private PolicyFields() {}

  /** For callers without quotas. */
  static Map<String, String> of(List<Limit> addressLimits, List<Charge> charges) {
    return of(addressLimits, charges, List.of(), Optional.empty());
  }

  /**
   * The field by its name; empty when nothing limits the caller. Shadows are not told.
   *
   * @param addressLimits of the client's address, whoever it is
   * @param quotas of the user
   * @param keyQuotas of the key alone; empty: none
   */
  public static Map<String, String> of(
      List<Limit> addressLimits, List<Charge> charges, List<Quota> quotas, Optional<KeyQuotas> keyQuotas) {
    StringJoiner items = new StringJoiner(",");
    add(LimitPlan.charges(AddressGate.LEVEL, "", addressLimits), items);
    add(charges, items);
    for (Quota quota : quotas) {
      if (quota.refuses() && quota.meter().isTransferred()) {
        items.add(FIELDS.item(quota));
      }
    }
    keyQuotas.ifPresent(own -> own.quotas().stream()
        .filter(Quota::refuses)
        .forEach(quota -> items.add(FIELDS.item(own.owner().policy(quota), quota))));
    return items.length() == 0 ? Map.of() : Map.of(FIELDS.policyField(), items.toString());
  }

  private static void add(List<Charge> charges, StringJoiner items) {
    for (Charge charge : Shadows.enforced(charges)) {
      items.add(FIELDS.item(charge.policy(), charge.limit()));
    }
  }
}
