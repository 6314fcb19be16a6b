package io.gatehouse.core.abuse;

import io.gatehouse.Enforcement;
import io.gatehouse.access.Block;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How long suspensions last: the first one {@code first}, and each that follows within {@code memory} after the end of the
 * one before twice as long, up to {@code longest}. Who behaves for that long begins anew.
 *
 * @param first more than zero
 * @param longest no less than {@code first}
 * @param memory zero or more
 * @param enforcement of suspensions that begin
 */
public record Penalties(Duration first, Duration longest, Duration memory, Enforcement enforcement) {

  public Penalties {
    if (first.isZero() || first.isNegative()) {
      throw new IllegalArgumentException("first: " + first + " (expected: more than zero)");
    }
    if (longest.compareTo(first) < 0) {
      throw new IllegalArgumentException("longest: " + longest + " (expected: no less than first, " + first + ")");
    }
    if (memory.isNegative()) {
      throw new IllegalArgumentException("memory: " + memory + " (expected: zero or more)");
    }
    Objects.requireNonNull(enforcement, "enforcement");
  }

  /**
   * The block that follows from an offence.
   *
   * @param earlier the gateway's own block of the same caller, if there is one; must have ended
   * @param id of the block, when there was none before
   */
  public Block next(Optional<Block> earlier, Offence offence, String id) {
    Instant at = offence.at();
    int strikes = earlier.filter(block -> remembered(block, at)).map(Block::strikes).orElse(0) + 1;
    return new Block(
        earlier.map(Block::id).orElse(id),
        offence.kind(),
        offence.value(),
        offence.reason(),
        enforcement,
        Block.Source.AUTOMATIC,
        at,
        Optional.of(at.plus(lengthOf(strikes))),
        strikes);
  }

  private boolean remembered(Block block, Instant at) {
    return block.expiresAt().map(end -> !end.plus(memory).isBefore(at)).orElse(true);
  }

  /** How long the n-th suspension in a row lasts. */
  Duration lengthOf(int strikes) {
    Duration length = first;
    for (int i = 1; i < strikes && length.compareTo(longest) < 0; i++) {
      length = length.multipliedBy(2);
    }
    return length.compareTo(longest) > 0 ? longest : length;
  }
}
