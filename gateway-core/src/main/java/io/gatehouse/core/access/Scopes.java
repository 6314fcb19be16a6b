package io.gatehouse.core.access;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What scopes cover. A scope is {@code METHOD} or {@code METHOD /path-prefix}, with {@code *} for any method; {@code GET}
 * covers HEAD as well (RFC 9110, 9.3.2). Prefixes are compared with the raw path and end at a segment: {@code GET /img}
 * covers {@code /img} and {@code /img/a}, not {@code /images}.
 */
public final class Scopes {

  /** Covers nothing, since no method can have a parenthesis (RFC 9110, 5.6.2). Without it, no scope would be left: everything. */
  static final Set<String> NOTHING = Set.of("(nothing)");

  private Scopes() {}

  /**
   * What both allow, as scopes: empty only if both are, which allows everything. Where they have nothing in common, the one
   * scope of the result covers no request.
   */
  public static Set<String> common(Set<String> some, Set<String> others) {
    if (some.isEmpty() || others.isEmpty()) {
      return some.isEmpty() ? others : some;
    }
    // Of two scopes the methods are equal or one covers the other, and so are the prefixes, or nothing is in both: what two
    // have in common is one scope.
    Set<String> common = some.stream()
        .flatMap(scope -> others.stream().flatMap(other -> common(scope, other).stream()))
        .collect(Collectors.toUnmodifiableSet());
    return common.isEmpty() ? NOTHING : common;
  }

  private static Optional<String> common(String a, String b) {
    Optional<String> method = narrower(method(a), method(b));
    Optional<String> prefix = nearer(prefix(a), prefix(b));
    return method.flatMap(one -> prefix.map(path -> path.isEmpty() ? one : one + " " + path));
  }

  private static Optional<String> narrower(String a, String b) {
    return coversMethod(a, b) ? Optional.of(b) : coversMethod(b, a) ? Optional.of(a) : Optional.empty();
  }

  private static Optional<String> nearer(String a, String b) {
    return coversPath(a, b) ? Optional.of(b) : coversPath(b, a) ? Optional.of(a) : Optional.empty();
  }

  /** Whether a scope covers a request. */
  static boolean covers(String scope, String method, String path) {
    return coversMethod(method(scope), method) && coversPath(prefix(scope), path);
  }

  private static boolean coversMethod(String scoped, String method) {
    return scoped.equals("*") || scoped.equals(method) || scoped.equals("GET") && method.equals("HEAD");
  }

  private static boolean coversPath(String prefix, String path) {
    return path.startsWith(prefix)
        && (prefix.isEmpty()
            || prefix.endsWith("/")
            || path.length() == prefix.length()
            || path.charAt(prefix.length()) == '/');
  }

  private static String method(String scope) {
    int space = scope.indexOf(' ');
    return space < 0 ? scope : scope.substring(0, space);
  }

  /** Empty: any path. */
  private static String prefix(String scope) {
    int space = scope.indexOf(' ');
    return space < 0 ? "" : scope.substring(space + 1);
  }
}
