package io.gatehouse.access;

import java.time.Instant;

/** Blocks that can be changed. A change is durable when the call returns. Otherwise as {@link Blocks}. */
public interface BlockAdmin extends Blocks {

  /**
   * Adds a block.
   *
   * @throws IllegalArgumentException when its id is taken, when there is one of the same source for the same value, even if
   *     that has ended, or when there are {@value Blocks#MOST} blocks, or {@value Blocks#MOST_AUTOMATIC} of the gateway's own,
   *     already
   */
  void addBlock(Block block);

  /**
   * Replaces the block with this id; kind, value and source are to be as they were.
   *
   * @return false when there is none
   * @throws IllegalArgumentException when kind, value or source are others
   */
  boolean updateBlock(Block block);

  /** Takes a block away, and with it how often it was made. False when there was none. */
  boolean deleteBlock(String id);

  /**
   * Takes away the blocks that have ended before a moment. Several nodes may do it at once.
   *
   * @return how many
   */
  int forgetBlocks(Instant endedBefore);
}
