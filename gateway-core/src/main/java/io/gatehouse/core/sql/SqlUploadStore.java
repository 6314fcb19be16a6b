package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.UPLOADS;
import static io.gatehouse.core.sql.schema.Tables.USERS;
import static org.jooq.impl.DSL.coalesce;
import static org.jooq.impl.DSL.notExists;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.selectOne;
import static org.jooq.impl.DSL.sum;

import io.gatehouse.upload.Upload;
import io.gatehouse.upload.UploadStore;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.impl.DSL;

/** Uploads in the database. What depends on other rows of the same object is decided alone among all changes. */
public final class SqlUploadStore implements UploadStore {

  private enum Stage {
    ARRIVING,
    PLACING,
    STORED,
    CONDEMNED
  }

  private final SqlDatabase database;

  public SqlUploadStore(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public void begin(String id, String user, String key, String start, Instant at) {
    database.write("begin upload", db -> db
        .insertInto(UPLOADS)
        .set(UPLOADS.ID, id)
        .set(UPLOADS.USER_ID, user)
        .set(UPLOADS.KEY_ID, key)
        .set(UPLOADS.STAGE, Stage.ARRIVING.name())
        .set(UPLOADS.STARTED_BY, start)
        .set(UPLOADS.BYTES, 0L)
        .set(UPLOADS.CREATED_AT, at)
        .execute());
  }

  @Override
  public void reserve(String id, long bytes) {
    database.write("reserve upload", db -> db
        .update(UPLOADS)
        .set(UPLOADS.BYTES, bytes)
        .where(UPLOADS.ID.eq(id))
        .and(isAt(Stage.ARRIVING))
        .execute());
  }

  @Override
  public Placement place(Upload upload) {
    return alone("place upload", db -> {
      List<? extends Record> others = db
          .select(UPLOADS.fields())
          .from(UPLOADS)
          .where(UPLOADS.OBJECT.eq(upload.object()))
          .and(UPLOADS.ID.ne(upload.id()))
          .and(isAt(Stage.CONDEMNED).or(UPLOADS.USER_ID.eq(upload.user())))
          .fetch();
      if (others.size() == 1 && stage(others.get(0)) == Stage.STORED) {
        return new Placement.Known(upload(others.get(0)));
      }
      if (!others.isEmpty()) {
        return new Placement.Busy();
      }
      db.update(UPLOADS)
          .set(UPLOADS.STAGE, Stage.PLACING.name())
          .set(UPLOADS.OBJECT, upload.object())
          .set(UPLOADS.BYTES, upload.bytes())
          .set(UPLOADS.MEDIA_TYPE, upload.type())
          .set(UPLOADS.WIDTH, upload.width())
          .set(UPLOADS.HEIGHT, upload.height())
          .set(UPLOADS.CREATED_AT, upload.createdAt())
          .where(UPLOADS.ID.eq(upload.id()))
          .and(isAt(Stage.ARRIVING))
          .execute();
      return new Placement.Granted();
    });
  }

  @Override
  public void stored(String id) {
    database.write("store upload", db -> db
        .update(UPLOADS)
        .set(UPLOADS.STAGE, Stage.STORED.name())
        .where(UPLOADS.ID.eq(id))
        .and(isAt(Stage.PLACING))
        .execute());
  }

  @Override
  public Optional<Upload> upload(String user, String id) {
    return database.read("read upload", db -> db
        .select(UPLOADS.fields())
        .from(UPLOADS)
        .where(UPLOADS.ID.eq(id))
        .and(UPLOADS.USER_ID.eq(user))
        .and(isAt(Stage.STORED))
        .fetchOptional(SqlUploadStore::upload));
  }

  @Override
  public long bytesOf(String user) {
    return database.read("sum uploads", db -> db
        .select(coalesce(sum(UPLOADS.BYTES), BigDecimal.ZERO))
        .from(UPLOADS)
        .where(UPLOADS.USER_ID.eq(user))
        .fetchSingle(0, Long.class));
  }

  @Override
  public List<Upload> uploads(String user, Optional<After> after, int most) {
    return database.read("list uploads", db -> db
        .select(UPLOADS.fields())
        .from(UPLOADS)
        .where(UPLOADS.USER_ID.eq(user))
        .and(isAt(Stage.STORED))
        .and(after.map(SqlUploadStore::isBehind).orElseGet(DSL::noCondition))
        .orderBy(UPLOADS.CREATED_AT.desc(), UPLOADS.ID.desc())
        .limit(most)
        .fetch(SqlUploadStore::upload));
  }

  @Override
  public Optional<Condemned> condemn(String user, String id, String start) {
    return condemn(UPLOADS.ID.eq(id).and(UPLOADS.USER_ID.eq(user)).and(isAt(Stage.STORED)), start);
  }

  @Override
  public Optional<Condemned> abandon(String id, String start) {
    return condemn(UPLOADS.ID.eq(id).and(UPLOADS.STAGE.ne(Stage.STORED.name())), start);
  }

  private Optional<Condemned> condemn(Condition which, String start) {
    return alone("condemn upload", db -> {
      Optional<? extends Record> found = db.select(UPLOADS.fields()).from(UPLOADS).where(which).fetchOptional();
      return found.map(row -> {
        String id = row.get(UPLOADS.ID);
        String object = row.get(UPLOADS.OBJECT);
        db.update(UPLOADS)
            .set(UPLOADS.STAGE, Stage.CONDEMNED.name())
            .set(UPLOADS.STARTED_BY, start)
            .where(UPLOADS.ID.eq(id))
            .execute();
        Optional<String> unneeded = Optional.ofNullable(object).filter(name -> !db.fetchExists(db.selectOne()
            .from(UPLOADS)
            .where(UPLOADS.OBJECT.eq(name))
            .and(UPLOADS.STAGE.in(Stage.PLACING.name(), Stage.STORED.name()))));
        return new Condemned(id, row.get(UPLOADS.USER_ID), row.get(UPLOADS.BYTES), unneeded);
      });
    });
  }

  @Override
  public void forget(String id) {
    database.write("forget upload", db -> db.deleteFrom(UPLOADS).where(UPLOADS.ID.eq(id)).execute());
  }

  @Override
  public List<String> unfinished(Collection<String> starts, Instant before, int most) {
    return database.read("find unfinished uploads", db -> db
        .select(UPLOADS.ID)
        .from(UPLOADS)
        .where(UPLOADS.STAGE.in(Stage.ARRIVING.name(), Stage.PLACING.name(), Stage.CONDEMNED.name()))
        .and(UPLOADS.STARTED_BY.in(starts).or(UPLOADS.CREATED_AT.lt(before)))
        .orderBy(UPLOADS.CREATED_AT, UPLOADS.ID)
        .limit(most)
        .fetch(UPLOADS.ID));
  }

  @Override
  public List<Upload> ownerless(int most) {
    return database.read("find uploads of nobody", db -> db
        .select(UPLOADS.fields())
        .from(UPLOADS)
        .where(isAt(Stage.STORED))
        .and(notExists(selectOne().from(USERS).where(USERS.ID.eq(UPLOADS.USER_ID))))
        .limit(most)
        .fetch(SqlUploadStore::upload));
  }

  private <T> T alone(String operation, Function<DSLContext, T> work) {
    AtomicReference<T> result = new AtomicReference<>();
    database.change(operation, db -> {
      result.set(work.apply(db));
      return List.of(); // of which nobody remembers anything
    });
    return result.get();
  }

  private static Condition isAt(Stage stage) {
    return UPLOADS.STAGE.eq(stage.name());
  }

  private static Condition isBehind(After after) {
    return row(UPLOADS.CREATED_AT, UPLOADS.ID).lt(after.createdAt(), after.id());
  }

  private static Stage stage(Record row) {
    return Stage.valueOf(row.get(UPLOADS.STAGE));
  }

  private static Upload upload(Record row) {
    return new Upload(
        row.get(UPLOADS.ID),
        row.get(UPLOADS.USER_ID),
        row.get(UPLOADS.KEY_ID),
        row.get(UPLOADS.OBJECT),
        row.get(UPLOADS.BYTES),
        row.get(UPLOADS.MEDIA_TYPE),
        row.get(UPLOADS.WIDTH),
        row.get(UPLOADS.HEIGHT),
        row.get(UPLOADS.CREATED_AT));
  }
}
