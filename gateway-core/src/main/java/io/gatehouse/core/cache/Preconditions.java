package io.gatehouse.core.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Conditions of requests, as far as a cache answers them: RFC 9111, 4.3.2, and RFC 9110, 13. */
public final class Preconditions {

  private Preconditions() {}

  /** Whether only the one who made the answer can say what becomes of a request. */
  public static boolean forOriginOnly(CacheRequest request) {
    return request.field("if-match") != null || request.field("if-unmodified-since") != null;
  }

  /** Whether the client has what it asks for already: {@code If-None-Match}, or else {@code If-Modified-Since}. */
  public static boolean notModified(CacheRequest request, Entry entry) {
    if (entry.head().status() != 200) {
      return false;
    }
    String tags = request.field("if-none-match");
    if (tags != null) {
      return tags.strip().equals("*") || matches(tags, entry.etag());
    }
    String since = request.field("if-modified-since");
    if (since == null) {
      return false;
    }
    OptionalLong asked = HttpDate.millis(since);
    OptionalLong changed = dateOf(entry);
    return asked.isPresent() && changed.isPresent() && changed.getAsLong() <= asked.getAsLong();
  }

  /** Without a date of the change, that of the answer counts (RFC 9111, 4.3.2). */
  private static OptionalLong dateOf(Entry entry) {
    String modified = entry.lastModified();
    String date = modified == null ? entry.head().first("date") : modified;
    return date == null ? OptionalLong.empty() : HttpDate.millis(date);
  }

  /** Whether one of the tags is the same; weak and strong are alike (RFC 9110, 8.8.3.2). */
  private static boolean matches(String tags, @Nullable String etag) {
    if (etag == null) {
      return false;
    }
    String opaque = opaque(etag.strip());
    return list(tags).stream().anyMatch(tag -> opaque(tag).equals(opaque));
  }

  private static String opaque(String tag) {
    return tag.startsWith("W/") ? tag.substring(2) : tag;
  }

  /** The tags of a list; a comma may stand within one. */
  static List<String> list(String field) {
    List<String> tags = new ArrayList<>();
    int begin = 0;
    boolean quoted = false;
    for (int i = 0; i <= field.length(); i++) {
      if (i == field.length() || field.charAt(i) == ',' && !quoted) {
        String tag = field.substring(begin, i).strip();
        if (!tag.isEmpty()) {
          tags.add(tag);
        }
        begin = i + 1;
      } else if (field.charAt(i) == '"') {
        quoted = !quoted;
      }
    }
    return tags;
  }

  /** Whether a part may be given: {@code If-Range} is absent or says what is here; only what is strong counts. */
  static boolean rangeApplies(CacheRequest request, Entry entry) {
    String condition = request.field("if-range");
    if (condition == null) {
      return true;
    }
    String wanted = condition.strip();
    if (wanted.startsWith("\"")) {
      return wanted.equals(entry.etag());
    }
    // A date is strong only if nothing changed within its second for sure, which is not known here.
    return false;
  }
}
