package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.BLOCKS;
import static org.jooq.impl.DSL.noCondition;

import io.gatehouse.access.Block;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Block.Source;
import io.gatehouse.access.BlockAdmin;
import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;

/** Who is kept out, in the database. Nodes hear of each block that was made, changed or taken away. */
public final class SqlBlockStore implements BlockAdmin {

  private final SqlDatabase database;

  public SqlBlockStore(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public List<Block> blocks(Question question, int most) {
    return database.read("list blocks", db -> db
        .select(BLOCKS.fields())
        .from(BLOCKS)
        .where(condition(question))
        .orderBy(BLOCKS.ID)
        .limit(most)
        .fetch(SqlBlockStore::block));
  }

  private static Condition condition(Question question) {
    return BLOCKS.ID.gt(question.after())
        .and(question.kind().map(kind -> BLOCKS.KIND.eq(kind.name())).orElse(noCondition()))
        .and(question.source().map(source -> BLOCKS.SOURCE.eq(source.name())).orElse(noCondition()))
        .and(question.enforcement().map(BLOCKS.ENFORCEMENT::eq).orElse(noCondition()))
        .and(question.inForceAt()
            .map(moment -> BLOCKS.EXPIRES_AT.isNull().or(BLOCKS.EXPIRES_AT.gt(moment)))
            .orElse(noCondition()));
  }

  @Override
  public List<Block> blocks(Collection<String> ids) {
    return database.read("read blocks", db -> db
        .select(BLOCKS.fields())
        .from(BLOCKS)
        .where(BLOCKS.ID.in(ids))
        .fetch(SqlBlockStore::block));
  }

  @Override
  public Optional<Block> block(String id) {
    return blocks(List.of(id)).stream().findFirst();
  }

  @Override
  public Optional<Block> blockOf(Source source, Kind kind, String value) {
    String blocked = Block.canonical(kind, value);
    return database.read("read block", db -> db
        .select(BLOCKS.fields())
        .from(BLOCKS)
        .where(of(source, kind, blocked))
        .fetchOptional(SqlBlockStore::block));
  }

  @Override
  public void addBlock(Block block) {
    database.change("add block", db -> {
      require(!db.fetchExists(BLOCKS, of(block.source(), block.kind(), block.value())),
          "value: " + block.value() + " (expected: one that has no block of this source)");
      require(db.fetchCount(BLOCKS) < MOST, "blocks: one more than " + MOST + " (expected: at most so many)");
      require(
          block.source() != Source.AUTOMATIC
              || db.fetchCount(BLOCKS, BLOCKS.SOURCE.eq(Source.AUTOMATIC.name())) < MOST_AUTOMATIC,
          "automatic blocks: one more than " + MOST_AUTOMATIC + " (expected: at most so many)");
      db.insertInto(BLOCKS)
          .set(BLOCKS.ID, block.id())
          .set(BLOCKS.KIND, block.kind().name())
          .set(BLOCKS.BLOCKED, block.value())
          .set(BLOCKS.REASON, block.reason())
          .set(BLOCKS.ENFORCEMENT, block.enforcement())
          .set(BLOCKS.SOURCE, block.source().name())
          .set(BLOCKS.CREATED_AT, block.createdAt())
          .set(BLOCKS.EXPIRES_AT, block.expiresAt().orElse(null))
          .set(BLOCKS.STRIKES, block.strikes())
          .execute();
      return changed(block.id());
    });
  }

  @Override
  public boolean updateBlock(Block block) {
    return database.change("change block", db -> {
      Optional<Block> before = read(db, block.id());
      if (before.isEmpty()) {
        return List.of();
      }
      Block was = before.get();
      require(
          was.kind() == block.kind() && was.source() == block.source() && was.value().equals(block.value()),
          "kind, value, source: others (expected: as they were)");
      db.update(BLOCKS)
          .set(BLOCKS.REASON, block.reason())
          .set(BLOCKS.ENFORCEMENT, block.enforcement())
          .set(BLOCKS.CREATED_AT, block.createdAt())
          .set(BLOCKS.EXPIRES_AT, block.expiresAt().orElse(null))
          .set(BLOCKS.STRIKES, block.strikes())
          .where(BLOCKS.ID.eq(block.id()))
          .execute();
      return changed(block.id());
    });
  }

  @Override
  public boolean deleteBlock(String id) {
    return database.change("delete block", db ->
        db.deleteFrom(BLOCKS).where(BLOCKS.ID.eq(id)).execute() == 0 ? List.of() : changed(id));
  }

  /** Nodes need not hear of it: for them these blocks have ended already. */
  @Override
  public int forgetBlocks(Instant endedBefore) {
    AtomicInteger forgotten = new AtomicInteger();
    database.change("forget blocks", db -> {
      forgotten.set(db.deleteFrom(BLOCKS).where(BLOCKS.EXPIRES_AT.lt(endedBefore)).execute());
      return List.of();
    });
    return forgotten.get();
  }

  private static Condition of(Source source, Kind kind, String value) {
    return BLOCKS.BLOCKED.eq(value).and(BLOCKS.KIND.eq(kind.name())).and(BLOCKS.SOURCE.eq(source.name()));
  }

  private static Optional<Block> read(DSLContext db, String id) {
    return db.select(BLOCKS.fields()).from(BLOCKS).where(BLOCKS.ID.eq(id)).fetchOptional(SqlBlockStore::block);
  }

  private static List<Change> changed(String id) {
    return List.of(new Change(Topic.BLOCKS, id));
  }

  private static void require(boolean sound, String otherwise) {
    if (!sound) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  private static Block block(Record row) {
    return new Block(
        row.get(BLOCKS.ID),
        Kind.valueOf(row.get(BLOCKS.KIND)),
        row.get(BLOCKS.BLOCKED),
        row.get(BLOCKS.REASON),
        row.get(BLOCKS.ENFORCEMENT),
        Source.valueOf(row.get(BLOCKS.SOURCE)),
        row.get(BLOCKS.CREATED_AT),
        Optional.ofNullable(row.get(BLOCKS.EXPIRES_AT)),
        row.get(BLOCKS.STRIKES));
  }
}
