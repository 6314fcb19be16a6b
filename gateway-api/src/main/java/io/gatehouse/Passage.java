package io.gatehouse;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * One request on its way through the gates: what is known of it so far, and what is to be done when it is over. Used by
 * one thread at a time; the actions left here run on whatever thread ends the request.
 */
public interface Passage {

  /** Accounts for what was transferred so far; any number of threads, must not block. */
  @FunctionalInterface
  interface Transfer {

    /**
     * Takes note.
     *
     * @param requestBytes of the body, in all
     * @param responseBytes of the body, in all
     * @return false when the answer should be broken off
     */
    boolean reached(long requestBytes, long responseBytes);
  }

  Inbound inbound();

  /** Who calls and what they may do; empty until an authenticator has spoken. */
  Optional<Entitlement> entitlement();

  /** Who calls; empty until an authenticator has spoken. */
  default Optional<Subject> subject() {
    return entitlement().map(Entitlement::subject);
  }

  /**
   * States who calls. Once only.
   *
   * @throws IllegalStateException when it was stated before
   */
  void entitle(Entitlement entitlement);

  /**
   * The name of the endpoint that covers the request; empty when none does, or none was stated, as of a passage that does
   * not keep it.
   */
  default String endpoint() {
    return "";
  }

  /**
   * States which endpoint covers the request, for those who count by it; the last one stands. A passage that does not keep
   * it does nothing.
   *
   * @param endpoint one of a few names, such as those of the configuration: each has counters of its own, per caller
   */
  default void cover(String endpoint) {}

  /** Adds a field to the answer, whether the request is refused or admitted; the last value of a name stands. */
  void responseHeader(String name, String value);

  /**
   * States that a rule in the shadow would have refused. Changes nothing for the request; observers are told if it is
   * admitted.
   */
  void wouldRefuse(Refusal refusal);

  /** Leaves an action that gives back what a gate took, run if a later gate refuses; the last left runs first. */
  void whenRefused(Runnable giveBack);

  /** Leaves an action for what was transferred so far, run now and then while a request is under way, and not after. */
  void whenTransferred(Transfer account);

  /** Leaves an action for when the answer is complete, run once for an admitted request; the last left runs first. */
  void whenComplete(Consumer<Outcome> settle);
}
