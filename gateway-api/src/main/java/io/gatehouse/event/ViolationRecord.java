package io.gatehouse.event;

import java.util.Objects;

/**
 * How often one source saw a violation. The number only ever grows, as those of {@link TrafficRecord} do.
 *
 * @param source who counted; unique for ever
 * @param count 0 or more
 */
public record ViolationRecord(String source, Violation violation, long count) {
  public ViolationRecord {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(violation, "violation");
    if (count < 0) {
      throw new IllegalArgumentException("count: " + count + " (expected: 0 or more)");
    }
  }
}
