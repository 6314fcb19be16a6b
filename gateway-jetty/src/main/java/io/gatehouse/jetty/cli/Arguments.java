package io.gatehouse.jetty.cli;

import io.gatehouse.access.Cidr;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How durations, moments and networks are written on the command line. */
final class Arguments {

  private Arguments() {}

  /** A whole number and a unit, as in the settings: {@code 90d}. */
  static final class DurationReader implements ITypeConverter<Duration> {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})(ms|s|m|h|d)");

    @Override
    public Duration convert(String text) {
      Matcher duration = DURATION.matcher(text);
      if (!duration.matches()) {
        throw new TypeConversionException("\"" + text + "\" is no duration (expected: such as 30s, 24h or 90d)");
      }
      long count = Long.parseLong(duration.group(1));
      return switch (duration.group(2)) {
        case "ms" -> Duration.ofMillis(count);
        case "s" -> Duration.ofSeconds(count);
        case "m" -> Duration.ofMinutes(count);
        case "h" -> Duration.ofHours(count);
        default -> Duration.ofDays(count);
      };
    }
  }

  /** {@code 2027-01-31T12:00:00Z}, with any offset, or {@code 2027-01-31} for the beginning of that day in UTC. */
  static final class MomentReader implements ITypeConverter<Instant> {

    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

    @Override
    public Instant convert(String text) {
      try {
        return DATE.matcher(text).matches()
            ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
            : OffsetDateTime.parse(text).toInstant();
      } catch (DateTimeException e) {
        throw new TypeConversionException(
            "\"" + text + "\" is no moment (expected: such as 2027-01-31 or 2027-01-31T12:00:00Z)");
      }
    }
  }

  /** {@code 192.0.2.0/24}, or a single address. */
  static final class NetworkReader implements ITypeConverter<Cidr> {

    @Override
    public Cidr convert(String text) {
      try {
        return Cidr.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("\"" + text + "\" is no network (expected: such as 192.0.2.0/24 or 2001:db8::1)");
      }
    }
  }
}
