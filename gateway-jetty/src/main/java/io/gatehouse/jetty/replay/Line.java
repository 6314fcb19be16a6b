package io.gatehouse.jetty.replay;

/** What a line of a log turned out to be. */
sealed interface Line {

  /** A request. */
  record Request(Entry entry) implements Line {}

  /** A line of our own log that tells something else. */
  record Other() implements Line {}

  /**
   * Not to be understood.
   *
   * @param reason why; does not quote the line, which may hold what is nobody's business
   */
  record Malformed(String reason) implements Line {}
}
