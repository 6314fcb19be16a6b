package io.gatehouse.core.limit;

import io.gatehouse.Finding;
import io.gatehouse.Standing;
import io.gatehouse.limit.Algorithm;
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
    String detail = (decision.remaining() + tightest.cost()) + " of " + tightest.limit().permits() + " left"
        + switch (decision.mode()) {
          case EXACT -> "";
          case LEASED -> ", by a lease of this node";
          case LOCAL -> ", by this node alone";
        };
    return new Finding.Passes(tightest.policy(), detail, standings);
  }

  /** A limiter that allows says what would be left after the request; where it stands is before. */
  private static Standing standing(Charge charge, Decision decision) {
    Limit limit = charge.limit();
    boolean refuses = decision instanceof Decision.Denied;
    long remaining = decision.remaining() + (refuses ? 0 : charge.cost());
    long resetNanos = refuses ? decision.resetAfterNanos() : resetBefore(charge, remaining, decision.resetAfterNanos());
    return new Standing(
        charge.policy(),
        Meter.REQUESTS,
        limit.permits(),
        remaining,
        Duration.ofNanos(resetNanos),
        refuses,
        limit.enforcement());
  }

  /** Exact for tokens; of the others it is only known that a full one is full. */
  private static long resetBefore(Charge charge, long remaining, long resetAfterNanos) {
    Limit limit = charge.limit();
    if (limit.algorithm() != Algorithm.TOKEN_BUCKET) {
      return remaining >= limit.permits() ? 0 : resetAfterNanos;
    }
    double costNanos = (double) charge.cost() * limit.period().toNanos() / limit.permits();
    return Math.max(0, resetAfterNanos - (long) costNanos);
  }
}
