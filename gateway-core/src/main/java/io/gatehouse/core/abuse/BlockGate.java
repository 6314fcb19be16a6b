package io.gatehouse.core.abuse;

import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.access.Block;
import io.gatehouse.access.Countries;
import java.util.Optional;

/**
 * Refuses whoever comes from a blocked address, or out of a blocked country. To be asked first of all: it needs no I/O, and
 * nobody who is kept out should cost more. Of a country nothing is refused as long as it is not known.
 */
public final class BlockGate implements Gate {

  private final Blocklist blocks;
  private final Countries countries;

  public BlockGate(Blocklist blocks, Countries countries) {
    this.blocks = blocks;
    this.countries = countries;
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    Block block = blocks.ofAddress(passage.inbound().clientAddress(), countries);
    return block == null ? Optional.empty() : Verdict.of(block, passage);
  }

  @Override
  public Finding preview(Passage passage) {
    Block block = blocks.ofAddress(passage.inbound().clientAddress(), countries);
    return block == null ? Verdict.passes("the address is not blocked") : Verdict.finding(block);
  }

  @Override
  public String name() {
    return "blocks";
  }
}
