package io.gatehouse.core.access;

import io.gatehouse.key.ApiKey;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What scopes cover. A scope is {@code METHOD} or {@code METHOD /path-prefix}, with {@code *} for any method; {@code GET}
 * covers HEAD as well (RFC 9110, 9.3.2). Prefixes are compared with the raw path and end at a segment: {@code GET /img}
 * covers {@code /img} and {@code /img/a}, not {@code /images}.
 */
public final class Scopes {

  /**
   * Says what may be called, and covers nothing: no method has a parenthesis (RFC 9110, 5.6.2). With no scope at all,
   * everything might be called.
   */
  static final Set<String> NOTHING = Set.of("(nothing)");

  private Scopes() {}

  /**
   * What both a key and the plan of its user allow. Without scopes that say what may be called, either side allows
   * everything. Where both have some and nothing in common, the one that is left covers no request. Permissions of the
   * application behind ({@link ApiKey#isRoute}) are the key's and stay as they are.
   *
   * @param ofPlan no permissions
   */
  public static Set<String> common(Set<String> ofKey, Set<String> ofPlan) {
    if (ofPlan.isEmpty()) {
      return ofKey;
    }
    Set<String> routes = ofKey.stream().filter(ApiKey::isRoute).collect(Collectors.toSet());
    Set<String> common = new HashSet<>(routes.isEmpty() ? ofPlan : meeting(routes, ofPlan));
    ofKey.stream().filter(scope -> !ApiKey.isRoute(scope)).forEach(common::add);
    return Set.copyOf(common);
  }

  /** Whether one of these scopes covers a request; permissions cover none. */
  public static boolean cover(Set<String> scopes, String method, String path) {
    return scopes.stream().anyMatch(scope -> covers(scope, method, path));
  }

  /**
   * Whether a key with some scopes may do nothing that a key with others may not: each route of it is within one of
   * theirs, and each permission is one of theirs. Whoever has no scopes at all may do everything.
   */
  public static boolean within(Set<String> some, Set<String> others) {
    if (others.isEmpty() || some.isEmpty()) {
      return others.isEmpty();
    }
    Set<String> routes = others.stream().filter(ApiKey::isRoute).collect(Collectors.toSet());
    boolean anyRoute = some.stream().anyMatch(ApiKey::isRoute);
    return (routes.isEmpty() || anyRoute)
        && some.stream().allMatch(scope -> ApiKey.isRoute(scope)
            ? routes.isEmpty() || routes.stream().anyMatch(other -> common(scope, other).equals(Optional.of(scope)))
            : others.contains(scope));
  }

  /** Of two scopes the methods are equal or one covers the other, and so are the prefixes, or nothing is in both. */
  private static Set<String> meeting(Set<String> some, Set<String> others) {
    Set<String> common = some.stream()
        .flatMap(scope -> others.stream().flatMap(other -> common(scope, other).stream()))
        .collect(Collectors.toSet());
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
