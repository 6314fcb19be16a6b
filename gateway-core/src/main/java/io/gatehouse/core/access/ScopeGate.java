package io.gatehouse.core.access;

import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.key.ApiKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Refuses what no scope of the key covers. A scope is {@code METHOD} or {@code METHOD /path-prefix}, with {@code *} for
 * any method; {@code GET} covers HEAD as well (RFC 9110, 9.3.2). Without such scopes a key may do everything; permissions
 * of the application behind, {@code images:write}, are none.
 *
 * <p>Prefixes are compared with the raw path, so a percent-encoded spelling of a covered path is not covered. They end at
 * a segment: {@code GET /img} covers {@code /img} and {@code /img/a}, not {@code /images}.
 */
public final class ScopeGate implements Gate {

  private static final String RULE = "scope";

  @Override
  public Optional<Refusal> check(Passage passage) {
    Optional<Entitlement> entitlement = passage.entitlement();
    Set<String> scopes = entitlement.isPresent() ? entitlement.get().scopes() : Set.of();
    if (scopes.isEmpty() || covering(scopes, passage).isPresent() || !limited(scopes)) {
      return Optional.empty();
    }
    return Optional.of(
        new Refusal(
            Refusal.Reason.SCOPE_MISSING, "The scopes of this key do not cover this request.", Duration.ZERO, RULE));
  }

  @Override
  public Finding preview(Passage passage) {
    Optional<Entitlement> entitlement = passage.entitlement();
    if (entitlement.isEmpty()) {
      return new Finding.NotAsked("Nobody is known.");
    }
    Optional<Refusal> refusal = check(passage);
    if (refusal.isPresent()) {
      return new Finding.Refuses(refusal.get(), List.of());
    }
    return covering(entitlement.get().scopes(), passage)
        .map(scope -> new Finding.Passes(RULE, "covered by " + scope, List.of()))
        .orElseGet(() -> new Finding.Passes("", "no scopes: everything may be called", List.of()));
  }

  @Override
  public String name() {
    return "scope";
  }

  private static Optional<String> covering(Set<String> scopes, Passage passage) {
    String method = passage.inbound().method();
    String path = passage.inbound().path();
    for (String scope : scopes) {
      if (covers(scope, method, path)) {
        return Optional.of(scope);
      }
    }
    return Optional.empty();
  }

  private static boolean limited(Set<String> scopes) {
    for (String scope : scopes) {
      if (ApiKey.isRoute(scope)) {
        return true;
      }
    }
    return false;
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
