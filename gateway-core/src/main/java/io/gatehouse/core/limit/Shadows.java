package io.gatehouse.core.limit;

import io.gatehouse.Passage;
import io.gatehouse.StoreException;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.RateLimiter;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Charges limits that refuse nothing. Each is decided by itself, as if it were the only one: what one shadow would have
 * refused does not hide what another would.
 */
final class Shadows {

  private static final Logger log = LoggerFactory.getLogger(Shadows.class);

  private Shadows() {}

  /** The charges that have a say; the same list when all have. */
  static List<Charge> enforced(List<Charge> charges) {
    for (Charge charge : charges) {
      if (charge.limit().isShadow()) {
        return charges.stream().filter(each -> !each.limit().isShadow()).toList();
      }
    }
    return charges;
  }

  /**
   * Charges those without a say.
   *
   * @param whenRefused is left what gives back what was taken; what is held is given back at the end in any case
   */
  static void charge(RateLimiter limiter, List<Charge> charges, Passage passage, Consumer<Runnable> whenRefused) {
    for (Charge charge : charges) {
      if (charge.limit().isShadow()) {
        charge(limiter, charge, passage, whenRefused);
      }
    }
  }

  private static void charge(
      RateLimiter limiter, Charge charge, Passage passage, Consumer<Runnable> whenRefused) {
    List<Charge> alone = List.of(charge);
    try {
      if (limiter.tryAcquire(alone) instanceof Decision.Denied denied) {
        passage.wouldRefuse(LimitFields.refusal(denied));
      } else if (charge.limit().algorithm().isHeld()) {
        Held.release(limiter, alone, passage);
      } else {
        whenRefused.accept(() -> limiter.giveBack(alone));
      }
    } catch (StoreException e) {
      // What only counts must not refuse; what it would have said is not known.
      log.debug("The shadow {} could not be charged: {}", charge.policy(), e.getMessage());
    }
  }
}
