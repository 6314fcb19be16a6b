package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.BACKENDS;

import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.upstream.Registration;
import io.gatehouse.upstream.Registrations;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jooq.Condition;
import org.jooq.DSLContext;

/**
 * The backends that register themselves, in the database. A beat in good time is one row written, and no entry in the
 * change log: who keeps the backend in a pool reads again when its time is up, and finds it extended.
 */
public final class SqlRegistrations implements Registrations {

  /**
   * A beat that comes so late is told as a change: some node may be reading that the time is up while the beat is being
   * written, and would not ask again.
   */
  private static final Duration IN_GOOD_TIME = Duration.ofSeconds(1);

  private final SqlDatabase database;

  public SqlRegistrations(SqlDatabase database) {
    this.database = database;
  }

  @Override
  public List<Registration> registrations() {
    return database.read("list registrations", db -> {
      Instant now = database.now(db);
      return db
          .select(BACKENDS.URI, BACKENDS.WEIGHT, BACKENDS.STATE, BACKENDS.HEALTH_CHECK_NANOS, BACKENDS.POOL,
              BACKENDS.TTL_NANOS, BACKENDS.EXPIRES_AT)
          .from(BACKENDS)
          .where(BACKENDS.EXPIRES_AT.isNotNull())
          .orderBy(BACKENDS.URI)
          .fetch(row -> new Registration(
              new Upstream(URI.create(row.value1()), row.value2(), row.value3(), row.value4(), row.value5()),
              row.value6(),
              Duration.between(now, row.value7())));
    });
  }

  @Override
  public Answer register(Upstream backend, Duration ttl) {
    Condition same = BACKENDS.WEIGHT.eq(backend.weight())
        .and(BACKENDS.STATE.eq(backend.state()))
        .and(BACKENDS.HEALTH_CHECK_NANOS.eq(backend.healthCheckInterval()))
        .and(BACKENDS.POOL.eq(backend.pool()));
    if (extended(backend.uri(), ttl, same)) {
      return Answer.KEPT;
    }
    AtomicReference<Answer> answer = new AtomicReference<>(Answer.KEPT);
    database.change("register backend", db -> {
      Instant now = database.now(db);
      Answer given = place(db, backend.uri(), now);
      answer.set(given);
      if (given != Answer.KEPT) {
        return List.of();
      }
      SqlBackendStore.write(db, backend, ttl, now.plus(ttl));
      return changed(backend.uri());
    });
    return answer.get();
  }

  /** Whether there is a place for this address, if need be that of one that was not heard of in time. */
  private static Answer place(DSLContext db, URI uri, Instant now) {
    boolean lasting = db.fetchExists(BACKENDS, here(uri).and(BACKENDS.EXPIRES_AT.isNull()));
    if (lasting) {
      return Answer.LASTING;
    }
    int others = db.fetchCount(BACKENDS, BACKENDS.EXPIRES_AT.isNotNull().and(BACKENDS.URI.ne(uri.toString())));
    boolean free = others < MOST || db.deleteFrom(BACKENDS).where(BACKENDS.EXPIRES_AT.le(now)).execute() > 0;
    return free ? Answer.KEPT : Answer.FULL;
  }

  @Override
  public boolean beat(URI uri, Duration ttl) {
    return extended(uri, ttl, BACKENDS.EXPIRES_AT.isNotNull()) || database.change("extend registration", db -> {
      int found = db.update(BACKENDS)
          .set(BACKENDS.TTL_NANOS, ttl)
          .set(BACKENDS.EXPIRES_AT, database.now(db).plus(ttl))
          .where(here(uri).and(BACKENDS.EXPIRES_AT.isNotNull()))
          .execute();
      return found == 0 ? List.of() : changed(uri);
    });
  }

  /** Extends one that was heard of in good time, if nothing else is to change. */
  private boolean extended(URI uri, Duration ttl, Condition same) {
    return database.write("extend registration", db -> {
      Instant now = database.now(db);
      return db.update(BACKENDS)
          .set(BACKENDS.EXPIRES_AT, now.plus(ttl))
          .where(here(uri)
              .and(BACKENDS.TTL_NANOS.eq(ttl))
              .and(BACKENDS.EXPIRES_AT.gt(now.plus(IN_GOOD_TIME)))
              .and(same))
          .execute();
    }) > 0;
  }

  @Override
  public boolean deregister(URI uri) {
    return database.change("deregister backend", db -> {
      int deleted = db.deleteFrom(BACKENDS).where(here(uri).and(BACKENDS.EXPIRES_AT.isNotNull())).execute();
      return deleted == 0 ? List.of() : changed(uri);
    });
  }

  private static Condition here(URI uri) {
    return BACKENDS.URI.eq(uri.toString());
  }

  private static List<Change> changed(URI uri) {
    return List.of(new Change(Topic.BACKENDS, uri.toString()));
  }
}
