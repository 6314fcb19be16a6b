package io.gatehouse.core.sql;

import io.gatehouse.core.fixture.PostgresFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** An empty database of one kind, which may be opened several times, as several nodes would. */
final class TestDatabases implements AutoCloseable {

  private static final List<String> TABLES = List.of(
      "users", "api_keys", "backends", "blocks", "limited_owners", "own_limits", "quotas", "ip_whitelist", "ip_denylist",
      "quota_usage",
      "revision", "slow_hashes", "signing_secrets", "key_uses", "usage_minutes", "violations", "quota_resets",
      "quota_crossings", "key_quotas", "key_quota_resets", "request_logs",
      "administrators", "audit_log", "given_answers", "plans", "user_plans", "plan_changes", "uploads");

  private final SqlDatabase.Dialect dialect;
  private final Path directory;
  private final String dsn;
  private final Deque<SqlDatabase> opened = new ArrayDeque<>();

  private TestDatabases(SqlDatabase.Dialect dialect, Path directory) {
    this.dialect = dialect;
    this.directory = directory;
    this.dsn = dialect == SqlDatabase.Dialect.POSTGRESQL
        ? PostgresFixture.shared().newDatabaseSortedForPeople()
        : "";
  }

  static TestDatabases of(SqlDatabase.Dialect dialect) {
    try {
      return new TestDatabases(dialect, Files.createTempDirectory("gatehouse-sql"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  SqlDatabase.Builder builder() {
    SqlDatabase.Builder builder = dialect == SqlDatabase.Dialect.SQLITE
        ? SqlDatabase.sqlite(directory().resolve("gatehouse.db"))
        : SqlDatabase.postgres(dsn);
    return builder.startTimeout(Duration.ofSeconds(5)).statementTimeout(Duration.ofSeconds(10));
  }

  SqlDatabase open() {
    return open(builder());
  }

  SqlDatabase open(SqlDatabase.Builder builder) {
    SqlDatabase database = builder.open();
    opened.push(database);
    return database;
  }

  SqlDatabase openMigrated() {
    SqlDatabase database = open();
    database.migrate();
    return database;
  }

  /** The folder of the SQLite file. */
  Path directory() {
    return directory.resolve("data");
  }

  /** Makes the database unable to answer: PostgreSQL lets nobody in any more, SQLite has lost its tables. */
  void breakOff(SqlDatabase database) {
    if (dialect == SqlDatabase.Dialect.POSTGRESQL) {
      PostgresFixture.shared().lockOut(dsn);
    } else {
      TABLES.forEach(table -> rename(database, table, "lost_" + table));
    }
  }

  /** Undoes {@link #breakOff}. */
  void mend(SqlDatabase database) {
    if (dialect == SqlDatabase.Dialect.POSTGRESQL) {
      PostgresFixture.shared().letIn(dsn);
    } else {
      TABLES.forEach(table -> rename(database, "lost_" + table, table));
    }
  }

  private static void rename(SqlDatabase database, String from, String to) {
    database.write("rename", db -> db.alterTable(from).renameTo(to).execute());
  }

  @Override
  public void close() {
    opened.forEach(SqlDatabase::close);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
