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
 * Refuses what no scope of the caller covers, as {@link Scopes} says. Without such scopes everything may be called;
 * permissions of the application behind, {@code images:write}, are none. Prefixes are compared with the raw path, so a
 * percent-encoded spelling of a covered path is not covered.
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
    boolean planned = entitlement.flatMap(Entitlement::plan).isPresent();
    return Optional.of(
        new Refusal(
            Refusal.Reason.SCOPE_MISSING,
            planned
                ? "The scopes of this key and of the plan of its user do not cover this request."
                : "The scopes of this key do not cover this request.",
            Duration.ZERO,
            RULE));
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
      if (Scopes.covers(scope, method, path)) {
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
}
