package io.gatehouse.event;

import io.gatehouse.Subject;
import java.time.Instant;
import java.util.Objects;

/**
 * The traffic of one caller for one endpoint that one source has seen end in one minute. All numbers only ever grow, so a
 * record may be written again, late, or out of order: the larger numbers are the true ones.
 *
 * @param source who counted; unique for ever
 * @param minute its beginning
 * @param caller who called
 * @param endpoint the name of the endpoint that covered the requests; empty for those that none did
 * @param traffic the sum
 */
public record TrafficRecord(String source, Instant minute, Subject caller, String endpoint, Traffic traffic) {

  /** Of requests that no endpoint covered. */
  public TrafficRecord(String source, Instant minute, Subject caller, Traffic traffic) {
    this(source, minute, caller, "", traffic);
  }

  public TrafficRecord {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(minute, "minute");
    Objects.requireNonNull(caller, "caller");
    Objects.requireNonNull(endpoint, "endpoint");
    Objects.requireNonNull(traffic, "traffic");
  }
}
