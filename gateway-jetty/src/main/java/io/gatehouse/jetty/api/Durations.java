package io.gatehouse.jetty.api;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lengths of time as text: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 24h}, {@code 7d}. */
public final class Durations {

  private static final Pattern WITH_UNIT = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d|)");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1),
          "", Duration.ofSeconds(1));

  private Durations() {}

  /** Reads a number with its unit, a number of seconds, or ISO 8601 ({@code PT24H}), in milliseconds. */
  public static Optional<Duration> parse(String text) {
    Matcher parts = WITH_UNIT.matcher(text);
    if (parts.matches()) {
      return Optional.of(UNITS.get(parts.group(2)).multipliedBy(Long.parseLong(parts.group(1))));
    }
    try {
      return Optional.of(Duration.parse(text)).filter(duration -> duration.getNano() % 1_000_000 == 0);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** In the largest unit that leaves no rest; ISO 8601 for what is not made of whole milliseconds. */
  public static String text(Duration duration) {
    if (duration.getNano() % 1_000_000 != 0) {
      return duration.toString();
    }
    if (duration.isZero()) {
      return "0s";
    }
    for (String unit : new String[] {"d", "h", "m", "s"}) {
      if (duration.toMillis() % UNITS.get(unit).toMillis() == 0) {
        return duration.dividedBy(UNITS.get(unit)) + unit;
      }
    }
    return duration.toMillis() + "ms";
  }
}
