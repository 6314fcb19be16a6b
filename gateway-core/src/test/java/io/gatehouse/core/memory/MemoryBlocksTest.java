package io.gatehouse.core.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.Enforcement;
import io.gatehouse.access.Block;
import io.gatehouse.access.BlockAdmin;
import io.gatehouse.access.Blocks;
import io.gatehouse.contract.BlockAdminContract;
import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MemoryBlocksTest extends BlockAdminContract {

  private final List<Change> heard = new ArrayList<>();
  private final MemoryBlocks blocks = new MemoryBlocks(change -> {
    synchronized (heard) {
      heard.add(change);
    }
  });

  @Override
  protected BlockAdmin blocks() {
    return blocks;
  }

  @Test
  void every_change_is_told() {
    Block block = automatic("1");
    blocks.addBlock(block);
    blocks.updateBlock(block.withReason("x"));
    blocks.deleteBlock(block.id());
    blocks.deleteBlock(block.id());

    assertThat(heard).hasSize(3).containsOnly(new Change(Topic.BLOCKS, block.id()));
  }

  @Test
  void the_gateway_cannot_fill_the_store() {
    MemoryBlocks full = new MemoryBlocks();
    for (int i = 0; i < Blocks.MOST_AUTOMATIC; i++) {
      full.addBlock(automatic("n" + i));
    }

    assertThatThrownBy(() -> full.addBlock(automatic("more")))
        .hasMessage("automatic blocks: one more than 10000 (expected: at most so many)");
    full.deleteBlock("n7");
    full.addBlock(automatic("more"));
  }

  private static Block automatic(String id) {
    return new Block(
        id, Block.Kind.KEY, id, "", Enforcement.ENFORCED, Block.Source.AUTOMATIC, Instant.EPOCH, Optional.empty(), 1);
  }
}
