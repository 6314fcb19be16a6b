package io.gatehouse.core.key;

import io.gatehouse.Entitlement;
import java.util.Objects;
import java.util.function.Function;

/** Tells by one set of rules what keys may do. Any number of threads; does not block. */
public final class EntitlementRules {

  private final Function<Dossier, Entitlement> rules;
  private final Object mark = new Object();

  /** @param rules the same for the same dossier, always */
  public EntitlementRules(Function<Dossier, Entitlement> rules) {
    this.rules = Objects.requireNonNull(rules, "rules");
  }

  /** What this key may do. */
  public Entitlement compile(Dossier dossier) {
    return rules.apply(dossier);
  }

  /** Tells these rules from all others, and holds nothing of them. */
  Object mark() {
    return mark;
  }
}
