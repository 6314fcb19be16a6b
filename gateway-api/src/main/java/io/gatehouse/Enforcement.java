package io.gatehouse;

/** Whether a limit or quota has a say. */
public enum Enforcement {
  /** It refuses what is beyond it. */
  ENFORCED,
  /**
   * It refuses nothing and tells nothing to callers; what it would have refused is counted. It charges a count of its
   * own, so that it neither disturbs the enforced ones nor is disturbed by them.
   */
  SHADOW
}
