package io.gatehouse.core.cache;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What {@code Cache-Control} says, of a request or an answer (RFC 9111, 5.2). Of a directive that is there twice the first
 * counts; a time that is none is taken as 0, so that the answer is stale, and one too long to count as {@value #LONGEST} s
 * (1.2.2). Immutable.
 */
final class Directives {

  static final Directives NONE = new Directives(Map.of());

  private static final long LONGEST = Integer.MAX_VALUE;

  private final Map<String, String> values;

  private Directives(Map<String, String> values) {
    this.values = values;
  }

  /** @param field all values of the field with commas between them; null when it is absent */
  static Directives of(@Nullable String field) {
    if (field == null || field.isBlank()) {
      return NONE;
    }
    Map<String, String> values = new HashMap<>();
    int i = 0;
    while (i < field.length()) {
      int end = endOf(field, i);
      String part = field.substring(i, end).strip();
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals).strip();
      String value = equals < 0 ? "" : unquoted(part.substring(equals + 1).strip());
      if (!name.isEmpty()) {
        values.putIfAbsent(name.toLowerCase(Locale.ROOT), value);
      }
      i = end + 1;
    }
    return new Directives(values);
  }

  /** Where the element ends that begins there: at a comma that is not quoted. */
  private static int endOf(String field, int begin) {
    boolean quoted = false;
    for (int i = begin; i < field.length(); i++) {
      char c = field.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        return i;
      }
    }
    return field.length();
  }

  private static String unquoted(String value) {
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  /** The time that a directive says, in seconds; empty when the directive is absent. */
  OptionalLong seconds(String name) {
    String value = values.get(name);
    return value == null ? OptionalLong.empty() : OptionalLong.of(seconds(value, 0));
  }

  /** The time that a directive says, in seconds; without a limit when it is there without a value. */
  OptionalLong secondsOrAny(String name) {
    String value = values.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(value.isEmpty() ? LONGEST : seconds(value, 0));
  }

  /** A number of seconds (RFC 9111, 1.2.2). */
  static long seconds(String text, long otherwise) {
    if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return otherwise;
    }
    return text.length() > 10 ? LONGEST : Math.min(LONGEST, Long.parseLong(text));
  }
}
