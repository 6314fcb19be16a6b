package io.gatehouse.core.sql;

import static org.jooq.impl.DSL.using;

import io.gatehouse.StoreException;
import io.gatehouse.event.Change;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.conf.Settings;

/**
 * The database behind the stores of this package: an SQLite file, or a PostgreSQL server. Times are kept to
 * the millisecond.
 *
 * <p>Any number of threads may call. Calls block, but never for long: a thread waits for a connection no
 * longer than the connection timeout, a statement is given up after the statement timeout (and a second more
 * when the server is silent), and after a failure to reach the server all calls fail at once until,
 * {@value #REST_MILLIS} ms later, one of them tries again.
 */
public final class SqlDatabase implements AutoCloseable {

  /** How long nobody tries after the server could not be reached, in milliseconds: {@value}. */
  public static final int REST_MILLIS = 500;

  static {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
  }

  private final Engine engine;
  private final Breaker breaker;
  private final InstantSource clock;
  private final Settings settings;
  private final Duration turnTimeout;

  /**
   * One change at a time: the database would queue them all the same, but each with a connection that reads
   * need.
   */
  private final Semaphore turn = new Semaphore(1, true);

  /** What this thread does in one transaction; nothing most of the time. */
  private final ThreadLocal<Joint> joint = new ThreadLocal<>();

  private SqlDatabase(Engine engine, Duration turnTimeout, InstantSource clock) {
    this.engine = engine;
    this.turnTimeout = turnTimeout;
    this.breaker = new Breaker(Duration.ofMillis(REST_MILLIS), System::nanoTime);
    this.clock = clock;
    // Without logging: it would show the values of statements, digests among them.
    this.settings = new Settings().withExecuteLogging(false);
  }

  /** Which database it is. */
  public enum Dialect {
    SQLITE,
    POSTGRESQL
  }

  /**
   * An SQLite file, which is made when it is not there, as is its directory, both for this user only. Other
   * processes may have the same file open at the same time; they must be on the same machine.
   *
   * <p>The driver's native library is unpacked into the folder {@code native} beside the file, unless one of
   * the system properties {@code org.sqlite.tmpdir} and {@code org.sqlite.lib.path} names another place.
   */
  public static Builder sqlite(Path file) {
    Objects.requireNonNull(file, "file");
    return new Builder(
        "org.sqlite.JDBC", "org.xerial:sqlite-jdbc", options -> SqliteEngine.open(file, options));
  }

  /**
   * A PostgreSQL server.
   *
   * @param dsn {@code postgres://user:password@host:5432/database?sslmode=require}, also with
   *     {@code postgresql://} or {@code jdbc:postgresql://}; user and password percent-encoded
   * @throws IllegalArgumentException when it is none of that; the message does not quote it
   */
  public static Builder postgres(String dsn) {
    PostgresDsn parsed = PostgresDsn.parse(dsn);
    return new Builder(
        "org.postgresql.Driver",
        "org.postgresql:postgresql",
        options -> PostgresEngine.open(parsed, options));
  }

  public Dialect dialect() {
    return engine.dialect() == SQLDialect.SQLITE ? Dialect.SQLITE : Dialect.POSTGRESQL;
  }

  /**
   * Applies the migrations that the schema lacks. Gateways that start at the same time do not disturb each
   * other: one migrates, the others wait for it.
   *
   * @throws StoreException when a migration fails, or the schema is newer than this code
   */
  public Migration migrate() {
    return Migrator.migrate(engine);
  }

  /**
   * Asks the database for a row.
   *
   * @throws StoreException when it does not answer, or was never migrated
   */
  public void ping() {
    read("ping", ChangeLog::latest);
  }

  /** Closes all connections. Calls under way may fail, later ones do. */
  @Override
  public void close() {
    engine.close();
  }

  /** Where and what, without user and password: {@code PostgreSQL at db:5432}. */
  @Override
  public String toString() {
    return engine.label();
  }

  /**
   * Runs a query.
   *
   * @param operation for messages; names no values
   */
  <T> T read(String operation, Function<DSLContext, T> query) {
    Joint current = joint.get();
    if (current != null) {
      return joined(operation, current, query);
    }
    return guarded(operation, () -> {
      try (Connection connection = engine.reader()) {
        return query.apply(using(connection, engine.dialect(), settings));
      } catch (RuntimeException e) {
        if (SqlFailure.sqlCause(e) != null) {
          throw e;
        }
        throw new StoreException(
            operation + ": " + engine.label() + " holds what this version cannot read", e);
      }
    });
  }

  /** Runs statements in one transaction, which is durable when this returns, and undone when it throws. */
  <T> T write(String operation, Function<DSLContext, T> statements) {
    Joint current = joint.get();
    if (current != null) {
      return joined(operation, current, statements);
    }
    return guarded(operation, () -> {
      try (Connection connection = engine.writer()) {
        engine.begin(connection);
        try {
          T result = statements.apply(using(connection, engine.dialect(), settings));
          engine.commit(connection);
          return result;
        } catch (Throwable e) {
          rollback(connection, e);
          throw e;
        }
      }
    });
  }

  /**
   * Runs statements in one transaction, alone among all that change something, and enters what they changed
   * into the change log.
   *
   * @param statements give what they changed
   * @return whether that was anything
   */
  boolean change(String operation, Function<DSLContext, List<Change>> statements) {
    Function<DSLContext, Boolean> change = transaction -> {
      long latest = ChangeLog.lock(transaction);
      List<Change> changes = statements.apply(transaction);
      if (!changes.isEmpty()) {
        ChangeLog.append(transaction, latest, changes, clock.instant());
      }
      return !changes.isEmpty();
    };
    if (joint.get() != null) {
      return write(operation, change);
    }
    return inTurn(operation, () -> write(operation, change));
  }

  /**
   * Does several things in one transaction: all that {@code work} asks the stores over this database, on this thread,
   * sees what was changed before in it, and all of its changes become durable together when this returns. They are undone
   * when {@code work} throws, or asks for that. No other change is made meanwhile, on any node, so what was read still
   * holds when something is made of it.
   *
   * <p>Others wait, so {@code work} must be short. What it changes elsewhere is not undone.
   *
   * @throws StoreException when others took too long, or the database cannot answer; nothing was changed then
   * @throws IllegalStateException when this thread is inside such a call already
   */
  public <T> T together(String operation, Function<Joint, T> work) {
    if (joint.get() != null) {
      throw new IllegalStateException(operation + ": inside another transaction of this thread");
    }
    return inTurn(operation, () -> {
      Joint fresh = new Joint();
      guarded(operation, () -> {
        try (Connection connection = engine.writer()) {
          engine.begin(connection);
          try {
            fresh.open(using(connection, engine.dialect(), settings));
            ChangeLog.lock(fresh.transaction());
            joint.set(fresh);
            fresh.run(() -> work.apply(fresh));
          } catch (Throwable e) {
            rollback(connection, e);
            throw e;
          } finally {
            joint.remove();
          }
          if (fresh.keeps()) {
            engine.commit(connection);
          } else {
            engine.rollback(connection);
          }
          return fresh;
        }
      });
      return fresh.result();
    });
  }

  /** Runs statements in the transaction that this thread is in; what fails there fails as it would alone. */
  private <T> T joined(String operation, Joint current, Function<DSLContext, T> statements) {
    try {
      return statements.apply(current.transaction());
    } catch (IllegalArgumentException | StoreException e) {
      throw e;
    } catch (RuntimeException e) {
      SqlFailure failure = SqlFailure.of(e);
      if (failure == SqlFailure.AWAY) {
        current.lost(e);
      }
      throw translated(operation, failure, e);
    }
  }

  private <T> T inTurn(String operation, Supplier<T> work) {
    awaitTurn(operation);
    try {
      return work.get();
    } finally {
      turn.release();
    }
  }

  /**
   * What time it is for all who use this database: by the server's clock, which goes on during a transaction. A file is
   * used on one machine only, and has the clock that dates changes.
   */
  Instant now(DSLContext db) {
    return engine.now(db, clock).truncatedTo(ChronoUnit.MILLIS);
  }

  Engine engine() {
    return engine;
  }

  static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "gatehouse-sql");
    thread.setDaemon(true);
    return thread;
  }

  /** Waits, or until the thread is interrupted. */
  static void pause(Duration duration) {
    LockSupport.parkNanos(duration.toNanos());
  }

  private void awaitTurn(String operation) {
    try {
      if (!turn.tryAcquire(turnTimeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new StoreException(operation + ": other changes of " + engine.label() + " took too long");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(operation + ": interrupted", e);
    }
  }

  private <T> T guarded(String operation, Work<T> work) {
    if (!breaker.tryPass()) {
      throw new StoreException(operation + ": " + engine.label() + " could not be reached a moment ago");
    }
    Runnable verdict = breaker::unknown;
    try {
      T result = work.run();
      verdict = breaker::answered;
      return result;
    } catch (IllegalArgumentException | StoreException e) {
      verdict = breaker::answered;
      throw e;
    } catch (SQLException | RuntimeException e) {
      SqlFailure failure = SqlFailure.of(e);
      verdict = failure == SqlFailure.AWAY ? breaker::away : breaker::answered;
      throw translated(operation, failure, e);
    } finally {
      verdict.run();
    }
  }

  private RuntimeException translated(String operation, SqlFailure failure, Exception e) {
    Throwable cause = Objects.requireNonNullElse(SqlFailure.sqlCause(e), e);
    return switch (failure) {
      case CONSTRAINT -> new IllegalArgumentException(
          operation + ": something with the same id or name is there, or what it belongs to is not", cause);
      case UNFIT -> new IllegalArgumentException(
          operation + ": a text or number that the database cannot hold", cause);
      case AWAY -> new StoreException(operation + ": " + engine.label() + " cannot be reached", cause);
      case OTHER -> new StoreException(operation + ": " + engine.label() + " failed", cause);
    };
  }

  private void rollback(Connection connection, Throwable failure) {
    try {
      engine.rollback(connection);
    } catch (SQLException e) {
      failure.addSuppressed(e);
    }
  }

  @FunctionalInterface
  private interface Work<T> {
    T run() throws SQLException;
  }

  /** Options of a database to open. Not for use by several threads. */
  public static final class Builder {

    private static final Duration SHORTEST = Duration.ofMillis(250);

    private final String driver;
    private final String coordinate;
    private final Function<Builder, Engine> opening;

    int maxConnections = 10;
    Duration connectionTimeout = Duration.ofSeconds(2);
    Duration statementTimeout = Duration.ofSeconds(3);
    Duration startTimeout = Duration.ofSeconds(10);
    private InstantSource clock = InstantSource.system();

    private Builder(String driver, String coordinate, Function<Builder, Engine> opening) {
      this.driver = driver;
      this.coordinate = coordinate;
      this.opening = opening;
    }

    /**
     * How many connections to PostgreSQL at the most, 1 or more; 10 unless set. SQLite has as many as it
     * needs.
     */
    public Builder maxConnections(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("maxConnections: " + value + " (expected: 1 or more)");
      }
      maxConnections = value;
      return this;
    }

    /** How long a thread waits for a connection, 250 ms or more; 2 s unless set. */
    public Builder connectionTimeout(Duration value) {
      connectionTimeout = atLeast(SHORTEST, "connectionTimeout", value);
      return this;
    }

    /**
     * How long a statement may take, 250 ms or more; 3 s unless set. For SQLite: how long a write waits its
     * turn.
     */
    public Builder statementTimeout(Duration value) {
      statementTimeout = atLeast(SHORTEST, "statementTimeout", value);
      return this;
    }

    /**
     * How long {@link #open} tries to reach a PostgreSQL server that is not there yet, 0 or more; 10 s unless
     * set.
     */
    public Builder startTimeout(Duration value) {
      startTimeout = atLeast(Duration.ZERO, "startTimeout", value);
      return this;
    }

    /** What dates changes; the system clock unless set. */
    public Builder clock(InstantSource value) {
      clock = Objects.requireNonNull(value, "clock");
      return this;
    }

    /**
     * Opens it. Does not migrate.
     *
     * @throws StoreException when it cannot be opened; the message says where it was looked for and what to
     *     check
     * @throws IllegalStateException when a library is missing; the message says which
     */
    public SqlDatabase open() {
      require("org.jooq.DSLContext", "org.jooq:jooq");
      require("com.zaxxer.hikari.HikariDataSource", "com.zaxxer:HikariCP");
      require("org.flywaydb.core.Flyway", "org.flywaydb:flyway-core");
      require(driver, coordinate);
      return new SqlDatabase(opening.apply(this), statementTimeout, clock);
    }

    private static void require(String type, String coordinate) {
      try {
        Class.forName(type, false, SqlDatabase.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("missing library: add " + coordinate + " to the class path", e);
      }
    }

    private static Duration atLeast(Duration least, String name, Duration value) {
      if (value.compareTo(least) < 0) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " or more)");
      }
      return value;
    }
  }
}
