package io.gatehouse.core.cache;

import org.jspecify.annotations.Nullable;

/**
 * A part of a body: RFC 9110, 14.
 *
 * @param first the first byte, from 0
 * @param last the last byte; before the first when there is no such part (416)
 */
public record ByteRange(long first, long last) {

  /** What {@code Content-Range} says of a part, or of there being none. */
  public String of(long length) {
    return satisfiable() ? "bytes " + first + '-' + last + '/' + length : "bytes */" + length;
  }

  public boolean satisfiable() {
    return first <= last;
  }

  public long length() {
    return last - first + 1;
  }

  /** The part that a request asks for of a whole answer; null when it gets all: several parts are not put together here. */
  public static @Nullable ByteRange wanted(CacheRequest request, Entry entry) {
    String field = request.field("range");
    if (field == null || entry.head().status() != 200 || !Preconditions.rangeApplies(request, entry)) {
      return null;
    }
    String range = field.strip();
    if (!range.regionMatches(true, 0, "bytes=", 0, 6)) {
      return null;
    }
    String part = range.substring(6).strip();
    if (!part.matches("[0-9]{0,18}-[0-9]{0,18}") || part.equals("-")) {
      return null;
    }
    long length = entry.body().length();
    int hyphen = part.indexOf('-');
    if (hyphen == 0) {
      long count = Math.min(length, Long.parseLong(part.substring(1)));
      return new ByteRange(length - count, length - 1);
    }
    long first = Long.parseLong(part.substring(0, hyphen));
    String end = part.substring(hyphen + 1);
    long last = end.isEmpty() ? length - 1 : Long.parseLong(end);
    if (last < first && !end.isEmpty()) {
      return null; // not valid, and so ignored
    }
    return first >= length ? new ByteRange(0, -1) : new ByteRange(first, Math.min(last, length - 1));
  }
}
