package io.gatehouse.core.limit;

/** What to decide while the shared count is away. */
public enum WhenUnreachable {
  /** By this node alone, with its share of every limit: the limit divided by the number of nodes last known. */
  LOCAL,
  /** Everything passes. */
  OPEN,
  /** Nothing passes; the answer is 503. */
  CLOSED
}
