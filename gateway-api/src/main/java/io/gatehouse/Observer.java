package io.gatehouse;

import io.gatehouse.event.Crossing;

/**
 * Is told how requests fared, for metrics and logs. Called on the request's thread or the one that ended it; must be
 * quick and must not block. What an observer throws is logged and changes nothing.
 */
public interface Observer {

  /** A gate refused. */
  default void refused(Passage passage, Refusal refusal) {}

  /** A request is admitted that a shadow would have refused; told for each such shadow. */
  default void wouldRefuse(Passage passage, Refusal refusal) {}

  /**
   * A part of a quota is used up; told once, by one node of all, and not in the shadow. Called on a thread of the
   * gateway, up to a second or so after it happened.
   */
  default void crossed(Crossing crossing) {}

  /** An admitted request is over. */
  default void completed(Passage passage, Outcome outcome) {}
}
