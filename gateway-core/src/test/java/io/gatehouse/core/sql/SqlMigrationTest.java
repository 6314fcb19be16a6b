package io.gatehouse.core.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import io.gatehouse.Subject;
import io.gatehouse.event.Traffic;
import io.gatehouse.event.TrafficLog;
import io.gatehouse.event.TrafficRecord;
import io.gatehouse.key.User;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import java.io.File;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.flywaydb.core.Flyway;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** From nothing to the schema of this version, whoever starts when. */
abstract class SqlMigrationTest {

  private final SqlDatabase.Dialect dialect;

  SqlMigrationTest(SqlDatabase.Dialect dialect) {
    this.dialect = dialect;
  }

  @Test
  void the_second_start_finds_nothing_to_do() {
    try (TestDatabases databases = TestDatabases.of(dialect)) {
      Migration first = databases.open().migrate();
      Migration second = databases.open().migrate();

      assertThat(first.applied()).isPositive();
      assertThat(second).isEqualTo(new Migration(0, first.version()));
    }
  }

  @RepeatedTest(3)
  void nodes_that_start_at_once_do_not_collide() throws Exception {
    int nodes = 4;
    ExecutorService pool = Executors.newFixedThreadPool(nodes);
    try (TestDatabases databases = TestDatabases.of(dialect)) {
      Callable<Migration> start = () -> {
        try (SqlDatabase database = databases.builder().open()) {
          Migration migration = database.migrate();
          database.ping();
          return migration;
        }
      };
      List<Callable<Migration>> starts = new ArrayList<>();
      for (int i = 0; i < nodes; i++) {
        starts.add(start);
      }

      int applied = 0;
      for (Future<Migration> started : pool.invokeAll(starts)) {
        applied += started.get().applied();
      }

      Migration again = databases.open().migrate();
      assertThat(again.applied()).isZero();
      assertThat(applied).isEqualTo(
          migrations("common") + (dialect == SqlDatabase.Dialect.SQLITE ? 0 : migrations("postgres")));
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void limits_of_users_become_limits_of_a_level_and_keys_learn_their_lineage() {
    try (TestDatabases databases = TestDatabases.of(dialect)) {
      SqlDatabase database = databases.open();
      Flyway.configure().configuration(Migrator.flyway(database.engine()).getConfiguration()).target("5").load()
          .migrate();
      database.write("as it was", db -> {
        for (String user : List.of("'own', TRUE", "'lifted', TRUE", "'usual', FALSE")) {
          String id = user.substring(0, user.indexOf(','));
          db.execute("INSERT INTO users (id, name, name_key, enabled, own_limits, own_quotas, created_at) VALUES ("
              + id + ", " + id + ", " + user.replace(",", ", TRUE,") + ", FALSE, 0)");
        }
        db.execute("INSERT INTO rate_limits VALUES ('own', 60000000000, 100, 20), ('own', 1000000000, 5, 5)");
        db.execute("INSERT INTO shadow_limits VALUES ('own', 60000000000, 7, 9)");
        for (String key : List.of("'k1', NULL", "'k2', 'k1'", "'k3', 'k2'", "'k9', 'gone'")) {
          String id = key.substring(0, key.indexOf(','));
          db.execute("INSERT INTO api_keys (id, replaces, digest, user_id, name, display_start, digest_version, scopes,"
              + " enabled, created_at) VALUES (" + key + ", " + id + ", 'own', '', 'gk', 1, '', TRUE, 0)");
        }
        return 0;
      });

      database.migrate();

      SqlLimitPolicy limits = new SqlLimitPolicy(database);
      assertThat(limits.limitsOf(Level.USER, "own").orElseThrow()).containsExactly(
          Limit.of(5, Duration.ofSeconds(1)),
          new Limit(100, Duration.ofMinutes(1), 20),
          new Limit(7, Duration.ofMinutes(1), 9).asShadow());
      assertThat(limits.limitsOf(Level.USER, "lifted")).contains(List.of());
      assertThat(limits.limitsOf(Level.USER, "usual")).isEmpty();
      assertThat(new SqlUserStore(database).users("", 9)).extracting(User::tenant).containsOnly(Optional.empty());
      SqlKeyStore keys = new SqlKeyStore(database);
      assertThat(List.of("k1", "k2", "k3", "k9")).extracting(id -> keys.key(id).orElseThrow().lineage())
          .containsExactly("k1", "k1", "k1", "gone");
    }
  }

  @Test
  void traffic_from_before_endpoints_stays_and_a_gateway_of_the_older_version_goes_on_writing_its_own() {
    String upsert = "INSERT INTO usage_minutes"
        + " (user_id, minute_at, key_id, source, requests, request_bytes, response_bytes, errors)"
        + " VALUES ('alice', 60000, 'k', 'older', %d, 0, 0, 0)"
        + " ON CONFLICT (user_id, minute_at, key_id, source) DO UPDATE SET requests = excluded.requests";
    try (TestDatabases databases = TestDatabases.of(dialect)) {
      SqlDatabase database = databases.open();
      Flyway.configure().configuration(Migrator.flyway(database.engine()).getConfiguration()).target("9").load()
          .migrate();
      database.write("as it was", db -> db.execute(String.format(upsert, 5)));

      database.migrate();

      TrafficLog log = new SqlTrafficLog(database);
      Instant minute = Instant.ofEpochMilli(60_000);
      Subject caller = new Subject("alice", "k");
      log.record(
          List.of(
              new TrafficRecord("older", minute, caller, new Traffic(3, 0, 0, 0)),
              new TrafficRecord("newer", minute, caller, "upload", new Traffic(2, 0, 0, 0))),
          List.of());
      assertThat(log.trafficByEndpoint("alice", minute, minute.plusSeconds(60), Duration.ofMinutes(1)))
          .isEqualTo(Map.of(minute, Map.of("", new Traffic(5, 0, 0, 0), "upload", new Traffic(2, 0, 0, 0))));

      database.write("the older gateway", db -> db.execute(String.format(upsert, 8)));
      assertThat(log.traffic("alice", minute, minute.plusSeconds(60), Duration.ofMinutes(1)))
          .isEqualTo(Map.of(minute, new Traffic(10, 0, 0, 0)));
    }
  }

  @Test
  void a_schema_from_a_newer_version_is_refused() {
    try (TestDatabases databases = TestDatabases.of(dialect)) {
      SqlDatabase database = databases.openMigrated();
      Map<Field<?>, Object> future = new LinkedHashMap<>();
      future.put(field("installed_rank", Integer.class), 99);
      future.put(field("version", String.class), "900");
      future.put(field("description", String.class), "from the future");
      future.put(field("type", String.class), "SQL");
      future.put(field("script", String.class), "V900__from_the_future.sql");
      future.put(field("installed_by", String.class), "somebody");
      future.put(field("execution_time", Integer.class), 1);
      future.put(field("success", Boolean.class), true);
      Table<?> history = DSL.table(DSL.name("schema_history"));
      database.write("test", db -> db.insertInto(history).set(future).execute());

      assertThatThrownBy(database::migrate)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("version 900")
          .hasMessageContaining("expected: at most");
    }
  }

  private static int migrations(String folder) {
    String[] files = new File("../sql/" + folder).list((directory, name) -> name.endsWith(".sql"));
    return Objects.requireNonNull(files, folder).length;
  }

  private static <T> Field<T> field(String name, Class<T> type) {
    return DSL.field(DSL.name(name), type);
  }
}
