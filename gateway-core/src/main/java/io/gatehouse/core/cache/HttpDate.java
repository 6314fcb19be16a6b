package io.gatehouse.core.cache;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** Dates of fields: RFC 9110, 5.6.7, of which all three forms are read and the first is written. */
final class HttpDate {

  private static final DateTimeFormatter IMF_FIXDATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

  private static final DateTimeFormatter ASCTIME =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH);

  private HttpDate() {}

  /** Milliseconds since 1970; empty when it is no date. */
  static OptionalLong millis(String text) {
    for (DateTimeFormatter form : List.of(IMF_FIXDATE, ASCTIME)) {
      try {
        return OptionalLong.of(LocalDateTime.parse(text.strip(), form).toInstant(ZoneOffset.UTC).toEpochMilli());
      } catch (DateTimeException e) {
        // The next form.
      }
    }
    return rfc850(text.strip());
  }

  /** With two digits for the year: one more than 50 years ahead is of the last century. */
  private static OptionalLong rfc850(String text) {
    int nowYear = Instant.now().atOffset(ZoneOffset.UTC).getYear();
    DateTimeFormatter form = new DateTimeFormatterBuilder()
        .appendPattern("EEEE, dd-MMM-")
        .appendValueReduced(ChronoField.YEAR, 2, 2, nowYear - 49)
        .appendPattern(" HH:mm:ss 'GMT'")
        .toFormatter(Locale.ENGLISH);
    try {
      return OptionalLong.of(LocalDateTime.parse(text, form).toInstant(ZoneOffset.UTC).toEpochMilli());
    } catch (DateTimeException e) {
      return OptionalLong.empty();
    }
  }

  static String text(long millis) {
    return IMF_FIXDATE.format(Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC));
  }
}
