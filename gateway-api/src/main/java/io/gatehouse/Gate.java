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
}
