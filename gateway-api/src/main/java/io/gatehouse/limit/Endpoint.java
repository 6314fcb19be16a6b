package io.gatehouse.limit;

import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A part of an API that is limited by itself: all that lies at or below a path.
 *
 * <p>A request must not get past a limit by another spelling of its path. So paths are compared as most servers read
 * them: percent-encoding undone, repeated slashes as one, and without what stands in a segment behind a semicolon. Case
 * counts. The query does not.
 *
 * @param name for people and for the names of rules: 1 to 40 lower-case letters, digits and hyphens, the first no hyphen
 * @param path begins with a slash; {@code /img} covers {@code /img} and {@code /img/a}, not {@code /images}; {@code /}
 *     covers everything. Without percent-encoding, repeated slashes and dot segments; a slash at its end is cut off
 * @param methods as they are sent; {@code GET} covers HEAD as well; empty: any
 */
public record Endpoint(String name, String path, Set<String> methods) {

  /** What a name may be: {@value}. */
  public static final String NAME = "[a-z0-9][a-z0-9-]{0,39}";

  /** What a path may be: {@value}. */
  public static final String PATH = "/(?:(?!\\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+,=:@-]+(?:/|$))*";

  private static final Pattern NAMES = Pattern.compile(NAME);
  private static final Pattern PATHS = Pattern.compile(PATH);

  public Endpoint {
    Objects.requireNonNull(name, "name");
    if (!NAMES.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "name: " + name + " (expected: 1 to 40 lower-case letters, digits and hyphens)");
    }
    if (!PATHS.matcher(path).matches()) {
      throw new IllegalArgumentException("path: " + path + " (expected: such as /img/resize, without encoding)");
    }
    path = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    methods = Set.copyOf(methods);
  }

  /**
   * Whether a request is one for this endpoint. Allocates nothing.
   *
   * @param method as sent
   * @param target path and query as received
   */
  public boolean covers(String method, String target) {
    return coversMethod(method) && coversPath(target);
  }

  private boolean coversMethod(String method) {
    return methods.isEmpty() || methods.contains(method) || method.equals("HEAD") && methods.contains("GET");
  }

  private boolean coversPath(String target) {
    int query = target.indexOf('?');
    int end = query < 0 ? target.length() : query;
    int at = 0;
    for (int i = 0; i < path.length(); i++) {
      char expected = path.charAt(i);
      at = expected == '/' ? pastParameters(target, at, end) : at;
      if (at >= end || character(target, at, end) != expected) {
        return false;
      }
      at += width(target, at, end);
      at = expected == '/' ? pastEmptySegments(target, at, end) : at;
    }
    at = pastParameters(target, at, end);
    return path.isEmpty() || at >= end || character(target, at, end) == '/';
  }

  /** What stands between two slashes may be parameters alone. */
  private static int pastEmptySegments(String target, int at, int end) {
    int begin = at;
    int slash = pastParameters(target, at, end);
    while (slash < end && character(target, slash, end) == '/') {
      begin = slash + width(target, slash, end);
      slash = pastParameters(target, begin, end);
    }
    return begin;
  }

  /** RFC 3986, 3.3: a semicolon begins parameters of a segment, which some servers cut off. */
  private static int pastParameters(String target, int at, int end) {
    if (at >= end || target.charAt(at) != ';') {
      return at;
    }
    int slash = target.indexOf('/', at);
    return slash < 0 ? end : Math.min(slash, end);
  }

  private static int character(String target, int at, int end) {
    return width(target, at, end) == 1
        ? target.charAt(at)
        : Character.digit(target.charAt(at + 1), 16) << 4 | Character.digit(target.charAt(at + 2), 16);
  }

  /** How many characters of the target stand for one of the path. */
  private static int width(String target, int at, int end) {
    boolean encoded = target.charAt(at) == '%'
        && at + 2 < end
        && Character.digit(target.charAt(at + 1), 16) >= 0
        && Character.digit(target.charAt(at + 2), 16) >= 0;
    return encoded ? 3 : 1;
  }
}
