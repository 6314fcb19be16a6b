package io.gatehouse;

import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One request on its way through the gates: what is known of it so far, and what is to be done when it is over. Used by
 * one thread at a time; the duties left here are done on whatever thread ends the request.
 */
public interface Passage {

  /** What a gate has left to do for a request. Either {@link #refused} or {@link #complete} is called, once. */
  interface Duty {

    /** A later gate has refused: gives back what was taken. */
    default void refused() {}

    /**
     * Takes note of what was transferred so far. Called now and then while the request is under way, by any number of
     * threads; must not block.
     *
     * @param requestBytes of the body, in all
     * @param responseBytes of the body, in all
     * @return false when the answer should be broken off
     */
    default boolean transferred(long requestBytes, long responseBytes) {
      return true;
    }

    /** The answer is complete. */
    default void complete(Outcome outcome) {}
  }

  /** Fields of an answer, written down only if somebody asks for them. */
  @FunctionalInterface
  interface Fields {

    /** Writes them, name and value. */
    void writeTo(BiConsumer<String, String> answer);
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
   * States which endpoint covers the request, for those who charge and count by it; the last one stands. A passage that
   * does not keep it does nothing.
   *
   * @param endpoint one of a few names, such as those of the configuration: each has counters of its own, per caller
   */
  default void cover(String endpoint) {}

  /** The name of the route that the request takes; empty when none was stated, as of a passage that does not keep it. */
  default String route() {
    return "";
  }

  /**
   * States which route the request takes, for those who forward it or count by it; the last one stands. A passage that
   * does not keep it does nothing.
   *
   * @param route one of a few names, such as those of the configuration
   */
  default void take(String route) {}

  /** How the request goes on to its backend; empty when no gate has stated it, as of a passage that does not keep it. */
  default Optional<Dispatch> dispatch() {
    return Optional.empty();
  }

  /**
   * States how the request goes on to its backend if it is admitted, to be asked for by those who charge and
   * forward it; the last one stands. A passage that does not keep it does nothing.
   */
  default void send(Dispatch dispatch) {}

  /** Adds fields to the answer, whether the request is refused or admitted; the last value of a name stands. */
  void tell(Fields fields);

  /** Adds one field. */
  default void responseHeader(String name, String value) {
    tell(answer -> answer.accept(name, value));
  }

  /**
   * States that a rule in the shadow would have refused. Changes nothing for the request; observers are told if it is
   * admitted.
   */
  void wouldRefuse(Refusal refusal);

  /** Leaves a duty; the last left is done first. */
  void leave(Duty duty);

  /** Leaves an action that gives back what a gate took, run if a later gate refuses. */
  default void whenRefused(Runnable giveBack) {
    leave(
        new Duty() {
          @Override
          public void refused() {
            giveBack.run();
          }
        });
  }

  /** Leaves an action for when the answer is complete, run once for an admitted request. */
  default void whenComplete(Consumer<Outcome> settle) {
    leave(
        new Duty() {
          @Override
          public void complete(Outcome outcome) {
            settle.accept(outcome);
          }
        });
  }
}
