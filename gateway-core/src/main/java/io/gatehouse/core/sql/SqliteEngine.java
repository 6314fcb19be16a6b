package io.gatehouse.core.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gatehouse.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteJDBCLoader;

/**
 * An SQLite file, with a write-ahead log: readers never wait for a writer, and what was committed is on the
 * disk ({@code synchronous=FULL}).
 *
 * <p>One writer at a time: within this process the pool of a single connection makes a queue of them; against
 * other processes {@link #begin} tries again every few milliseconds. SQLite's own waiting is too coarse for
 * that: it comes back only ten times a second, and a busy neighbour can starve it until it gives up.
 */
final class SqliteEngine implements Engine {

  private static final int READERS = 4;

  /** How long SQLite itself waits in {@link #begin} before we try again. */
  private static final Duration WRITER_NAP = Duration.ofMillis(2);

  private static final int SQLITE_BUSY = 5;
  private static final Duration LONGEST_MIGRATION = Duration.ofMinutes(5);
  private static final Set<StandardOpenOption> LOCK_OPTIONS =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  private static final String LIBRARY_UNPACKED = "org.sqlite.tmpdir";
  private static final String LIBRARY_GIVEN = "org.sqlite.lib.path";
  private static final Duration STALE_LIBRARY = Duration.ofMinutes(1);

  /** Guarded by the class. */
  private static boolean driverLoaded;

  private final Path file;
  private final Duration writerTimeout;
  private final HikariDataSource readers;
  private final HikariDataSource writers;

  private SqliteEngine(
      Path file, Duration writerTimeout, HikariDataSource readers, HikariDataSource writers) {
    this.file = file;
    this.writerTimeout = writerTimeout;
    this.readers = readers;
    this.writers = writers;
  }

  /**
   * Opens the file, and makes it and its directory when they are not there, for the eyes of this user only.
   *
   * @throws StoreException when that is not possible
   */
  static SqliteEngine open(Path file, SqlDatabase.Builder options) {
    Path absolute = file.toAbsolutePath();
    Path directory = absolute.getParent();
    if (directory == null) {
      throw new IllegalArgumentException("file: " + file + " (expected: a file in a directory)");
    }
    try {
      createPrivately(directory, absolute);
      loadDriver(directory.resolve("native"));
      exclusively(absolute, () -> {
        try (Connection connection = source(absolute, config(LONGEST_MIGRATION)).getConnection();
            Statement statement = connection.createStatement()) {
          // Kept in the file. Set here only, because the change needs the file for itself.
          statement.execute("PRAGMA journal_mode = WAL");
        }
        return absolute;
      });
    } catch (Exception e) {
      throw new StoreException("open: SQLite file " + file + " cannot be opened (" + reason(e) + ")", e);
    }
    return new SqliteEngine(
        absolute,
        options.statementTimeout,
        pool(
            "readers",
            READERS,
            source(absolute, config(options.statementTimeout)),
            options.connectionTimeout),
        // The queue for the only writer is where a write waits its turn.
        pool("writer", 1, source(absolute, config(WRITER_NAP)), options.statementTimeout));
  }

  @Override
  public SQLDialect dialect() {
    return SQLDialect.SQLITE;
  }

  @Override
  public String label() {
    return "SQLite file " + file;
  }

  @Override
  public Connection reader() throws SQLException {
    return readers.getConnection();
  }

  @Override
  public Connection writer() throws SQLException {
    try {
      return writers.getConnection();
    } catch (SQLTransientConnectionException e) {
      // Others write for too long; that must not count as a database that is away, for reading goes on.
      throw new SQLTimeoutException("other writes took too long", e);
    }
  }

  /**
   * By statement: the driver's own transactions begin the next one at once, and fail after the commit went
   * well.
   */
  @Override
  public void begin(Connection writer) throws SQLException {
    long deadline = System.nanoTime() + writerTimeout.toNanos();
    while (true) {
      try {
        execute(writer, "BEGIN IMMEDIATE");
        return;
      } catch (SQLException e) {
        if ((e.getErrorCode() & 0xff) != SQLITE_BUSY || System.nanoTime() - deadline > 0) {
          throw e;
        }
        SqlDatabase.pause(Duration.ofNanos(ThreadLocalRandom.current().nextLong(100_000, 3_000_000)));
      }
    }
  }

  @Override
  public void commit(Connection writer) throws SQLException {
    execute(writer, "COMMIT");
  }

  @Override
  public void rollback(Connection writer) throws SQLException {
    execute(writer, "ROLLBACK");
  }

  @Override
  public Instant now(DSLContext db, InstantSource local) {
    return local.instant();
  }

  @Override
  public List<String> migrationFolders() {
    return List.of("common");
  }

  @Override
  public <T> T migrating(Callable<T> migration) throws Exception {
    return exclusively(file, migration);
  }

  @Override
  public DataSource migrationSource() {
    SQLiteConfig config = config(LONGEST_MIGRATION);
    config.setTransactionMode(TransactionMode.IMMEDIATE);
    // A migration that rebuilds a table drops the old one, which must not cascade.
    config.enforceForeignKeys(false);
    return source(file, config);
  }

  @Override
  public void close() {
    readers.close();
    writers.close();
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static SQLiteConfig config(Duration busyTimeout) {
    SQLiteConfig config = new SQLiteConfig();
    config.setSynchronous(SynchronousMode.FULL);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(Math.toIntExact(busyTimeout.toMillis()));
    return config;
  }

  private static SQLiteDataSource source(Path file, SQLiteConfig config) {
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    return source;
  }

  private static HikariDataSource pool(String name, int size, DataSource source, Duration timeout) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("gatehouse-sqlite-" + name);
    config.setDataSource(source);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(timeout.toMillis());
    config.setMaxLifetime(0);
    config.setInitializationFailTimeout(-1);
    config.setThreadFactory(SqlDatabase::daemon);
    return new HikariDataSource(config);
  }

  private static void createPrivately(Path directory, Path file) throws IOException {
    Files.createDirectories(directory, onlyFor(directory, "rwx------"));
    try {
      // SQLite gives the files that it puts beside this one the same permissions.
      Files.createFile(file, onlyFor(directory, "rw-------"));
    } catch (FileAlreadyExistsException e) {
      // The usual case: there from an earlier start, with the permissions that its owner wants.
    }
  }

  private static FileAttribute<?>[] onlyFor(Path directory, String permissions) throws IOException {
    Path there = directory;
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (!Files.getFileStore(there).supportsFileAttributeView("posix")) {
      return new FileAttribute<?>[0];
    }
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
    };
  }

  /**
   * Lets the driver unpack its library where we may surely write and execute, which the folder for temporary
   * files often forbids. Libraries that a killed process left behind are deleted: one that is in use stays in
   * use.
   */
  private static synchronized void loadDriver(Path directory) throws Exception {
    boolean placeGiven =
        System.getProperty(LIBRARY_UNPACKED) != null || System.getProperty(LIBRARY_GIVEN) != null;
    if (driverLoaded || placeGiven) {
      return;
    }
    Files.createDirectories(directory, onlyFor(directory, "rwx------"));
    Instant stale = Instant.now().minus(STALE_LIBRARY);
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory, "sqlite-*")) {
      for (Path leftover : leftovers) {
        deleteIfOlder(leftover, stale);
      }
    }
    System.setProperty(LIBRARY_UNPACKED, directory.toString());
    try {
      driverLoaded = SQLiteJDBCLoader.initialize();
    } finally {
      // Another class loader with a driver of its own may have another directory.
      System.clearProperty(LIBRARY_UNPACKED);
    }
  }

  private static void deleteIfOlder(Path leftover, Instant stale) {
    try {
      if (Files.getLastModifiedTime(leftover).toInstant().isBefore(stale)) {
        Files.deleteIfExists(leftover);
      }
    } catch (IOException e) {
      // In use on a system that then keeps it, or just deleted by another process: no reason not to start.
    }
  }

  /** Runs {@code work} while no other thread and no other process does so for the same file. */
  private static <T> T exclusively(Path file, Callable<T> work) throws Exception {
    Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
    long deadline = System.nanoTime() + LONGEST_MIGRATION.toNanos();
    FileAttribute<?>[] permissions = onlyFor(file.getParent(), "rw-------");
    try (FileChannel channel = FileChannel.open(lockFile, LOCK_OPTIONS, permissions)) {
      while (System.nanoTime() - deadline < 0) {
        try (FileLock lock = channel.tryLock()) {
          if (lock != null) {
            return work.call();
          }
        } catch (OverlappingFileLockException e) {
          // Another thread of this process has it: wait as for another process.
        }
        SqlDatabase.pause(Duration.ofMillis(10));
      }
    }
    throw new IOException(lockFile + " is held by another process");
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
