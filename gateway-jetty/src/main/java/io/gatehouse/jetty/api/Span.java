package io.gatehouse.jetty.api;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** From when to when rows are asked for; the end is not included. */
public record Span(Instant from, Instant to) {

  /** As the call says; otherwise to now, and so far back. */
  public static Span of(Call call, InstantSource clock, Duration usual) {
    // What happened in this millisecond is asked for as well.
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS).plusMillis(1);
    Instant to = call.query().get("to", FieldTypes.MOMENT).orElse(now);
    Instant from = call.query().get("from", FieldTypes.MOMENT).orElse(to.minus(usual));
    if (to.isBefore(from)) {
      call.faults().add("from", from + " (expected: at or before to, " + to + ")");
    }
    return new Span(from, to);
  }

  /** What the next page has to be asked for, or the span would move between two pages. */
  public Map<String, String> said() {
    return Map.of("from", from.toString(), "to", to.toString());
  }
}
