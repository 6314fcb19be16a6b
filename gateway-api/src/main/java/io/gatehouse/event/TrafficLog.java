package io.gatehouse.event;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;

/**
 * Remembers traffic and violations by the minute. May block, may be called by many threads, throws
 * {@link io.gatehouse.StoreException} when the store cannot answer.
 */
public interface TrafficLog {

  /**
   * Keeps, for each record and each of its numbers, the larger of what is there and what is given. Writing the same
   * records again changes nothing, so a caller that does not know whether a write arrived writes it again. All or
   * nothing, and durable when the call returns.
   */
  void record(List<TrafficRecord> traffic, List<ViolationRecord> violations);

  /**
   * The traffic of a user, all keys, endpoints and sources together.
   *
   * @param from inclusive
   * @param to exclusive
   * @param grain the length of one row, a number of whole minutes; rows begin at multiples of it since 1970 UTC
   * @return by the beginning of each row in which there was traffic between the two moments
   */
  SortedMap<Instant, Traffic> traffic(String user, Instant from, Instant to, Duration grain);

  /**
   * The traffic of a user by endpoint, all keys and sources together; otherwise as {@link #traffic}.
   *
   * @return by the beginning of each row, then by the name of the endpoint; the empty name has what no endpoint covered
   */
  SortedMap<Instant, SortedMap<String, Traffic>> trafficByEndpoint(
      String user, Instant from, Instant to, Duration grain);

  /**
   * The violations of a user, all sources together: by minute, then key, reason and rule.
   *
   * @param from inclusive
   * @param to exclusive
   * @param most how many are wanted at the most; the earliest come first
   */
  List<Violations> violations(String user, Instant from, Instant to, int most);

  /**
   * Deletes the minutes that began before a moment, a few at a time, so that nobody waits long for it. Several nodes may
   * do it at once.
   */
  void forget(Instant before);

  /**
   * A violation and how often it was seen.
   *
   * @param count 1 or more
   */
  record Violations(Violation violation, long count) {}
}
