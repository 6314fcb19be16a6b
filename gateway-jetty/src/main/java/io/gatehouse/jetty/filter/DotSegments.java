package io.gatehouse.jetty.filter;

/**
 * Finds dot segments in a raw path, plain or percent-encoded: {@code .}, {@code ..}, {@code %2e%2E}, also behind a
 * parameter ({@code ..;x}) or between encoded slashes and backslashes. A backend may resolve what the gateway compared
 * unresolved (RFC 3986, 5.2.4), so nobody can tell which resource such a path names; the answer is 400.
 *
 * <p>{@code %252e} is not one: decoded once, as it is meant to be, it is no dot.
 */
public final class DotSegments {

  private DotSegments() {}

  /**
   * Whether there is one.
   *
   * @param path as received, without the query
   */
  public static boolean in(String path) {
    int at = 0;
    int dots = 0;
    boolean other = false;
    while (at < path.length()) {
      char c = path.charAt(at);
      int width = 1;
      if (c == '%' && at + 2 < path.length()) {
        int code = Character.digit(path.charAt(at + 1), 16) * 16 + Character.digit(path.charAt(at + 2), 16);
        if (code == '.' || code == '/' || code == '\\') {
          c = (char) code;
          width = 3;
        }
      }
      if (c == '/' || c == '\\') {
        if (isDotSegment(dots, other)) {
          return true;
        }
        dots = 0;
        other = false;
      } else if (c == ';' && isDotSegment(dots, other)) {
        return true;
      } else if (c == '.') {
        dots++;
      } else {
        other = true;
      }
      at += width;
    }
    return isDotSegment(dots, other);
  }

  private static boolean isDotSegment(int dots, boolean other) {
    return !other && (dots == 1 || dots == 2);
  }
}
