package io.gatehouse.event;

import io.gatehouse.Subject;
import java.time.Instant;
import java.util.Objects;

/**
 * The traffic of one caller that one source has seen end in one minute. All numbers only ever grow, so a record may be
 * written again, late, or out of order: the larger numbers are the true ones.
 *
 * @param source who counted; unique for ever
 * @param minute its beginning
 * @param caller who called
 * @param traffic the sum
 */
public record TrafficRecord(String source, Instant minute, Subject caller, Traffic traffic) {
  public TrafficRecord {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(minute, "minute");
    Objects.requireNonNull(caller, "caller");
    Objects.requireNonNull(traffic, "traffic");
  }
}
