package io.gatehouse.core.limit;

import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.RateLimiter;
import java.util.List;
import java.util.Optional;

/**
 * Charges a caller's limits, all levels and periods in one decision. What it took is given back when a later gate
 * refuses, so that a user out of quota does not lose rate as well; and permits for requests under way when the answer is
 * complete. Limits in the shadow are charged for what the others
 * let pass.
 */
public final class LimitGate implements Gate {

  private final RateLimiter limiter;

  public LimitGate(RateLimiter limiter) {
    this.limiter = limiter;
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    Optional<Entitlement> entitlement = passage.entitlement();
    List<Charge> all = entitlement.map(Entitlement::charges).orElse(List.of());
    List<Charge> charges = Shadows.enforced(all);
    if (!charges.isEmpty()) {
      tellPolicies(passage, entitlement.get());
      Decision decision = limiter.tryAcquire(charges);
      LimitFields.write(passage, decision);
      if (decision instanceof Decision.Denied denied) {
        return Optional.of(LimitFields.refusal(denied));
      }
      passage.whenRefused(() -> limiter.giveBack(charges));
      Held.releaseWhenComplete(limiter, Held.of(charges), passage);
    }
    if (charges.size() < all.size()) {
      Shadows.charge(limiter, all, passage, passage::whenRefused);
    }
    return Optional.empty();
  }

  /** An entitlement that was not compiled by us may lack the list of its rules. */
  private static void tellPolicies(Passage passage, Entitlement entitlement) {
    if (!entitlement.responseHeaders().containsKey(PolicyFields.FIELDS.policyField())) {
      PolicyFields.of(List.of(), entitlement.charges(), entitlement.quotas()).forEach(passage::responseHeader);
    }
  }

  @Override
  public Finding preview(Passage passage) {
    Optional<Entitlement> entitlement = passage.entitlement();
    if (entitlement.isEmpty()) {
      return new Finding.NotAsked("Nobody is known.");
    }
    List<Charge> charges = entitlement.get().charges();
    return charges.isEmpty()
        ? new Finding.Passes("", "no limits", List.of())
        : LimitPreview.of(limiter, charges);
  }

  @Override
  public String name() {
    return "limits";
  }
}
