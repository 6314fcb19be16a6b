package io.gatehouse;

/**
 * Is told how requests fared, for metrics and logs. Called on the request's thread or the one that ended it; must be
 * quick and must not block. What an observer throws is logged and changes nothing.
 */
public interface Observer {

  /** A gate refused. */
  default void refused(Passage passage, Refusal refusal) {}

  /** A request is admitted that a shadow would have refused; told for each such shadow. */
  default void wouldRefuse(Passage passage, Refusal refusal) {}

  /** An admitted request is over. */
  default void completed(Passage passage, Outcome outcome) {}
}
