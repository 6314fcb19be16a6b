package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.BACKENDS;

import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jspecify.annotations.Nullable;

/** The backends that were added at run time for good, in the database; {@link SqlRegistrations} has the others. */
public final class SqlBackendStore implements BackendAdmin {

  private final SqlDatabase database;

  public SqlBackendStore(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public List<Upstream> backends() {
    return database.read("list backends", db -> db
        .select(BACKENDS.URI, BACKENDS.WEIGHT, BACKENDS.STATE, BACKENDS.HEALTH_CHECK_NANOS, BACKENDS.POOL)
        .from(BACKENDS)
        .where(BACKENDS.EXPIRES_AT.isNull())
        .orderBy(BACKENDS.URI)
        .fetch(row -> new Upstream(
            URI.create(row.value1()), row.value2(), row.value3(), row.value4(), row.value5())));
  }

  @Override
  public void putBackend(Upstream backend) {
    database.change("put backend", db -> {
      write(db, backend, null, null);
      return changed(backend.uri());
    });
  }

  /**
   * Adds a backend, or replaces the one with the same URI.
   *
   * @param ttl how long it is believed; null: it is kept for good
   * @param expiresAt until when; null with {@code ttl}
   */
  static void write(DSLContext db, Upstream backend, @Nullable Duration ttl, @Nullable Instant expiresAt) {
    Map<Field<?>, @Nullable Object> row = new LinkedHashMap<>();
    row.put(BACKENDS.URI, backend.uri().toString());
    row.put(BACKENDS.WEIGHT, backend.weight());
    row.put(BACKENDS.STATE, backend.state());
    row.put(BACKENDS.HEALTH_CHECK_NANOS, backend.healthCheckInterval());
    row.put(BACKENDS.POOL, backend.pool());
    row.put(BACKENDS.TTL_NANOS, ttl);
    row.put(BACKENDS.EXPIRES_AT, expiresAt);
    db.insertInto(BACKENDS).set(row).onConflict(BACKENDS.URI).doUpdate().set(row).execute();
  }

  @Override
  public boolean deleteBackend(URI uri) {
    return database.change("delete backend", db -> {
      int deleted = db.deleteFrom(BACKENDS).where(BACKENDS.URI.eq(uri.toString())).execute();
      return deleted == 0 ? List.of() : changed(uri);
    });
  }

  private static List<Change> changed(URI uri) {
    return List.of(new Change(Topic.BACKENDS, uri.toString()));
  }
}
