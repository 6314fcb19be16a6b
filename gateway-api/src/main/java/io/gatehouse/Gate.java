package io.gatehouse;

import java.util.Optional;

/**
 * One question asked of a request on its way in. A gate decides now and, if something must follow when the answer is
 * complete, leaves it with {@link Passage#whenComplete}; it never wraps the rest of the way, because the answer may be
 * written later and on another thread.
 *
 * <p>Called by many threads at once. May block only where its stores do. A gate whose store fails decides itself
 * whether to refuse or to let pass; a {@link StoreException} that leaves a gate is answered with
 * {@link Refusal.Reason#STORE_UNAVAILABLE}.
 */
@FunctionalInterface
public interface Gate {

  /** Refuses, or lets the request go on to the next gate by answering empty. */
  Optional<Refusal> check(Passage passage);

  /**
   * Says what {@link #check} would, and takes nothing: a second question of its own, so that a gate which knows only how
   * to check is not asked at all and cannot spend by accident. A gate that takes nothing anyway may look at its
   * {@code check}. Actions that are left in the passage are never run.
   *
   * <p>Also asked when a gate before it has refused, and then perhaps without an entitlement.
   */
  default Finding preview(Passage passage) {
    return new Finding.NotAsked("This gate cannot say without deciding.");
  }

  /** A short name for people and answers, the same at every start: {@code limits}; by default that of the class. */
  default String name() {
    Class<?> type = getClass();
    return type.isHidden() || type.isAnonymousClass() ? "gate" : type.getSimpleName();
  }
}
