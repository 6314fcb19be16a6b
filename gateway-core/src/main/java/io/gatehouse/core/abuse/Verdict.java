package io.gatehouse.core.abuse;

import io.gatehouse.Enforcement;
import io.gatehouse.Finding;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Refusal.Reason;
import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What is made of a block that concerns a request. Callers are never told which block it is, nor when it ends. */
final class Verdict {

  private static final Map<Kind, Refusal> ENFORCED = refusals("");
  private static final Map<Kind, Refusal> SHADOW = refusals("-shadow");

  private Verdict() {}

  private static Map<Kind, Refusal> refusals(String suffix) {
    Map<Kind, Refusal> refusals = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      String rule = "block-" + kind.name().toLowerCase(Locale.ROOT) + suffix;
      refusals.put(kind, switch (kind) {
        case NETWORK, COUNTRY ->
            new Refusal(Reason.BLOCKED, "Requests from this address are not accepted.", Duration.ZERO, rule);
        case KEY, USER -> new Refusal(Reason.KEY_DISABLED, "The API key is disabled.", Duration.ZERO, rule);
      });
    }
    return refusals;
  }

  /** Refuses, or takes note of what a shadow would do. */
  static Optional<Refusal> of(Block block, Passage passage) {
    if (block.enforcement() == Enforcement.SHADOW) {
      passage.wouldRefuse(SHADOW.get(block.kind()));
      return Optional.empty();
    }
    return Optional.of(ENFORCED.get(block.kind()));
  }

  static Finding passes(String detail) {
    return new Finding.Passes("", detail, List.of());
  }

  /** For people who administer, and so with the block and its end. */
  static Finding finding(Block block) {
    String until = block.expiresAt().map(Instant::toString).map(end -> " until " + end).orElse("");
    String detail = block.kind().name().toLowerCase(Locale.ROOT) + " " + block.value() + ", block " + block.id() + until;
    if (block.enforcement() == Enforcement.SHADOW) {
      Refusal would = SHADOW.get(block.kind());
      return new Finding.Passes(would.rule(), "in the shadow: " + detail, List.of());
    }
    Refusal refusal = ENFORCED.get(block.kind());
    return new Finding.Refuses(
        new Refusal(refusal.reason(), refusal.detail() + " (" + detail + ")", Duration.ZERO, refusal.rule()), List.of());
  }
}
