package io.gatehouse.core.limit;

import io.gatehouse.Passage;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.RateLimiter;
import java.util.List;

/** Permits that are held while a request is under way, and are free again when it is over, however it ends. */
final class Held {

  private Held() {}

  /** The charges that are held; an empty list for most requests. */
  static List<Charge> of(List<Charge> charges) {
    for (Charge charge : charges) {
      if (charge.limit().algorithm().isHeld()) {
        return charges.stream().filter(each -> each.limit().algorithm().isHeld()).toList();
      }
    }
    return List.of();
  }

  /** Leaves it to the end of the request to give them back, once: it is either refused or completed. */
  static void release(RateLimiter limiter, List<Charge> held, Passage passage) {
    if (!held.isEmpty()) {
      passage.whenRefused(() -> limiter.giveBack(held));
      passage.whenComplete(outcome -> limiter.giveBack(held));
    }
  }
}
