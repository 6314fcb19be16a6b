package io.gatehouse.jetty.proxy;

import io.gatehouse.Dispatch;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says how long an answer may be taken for fresh of which the URL has an end (RFC 9111, 5.2 and 5.3): as long
 * as the backend says, and no longer than to that end, when every cache has to ask again.
 */
final class Freshness {
  /** A directive, whose argument may be quoted and then hold commas (RFC 9111, 5.2). */
  private static final Pattern DIRECTIVE =
      Pattern.compile("\\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:=(\"(?:[^\"\\\\]|\\\\.)*\"|[^,\\s\"]*))?\\s*(?:,|$)|\\s*,");
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.US).withZone(ZoneOffset.UTC);

  private final Instant end;
  private final long seconds;

  /**
   * That of an answer which is new.
   *
   * @param end when the URL is worth nothing any more
   */
  Freshness(Instant end, Instant now) {
    this(end, now, 0);
  }

  private Freshness(Instant end, Instant now, long age) {
    this.end = end;
    long left = end.getEpochSecond() - now.getEpochSecond() - (now.getNano() > 0 ? 1 : 0);
    this.seconds = Math.max(0, left) + age;
  }

  /**
   * That of an answer to a request; null when its URL has no end, and it is as the backend says.
   *
   * @param dispatch what a gate has said of the request; null when none has
   * @param age how many seconds old the answer is said to be, which caches take off
   */
  static @Nullable Freshness of(@Nullable Dispatch dispatch, Instant now, long age) {
    return dispatch == null || dispatch.freshUntil().isEmpty()
        ? null
        : new Freshness(dispatch.freshUntil().get(), now, age);
  }

  /**
   * {@code Cache-Control} in place of what the backend says.
   *
   * @param received its values, in order; may be none
   */
  String cacheControl(List<String> received) {
    List<String> kept = new ArrayList<>();
    boolean limited = false;
    for (String value : received) {
      Matcher directive = DIRECTIVE.matcher(value);
      int at = 0;
      while (at < value.length() && directive.region(at, value.length()).lookingAt()) {
        at = directive.end();
        if (directive.group(1) == null) {
          continue;
        }
        String name = directive.group(1).toLowerCase(Locale.ROOT);
        switch (name) {
          // What is stale may not be given out behind the end.
          case "stale-while-revalidate", "stale-if-error", "must-revalidate" -> { }
          case "max-age", "s-maxage" -> {
            kept.add(name + "=" + capped(directive.group(2)));
            limited |= name.equals("max-age");
          }
          case "no-store" -> {
            return "no-store";
          }
          default -> kept.add(name + (directive.group(2) == null ? "" : "=" + directive.group(2)));
        }
      }
      if (at < value.length()) {
        return "no-store"; // What cannot be read might be stricter than what is left of it.
      }
    }
    if (!limited) {
      kept.add("max-age=" + seconds);
    }
    kept.add("must-revalidate");
    return String.join(", ", kept);
  }

  private long capped(String argument) {
    String digits = argument == null ? "" : argument.replace("\"", "");
    boolean number = digits.matches("[0-9]{1,18}");
    return number ? Math.min(Long.parseLong(digits), seconds) : digits.matches("[0-9]+") ? seconds : 0;
  }

  /** {@code Expires} in place of what the backend says; what is no date has expired already (RFC 9111, 5.3). */
  String expires(String received) {
    try {
      Instant said = Instant.from(HTTP_DATE.parse(received));
      return said.isBefore(end) ? received : HTTP_DATE.format(end);
    } catch (DateTimeParseException e) {
      return received;
    }
  }
}
