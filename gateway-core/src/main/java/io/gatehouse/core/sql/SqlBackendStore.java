package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.BACKENDS;

import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.upstream.BackendAdmin;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.util.List;

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
      db.insertInto(BACKENDS)
          .set(BACKENDS.URI, backend.uri().toString())
          .set(BACKENDS.WEIGHT, backend.weight())
          .set(BACKENDS.STATE, backend.state())
          .set(BACKENDS.HEALTH_CHECK_NANOS, backend.healthCheckInterval())
          .set(BACKENDS.POOL, backend.pool())
          .onConflict(BACKENDS.URI)
          .doUpdate()
          .set(BACKENDS.WEIGHT, backend.weight())
          .set(BACKENDS.STATE, backend.state())
          .set(BACKENDS.HEALTH_CHECK_NANOS, backend.healthCheckInterval())
          .set(BACKENDS.POOL, backend.pool())
          .setNull(BACKENDS.TTL_NANOS)
          .setNull(BACKENDS.EXPIRES_AT)
          .execute();
      return changed(backend.uri());
    });
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
