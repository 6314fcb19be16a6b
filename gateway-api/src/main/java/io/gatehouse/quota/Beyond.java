package io.gatehouse.quota;

/** What becomes of use beyond a quota. */
public enum Beyond {
  /** It is refused. */
  HARD,
  /** It passes and is told: as crossed thresholds, and in what administration shows. */
  SOFT,
  /** It passes, up to a cap if there is one, and what is beyond the quota is reported as overage, to be paid for. */
  OVERAGE
}
