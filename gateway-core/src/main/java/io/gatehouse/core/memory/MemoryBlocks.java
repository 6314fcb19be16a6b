package io.gatehouse.core.memory;

import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Block.Source;
import io.gatehouse.access.BlockAdmin;
import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Who is kept out, in this process. Any number of threads; one lock is held for a walk over all blocks at the most. */
public final class MemoryBlocks implements BlockAdmin {

  private final Consumer<Change> listener;

  /** By id. Guarded by this. */
  private final NavigableMap<String, Block> blocks = new TreeMap<>();

  /** The ids of all blocks, by what they block. Guarded by this. */
  private final Map<Of, String> ids = new HashMap<>();

  /** How many of them are the gateway's own. Guarded by this. */
  private int automatic;

  /** What a block is the only one of. */
  private record Of(Source source, Kind kind, String value) {
    static Of block(Block block) {
      return new Of(block.source(), block.kind(), block.value());
    }
  }

  /** Nobody is kept out. */
  public MemoryBlocks() {
    this(change -> {});
  }

  /**
   * Nobody is kept out.
   *
   * @param listener is told of each block that was made, changed or taken away, by the thread that did it
   */
  public MemoryBlocks(Consumer<Change> listener) {
    this.listener = Objects.requireNonNull(listener, "listener");
  }

  @Override
  public synchronized List<Block> blocks(Question question, int most) {
    return blocks.tailMap(question.after(), false).values().stream()
        .filter(block -> answers(block, question))
        .limit(most)
        .toList();
  }

  private static boolean answers(Block block, Question question) {
    return question.kind().map(kind -> kind == block.kind()).orElse(true)
        && question.source().map(source -> source == block.source()).orElse(true)
        && question.enforcement().map(enforcement -> enforcement == block.enforcement()).orElse(true)
        && question.inForceAt().map(block::inForceAt).orElse(true);
  }

  @Override
  public synchronized List<Block> blocks(Collection<String> ids) {
    return ids.stream().distinct().map(blocks::get).filter(Objects::nonNull).toList();
  }

  @Override
  public synchronized Optional<Block> block(String id) {
    return Optional.ofNullable(blocks.get(id));
  }

  @Override
  public synchronized Optional<Block> blockOf(Source source, Kind kind, String value) {
    return Optional.ofNullable(ids.get(new Of(source, kind, Block.canonical(kind, value)))).map(blocks::get);
  }

  @Override
  public void addBlock(Block block) {
    synchronized (this) {
      require(!blocks.containsKey(block.id()), "id: " + block.id() + " (expected: one that is not taken)");
      require(
          !ids.containsKey(Of.block(block)),
          "value: " + block.value() + " (expected: one that has no block of this source)");
      require(blocks.size() < MOST, "blocks: one more than " + MOST + " (expected: at most so many)");
      require(
          block.source() != Source.AUTOMATIC || automatic < MOST_AUTOMATIC,
          "automatic blocks: one more than " + MOST_AUTOMATIC + " (expected: at most so many)");
      blocks.put(block.id(), block);
      ids.put(Of.block(block), block.id());
      automatic += block.source() == Source.AUTOMATIC ? 1 : 0;
    }
    tell(block.id());
  }

  @Override
  public boolean updateBlock(Block block) {
    synchronized (this) {
      Block was = blocks.get(block.id());
      if (was == null) {
        return false;
      }
      require(
          Of.block(was).equals(Of.block(block)),
          "kind, value, source: others (expected: as they were)");
      blocks.put(block.id(), block);
    }
    tell(block.id());
    return true;
  }

  @Override
  public boolean deleteBlock(String id) {
    synchronized (this) {
      Block removed = blocks.remove(id);
      if (removed == null) {
        return false;
      }
      removed(removed);
    }
    tell(id);
    return true;
  }

  @Override
  public synchronized int forgetBlocks(Instant endedBefore) {
    List<Block> ended = blocks.values().stream()
        .filter(block -> block.expiresAt().map(end -> end.isBefore(endedBefore)).orElse(false))
        .toList();
    ended.forEach(block -> {
      blocks.remove(block.id());
      removed(block);
    });
    return ended.size();
  }

  private void removed(Block block) {
    ids.remove(Of.block(block));
    automatic -= block.source() == Source.AUTOMATIC ? 1 : 0;
  }

  private void tell(String id) {
    listener.accept(new Change(Topic.BLOCKS, id));
  }

  private static void require(boolean sound, String otherwise) {
    if (!sound) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
