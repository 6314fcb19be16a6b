package io.gatehouse.core.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;

/** What PostgreSQL and SQLite do differently. Any number of threads may call. */
interface Engine extends AutoCloseable {

  SQLDialect dialect();

  /** For people: {@code PostgreSQL at db:5432}. */
  String label();

  /** A connection that commits each statement by itself; the caller closes it. */
  Connection reader() throws SQLException;

  /** A connection for {@link #begin}; the caller closes it. */
  Connection writer() throws SQLException;

  /** Begins a transaction that may write. */
  void begin(Connection writer) throws SQLException;

  void commit(Connection writer) throws SQLException;

  void rollback(Connection writer) throws SQLException;

  /** The time of the database, which goes on during a transaction; that of {@code local} where it has none of its own. */
  Instant now(DSLContext db, InstantSource local);

  /** Where the migrations come from, in the class path. */
  List<String> migrationFolders();

  /** Runs {@code migration} while no other gateway migrates the same database. */
  <T> T migrating(Callable<T> migration) throws Exception;

  /** Connections for migrations, without the time limits that requests need. */
  DataSource migrationSource();

  @Override
  void close();
}
