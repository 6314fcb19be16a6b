package io.gatehouse.core.key;

import io.gatehouse.access.Authenticator.Result;
import io.gatehouse.key.ApiKey;
import org.jspecify.annotations.Nullable;

/** A key that the store knows, and what it may do by the rules that were last asked for. Any number of threads. */
final class KnownKey {

  private final Dossier dossier;

  /** Written without a lock: whoever misses it compiles the same again. */
  private volatile @Nullable Compiled compiled;

  /** Holds nothing of the rules but their mark, so that a key that nobody uses does not keep old rules in memory. */
  private record Compiled(Object mark, Result.Known caller) {}

  KnownKey(Dossier dossier) {
    this.dossier = dossier;
  }

  ApiKey key() {
    return dossier.key();
  }

  Dossier dossier() {
    return dossier;
  }

  /** Its caller, with what they may do by these rules. Does not block. */
  Result.Known caller(EntitlementRules rules) {
    Compiled known = compiled;
    if (known == null || known.mark() != rules.mark()) {
      known = new Compiled(rules.mark(), new Result.Known(rules.compile(dossier)));
      compiled = known;
    }
    return known.caller();
  }
}
