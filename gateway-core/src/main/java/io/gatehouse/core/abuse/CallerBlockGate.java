package io.gatehouse.core.abuse;

import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.access.Block;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Refuses blocked keys and the keys of blocked users, in the words for keys that are switched off. To be asked right after
 * the gate that finds out who calls. Without I/O.
 */
public final class CallerBlockGate implements Gate {

  private final Blocklist blocks;

  public CallerBlockGate(Blocklist blocks) {
    this.blocks = blocks;
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    Block block = blockOf(passage);
    return block == null ? Optional.empty() : Verdict.of(block, passage);
  }

  private @Nullable Block blockOf(Passage passage) {
    Optional<Entitlement> entitlement = passage.entitlement();
    if (entitlement.isEmpty()) {
      return null;
    }
    Subject subject = entitlement.get().subject();
    return blocks.ofCaller(subject.user(), subject.key());
  }

  @Override
  public Finding preview(Passage passage) {
    if (passage.entitlement().isEmpty()) {
      return new Finding.NotAsked("Nobody is known.");
    }
    Block block = blockOf(passage);
    return block == null ? Verdict.passes("neither key nor user is blocked") : Verdict.finding(block);
  }

  @Override
  public String name() {
    return "caller-blocks";
  }
}
