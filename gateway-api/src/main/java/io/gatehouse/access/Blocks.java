package io.gatehouse.access;

import io.gatehouse.Enforcement;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Block.Source;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Holds who is kept out. Blocks that have ended may still be there: those of the gateway tell how often a caller was
 * suspended before.
 *
 * <p>Any number of threads may call at once. May block, within the store's own timeout; throws
 * {@link io.gatehouse.StoreException} when the store cannot answer.
 */
public interface Blocks {

  /** So many blocks there are at the most, ended ones included: {@value}. */
  int MOST = 100_000;

  /** So many of them are the gateway's own at the most: {@value}. */
  int MOST_AUTOMATIC = 10_000;

  /**
   * A page of the blocks that a question asks for, in the order of their ids, which is that in which they were made.
   *
   * @param most how many at the most, 1 or more
   */
  List<Block> blocks(Question question, int most);

  /** Those of these ids that are there, in no particular order. */
  List<Block> blocks(Collection<String> ids);

  /** The block with an id. */
  Optional<Block> block(String id);

  /**
   * The block of a source for somebody; there is one at the most.
   *
   * @param value in any spelling that {@link Block#canonical} reads
   */
  Optional<Block> blockOf(Source source, Kind kind, String value);

  /**
   * Which blocks are asked for: those for which all holds that is said.
   *
   * @param inForceAt those that have not ended at this moment; empty: ended ones too
   * @param after the id after which to begin; empty for the first page
   */
  record Question(
      Optional<Kind> kind,
      Optional<Source> source,
      Optional<Enforcement> enforcement,
      Optional<Instant> inForceAt,
      String after) {

    /** Everything, from the first on. */
    public static final Question ALL =
        new Question(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), "");

    public Question {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(source, "source");
      Objects.requireNonNull(enforcement, "enforcement");
      Objects.requireNonNull(inForceAt, "inForceAt");
      Objects.requireNonNull(after, "after");
    }

    /** The page behind an id. */
    public Question after(String id) {
      return new Question(kind, source, enforcement, inForceAt, id);
    }
  }
}
