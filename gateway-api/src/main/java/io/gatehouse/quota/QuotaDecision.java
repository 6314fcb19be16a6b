package io.gatehouse.quota;

/** What a quota store decided of a list of claims. */
public sealed interface QuotaDecision {

  /** All claims were added. */
  record Granted() implements QuotaDecision {}

  /**
   * Nothing was added.
   *
   * @param claim the first claim that did not fit
   * @param used what its count holds
   */
  record Exhausted(Claim claim, long used) implements QuotaDecision {}
}
