package io.gatehouse.core.access;

import io.gatehouse.Entitlement;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Refuses what no scope of the key covers. A scope is {@code METHOD} or {@code METHOD /path-prefix}, with {@code *} for
 * any method; {@code GET} covers HEAD as well (RFC 9110, 9.3.2). Without scopes a key may do everything.
 *
 * <p>Prefixes are compared with the raw path, so a percent-encoded spelling of a covered path is not covered. They end at
 * a segment: {@code GET /img} covers {@code /img} and {@code /img/a}, not {@code /images}.
 */
public final class ScopeGate implements Gate {

  @Override
  public Optional<Refusal> check(Passage passage) {
    Set<String> scopes = passage.entitlement().map(Entitlement::scopes).orElse(Set.of());
    if (scopes.isEmpty()) {
      return Optional.empty();
    }
    String method = passage.inbound().method();
    String path = passage.inbound().path();
    for (String scope : scopes) {
      if (covers(scope, method, path)) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Refusal(
            Refusal.Reason.SCOPE_MISSING, "The scopes of this key do not cover this request.", Duration.ZERO, "scope"));
  }

  private static boolean covers(String scope, String method, String path) {
    int space = scope.indexOf(' ');
    String scopeMethod = space < 0 ? scope : scope.substring(0, space);
    boolean methodCovered =
        scopeMethod.equals("*")
            || scopeMethod.equals(method)
            || (scopeMethod.equals("GET") && method.equals("HEAD"));
    return methodCovered && (space < 0 || under(scope.substring(space + 1), path));
  }

  private static boolean under(String prefix, String path) {
    return path.startsWith(prefix)
        && (prefix.endsWith("/") || path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
  }
}
