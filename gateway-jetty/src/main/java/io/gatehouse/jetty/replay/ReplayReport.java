package io.gatehouse.jetty.replay;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What became of the requests of a log.
 *
 * @param complete false when it was broken off
 * @param from when the first request began; empty when there was none
 * @param to when the last request began
 * @param took how long it took
 * @param lines what the lines of the files were
 * @param requests how many requests were decided
 * @param refused how many of them were refused
 * @param refusedThen how many were refused when they were made
 * @param newlyRefused how many passed then and are refused now
 * @param newlyPassed how many were refused then and pass now
 * @param outOfOrder how many came too late to be sorted, and were decided a little later than they were made
 * @param refusals by rule, the most frequent first
 * @param shadows how often each rule in the shadow would have refused what passed
 * @param users those with the most refusals, at most as many as were asked for
 * @param worstMinute the minute with the most refusals; empty when nothing was refused
 * @param statuses what was really answered, by status
 */
public record ReplayReport(
    boolean complete,
    Optional<Instant> from,
    Optional<Instant> to,
    Duration took,
    Lines lines,
    long requests,
    long refused,
    long refusedThen,
    long newlyRefused,
    long newlyPassed,
    long outOfOrder,
    List<Refusals> refusals,
    SortedMap<String, Long> shadows,
    List<Caller> users,
    Optional<Minute> worstMinute,
    SortedMap<Integer, Long> statuses) {

  /**
   * What the lines were.
   *
   * @param all how many, blank ones apart
   * @param others lines of Gatehouse's log that tell of no request
   * @param own requests for health, metrics and administration, which the gateway does not decide of
   * @param malformed how many could not be understood
   * @param shown the first of those
   */
  public record Lines(long all, long others, long own, long malformed, List<BadLine> shown) {}

  /** A line that could not be understood. */
  public record BadLine(String file, long number, String reason) {}

  /**
   * How often a rule refused.
   *
   * @param reason the kind, in lower case
   * @param rule the rule that bound; empty when none did
   */
  public record Refusals(String reason, String rule, long count) {}

  /**
   * One caller.
   *
   * @param user the id, or {@code address:} and the address where the log does not say who called
   * @param name how people call the user; empty when that is not known
   */
  public record Caller(String user, String name, long requests, long refused, long refusedThen) {}

  /** One minute. */
  public record Minute(Instant start, long requests, long refused, Map<String, Long> byRule) {}

  public long passed() {
    return requests - refused;
  }
}
