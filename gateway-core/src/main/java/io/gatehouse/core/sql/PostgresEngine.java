package io.gatehouse.core.sql;

import static org.jooq.impl.DSL.function;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gatehouse.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL server behind a connection pool. Three limits in a row keep a caller from hanging: the pool's
 * wait for a connection, the server's own limit for a statement, and, where the server is silent, the limit
 * of the socket.
 */
final class PostgresEngine implements Engine {

  /**
   * How much longer the socket waits than the statement may take, so that the server's own error comes first.
   */
  private static final Duration SOCKET_EXTRA = Duration.ofSeconds(1);

  /** A node that stops in the middle of a transaction must not lock out the others for longer. */
  private static final Duration IDLE_IN_TRANSACTION = Duration.ofSeconds(10);

  private static final Duration LONGEST_MIGRATION_STATEMENT = Duration.ofHours(6);
  private static final Duration BETWEEN_START_ATTEMPTS = Duration.ofMillis(250);

  private final PostgresDsn dsn;
  private final Duration connectionTimeout;
  private final HikariDataSource pool;

  private PostgresEngine(PostgresDsn dsn, Duration connectionTimeout, HikariDataSource pool) {
    this.dsn = dsn;
    this.connectionTimeout = connectionTimeout;
    this.pool = pool;
  }

  /**
   * Logs in once, and makes the pool.
   *
   * @throws StoreException when the server cannot be reached until {@code startTimeout} is over, or refuses
   */
  static PostgresEngine open(PostgresDsn dsn, SqlDatabase.Builder options) {
    PGSimpleDataSource source =
        source(dsn, options.connectionTimeout, options.statementTimeout.plus(SOCKET_EXTRA));
    awaitServer(dsn, source, options.startTimeout);

    HikariConfig config = new HikariConfig();
    config.setPoolName("gatehouse-postgres");
    config.setDataSource(source);
    config.setMaximumPoolSize(options.maxConnections);
    // No idle minimum: the thread that keeps one up backs off to 10 s while the server is away, and recovery
    // would wait.
    config.setMinimumIdle(0);
    config.setConnectionTimeout(options.connectionTimeout.toMillis());
    config.setValidationTimeout(Math.min(1000, options.connectionTimeout.toMillis()));
    config.setKeepaliveTime(Duration.ofMinutes(2).toMillis());
    config.setInitializationFailTimeout(-1);
    config.setConnectionInitSql("SET statement_timeout = " + options.statementTimeout.toMillis()
        + "; SET idle_in_transaction_session_timeout = " + IDLE_IN_TRANSACTION.toMillis());
    config.setThreadFactory(SqlDatabase::daemon);
    return new PostgresEngine(dsn, options.connectionTimeout, new HikariDataSource(config));
  }

  @Override
  public SQLDialect dialect() {
    return SQLDialect.POSTGRES;
  }

  @Override
  public String label() {
    return dsn.toString();
  }

  @Override
  public Connection reader() throws SQLException {
    return pool.getConnection();
  }

  @Override
  public Connection writer() throws SQLException {
    return pool.getConnection();
  }

  @Override
  public void begin(Connection writer) throws SQLException {
    writer.setAutoCommit(false);
  }

  @Override
  public void commit(Connection writer) throws SQLException {
    writer.commit();
  }

  @Override
  public void rollback(Connection writer) throws SQLException {
    writer.rollback();
  }

  @Override
  public Instant now(DSLContext db, InstantSource local) {
    return db.select(function("clock_timestamp", OffsetDateTime.class)).fetchSingle().value1().toInstant();
  }

  @Override
  public List<String> migrationFolders() {
    return List.of("common", "postgres");
  }

  /** Flyway itself locks the server for the time of a migration. */
  @Override
  public <T> T migrating(Callable<T> migration) throws Exception {
    return migration.call();
  }

  @Override
  public DataSource migrationSource() {
    return source(dsn, connectionTimeout, LONGEST_MIGRATION_STATEMENT);
  }

  @Override
  public void close() {
    pool.close();
  }

  private static PGSimpleDataSource source(PostgresDsn dsn, Duration connectTimeout, Duration socketTimeout) {
    try {
      PGSimpleDataSource source = new PGSimpleDataSource();
      source.setApplicationName("gatehouse");
      source.setTcpKeepAlive(true);
      source.setConnectTimeout(wholeSeconds(connectTimeout));
      source.setLoginTimeout(wholeSeconds(connectTimeout));
      source.setSocketTimeout(wholeSeconds(socketTimeout));
      // Details quote the values of the row.
      source.setProperty(PGProperty.LOG_SERVER_ERROR_DETAIL, "false");
      source.setURL(dsn.url());
      if (!dsn.user().isEmpty()) {
        source.setUser(dsn.user());
      }
      if (!dsn.password().isEmpty()) {
        source.setPassword(dsn.password());
      }
      return source;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "dsn: the parameters for " + dsn + " (expected: parameters that the PostgreSQL driver knows)", e);
    }
  }

  private static int wholeSeconds(Duration duration) {
    return Math.toIntExact(Math.max(1, duration.plusMillis(999).toSeconds()));
  }

  private static void awaitServer(PostgresDsn dsn, DataSource source, Duration startTimeout) {
    long deadline = System.nanoTime() + startTimeout.toNanos();
    while (true) {
      try {
        source.getConnection().close();
        return;
      } catch (SQLException e) {
        boolean mayCome = SqlFailure.of(e) == SqlFailure.AWAY;
        if (!mayCome || System.nanoTime() + BETWEEN_START_ATTEMPTS.toNanos() - deadline > 0) {
          throw new StoreException("open: " + dsn + " " + advice(e, mayCome), e);
        }
        SqlDatabase.pause(BETWEEN_START_ATTEMPTS);
      }
    }
  }

  private static String advice(SQLException e, boolean away) {
    if (away) {
      return "cannot be reached (is it running, and are host, port and firewall right?)";
    }
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    return switch (state) {
      case "28000", "28P01" -> "refused the login (are user and password right?)";
      case "3D000" -> "does not have this database (is its name right, or must it be created?)";
      default -> "refused the connection (SQLSTATE " + state + ")";
    };
  }
}
