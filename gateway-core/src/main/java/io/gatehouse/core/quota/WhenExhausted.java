package io.gatehouse.core.quota;

/** What becomes of answers that are under way when a quota of bytes is used up. */
public enum WhenExhausted {
  /** They are finished. */
  FINISH,
  /** They are broken off, so that the client sees that it did not get all. */
  CUT
}
