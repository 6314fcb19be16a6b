package io.gatehouse.core.key;

import io.gatehouse.access.Authenticator.Result;
import io.gatehouse.image.UrlSigner;
import io.gatehouse.key.ApiKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A key that the store knows, and what it may do by the rules that were last asked for. Any number of threads. */
final class KnownKey {

  private final Dossier dossier;
  private final boolean always;
  private final List<UrlSigner> signers;

  /** Written without a lock: whoever misses it compiles the same again. */
  private volatile @Nullable Compiled compiled;

  /** Holds nothing of the rules but their mark, so that a key that nobody uses does not keep old rules in memory. */
  private record Compiled(Object mark, Result.Known caller) {}

  KnownKey(Dossier dossier) {
    this(dossier, List.of());
  }

  /** @param signers verify what was signed in its name */
  KnownKey(Dossier dossier, List<UrlSigner> signers) {
    this.dossier = dossier;
    this.always = dossier.key().enabled() && dossier.key().expiresAt().isEmpty();
    this.signers = signers;
  }

  ApiKey key() {
    return dossier.key();
  }

  Dossier dossier() {
    return dossier;
  }

  /** Whether it may be used whatever the time is; told without a look at the key, which is far away in memory. */
  boolean always() {
    return always;
  }

  /** Verify what was signed in its name; none when it was not looked up for that. */
  List<UrlSigner> signers() {
    return signers;
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
