package io.gatehouse.core.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.StoreException;
import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
