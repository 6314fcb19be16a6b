package io.gatehouse.core.limit;

import io.gatehouse.Finding;
import io.gatehouse.Standing;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import io.gatehouse.quota.Meter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Looks at limits without taking anything: those with a say together, as a request would, and
 * each by itself. */
final class LimitPreview {

  private LimitPreview() {}

  /** @param charges at least one */
  static Finding of(RateLimiter limiter, List<Charge> charges) {
    List<Standing> standings = new ArrayList<>(charges.size());
    for (Charge charge : charges) {
      standings.add(standing(charge, limiter.peek(List.of(charge))));
    }
    List<Charge> enforced = Shadows.enforced(charges);
    if (enforced.isEmpty()) {
      return new Finding.Passes("", "no limits but in the shadow", standings);
    }
    Decision decision = limiter.peek(enforced);
    if (decision instanceof Decision.Denied denied) {
      return new Finding.Refuses(LimitFields.refusal(denied), standings);
    }
    Charge tightest = decision.tightest();
    String detail = (decision.remaining() + tightest.cost()) + " of " + tightest.limit().permits() + " left";
    return new Finding.Passes(tightest.policy(), detail, standings);
  }

  /** A limiter that allows says what would be left after the request; where it stands is before. */
  private static Standing standing(Charge charge, Decision decision) {
    Limit limit = charge.limit();
    boolean refuses = decision instanceof Decision.Denied;
    long remaining = decision.remaining() + (refuses ? 0 : charge.cost());
    double costNanos = refuses ? 0 : (double) charge.cost() * limit.period().toNanos() / limit.permits();
    long resetNanos = Math.max(0, decision.resetAfterNanos() - (long) costNanos);
    return new Standing(
        charge.policy(),
        Meter.REQUESTS,
        limit.permits(),
        remaining,
        Duration.ofNanos(resetNanos),
        refuses,
        limit.enforcement());
  }
}
