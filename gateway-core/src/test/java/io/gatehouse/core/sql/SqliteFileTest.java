package io.gatehouse.core.sql;

import static io.gatehouse.core.sql.schema.Tables.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gatehouse.StoreException;
import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import io.gatehouse.key.User;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is special about a file: kill -9, neighbours, permissions. */
class SqliteFileTest {

  @TempDir
  Path directory;

  @Test
  void only_its_owner_may_read_the_files() throws IOException {
    Path data = directory.resolve("new").resolve("data");
    try (SqlDatabase database = SqlDatabase.sqlite(data.resolve("gatehouse.db")).open()) {
      database.migrate();
      database.ping();

      assertThat(permissions(data)).isEqualTo("rwx------");
      try (Stream<Path> files = Files.list(data)) {
        assertThat(files.filter(Files::isRegularFile).toList())
            .hasSizeGreaterThanOrEqualTo(3)
            .allSatisfy(file -> assertThat(permissions(file)).as(file.toString()).isEqualTo("rw-------"));
      }
    }
  }

  @Test
  void the_permissions_of_a_directory_that_is_there_are_left_alone() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-x---"));

    SqlDatabase.sqlite(directory.resolve("gatehouse.db")).open().close();

    assertThat(permissions(directory)).isEqualTo("rwxr-x---");
  }

  @Test
  void commits_are_durable_and_references_enforced_on_every_connection() {
    try (SqlDatabase database = SqlDatabase.sqlite(directory.resolve("gatehouse.db")).open()) {
      for (String pragma : List.of("journal_mode", "synchronous", "foreign_keys")) {
        Object reader = database.read("pragma", db -> db.fetchValue("PRAGMA " + pragma));
        Object writer = database.write("pragma", db -> db.fetchValue("PRAGMA " + pragma));
        Object expected = switch (pragma) {
          case "journal_mode" -> "wal";
          case "synchronous" -> 2;
          default -> 1;
        };
        assertThat(List.of(reader, writer)).as(pragma).containsOnly(expected);
      }
    }
  }

  @Test
  void a_file_that_is_no_database_is_refused_with_its_name() throws IOException {
    String text = "certainly no database, but long enough\n".repeat(40);
    Path file = Files.writeString(directory.resolve("notes.txt"), text);

    assertThatThrownBy(() -> SqlDatabase.sqlite(file).open())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("notes.txt")
        .hasMessageContaining("not a database");
  }

  @Test
  void a_place_that_cannot_be_is_refused_with_its_name() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() -> SqlDatabase.sqlite(file.resolve("gatehouse.db")).open())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("gatehouse.db");
  }

  @Test
  void what_was_acknowledged_survives_a_kill_and_the_file_opens() throws Exception {
    for (int round = 0; round < 3; round++) {
      Process child = startWriter("kill" + round, Integer.MAX_VALUE);
      List<String> acknowledged = Collections.synchronizedList(new ArrayList<>());
      Thread reader = reader(child, acknowledged);
      await().atMost(Duration.ofSeconds(30)).until(() -> acknowledged.size() >= 100);
      child.destroyForcibly();
      child.waitFor();
      reader.join();

      try (SqlDatabase database = SqlDatabase.sqlite(directory.resolve("gatehouse.db")).open()) {
        assertThat(database.migrate().applied()).isZero();
        List<String> there = database.read("test", db -> db.select(USERS.ID).from(USERS).fetch(USERS.ID));
        assertThat(there).containsAll(acknowledged);
        long latest = database.read("test", ChangeLog::latest);
        assertThat(latest).isEqualTo(there.size());
        Object integrity = database.read("test", db -> db.fetchValue("PRAGMA integrity_check"));
        assertThat(integrity).isEqualTo("ok");
      }
    }
  }

  @Test
  void two_processes_and_many_threads_write_one_file_and_nobody_finds_it_locked() throws Exception {
    int threads = 3;
    int each = 60;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try (SqlDatabase database = SqlDatabase.sqlite(directory.resolve("gatehouse.db")).open();
        SqlDatabase second = SqlDatabase.sqlite(directory.resolve("gatehouse.db")).open()) {
      database.migrate();
      Process child = startWriter("child", each);
      List<String> acknowledged = Collections.synchronizedList(new ArrayList<>());
      Thread reader = reader(child, acknowledged);
      List<Callable<Void>> writers = new ArrayList<>();
      for (int writer = 0; writer < threads; writer++) {
        SqlUserStore users = new SqlUserStore(writer == 0 ? second : database);
        String prefix = "thread" + writer + "-";
        writers.add(() -> {
          for (int i = 0; i < each; i++) {
            users.addUser(user(prefix + i));
          }
          return null;
        });
      }

      for (Future<Void> written : pool.invokeAll(writers)) {
        written.get();
      }
      assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
      reader.join();

      assertThat(child.exitValue()).isZero();
      assertThat(acknowledged).hasSize(each);
      assertThat(database.<Integer>read("test", db -> db.fetchCount(USERS))).isEqualTo((threads + 1) * each);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void what_another_process_changes_is_heard() throws Exception {
    List<Change> heard = Collections.synchronizedList(new ArrayList<>());
    try (SqlDatabase database = SqlDatabase.sqlite(directory.resolve("gatehouse.db")).open()) {
      database.migrate();
      try (SqlChangeFeed feed = SqlChangeFeed.start(database, Duration.ofMillis(50), heard::add)) {
        Process child = startWriter("cli", 2);
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();

        await().atMost(Duration.ofSeconds(1)).until(() -> heard.size() == 2);
        assertThat(feed).isNotNull();
      }
    }
    assertThat(heard).containsExactly(new Change(Topic.USER, "cli-0"), new Change(Topic.USER, "cli-1"));
  }

  @Test
  void while_somebody_writes_for_long_others_read() throws Exception {
    Duration brief = Duration.ofMillis(300);
    try (SqlDatabase database = SqlDatabase.sqlite(directory.resolve("gatehouse.db"))
        .statementTimeout(brief)
        .connectionTimeout(brief)
        .open()) {
      database.migrate();
      SqlUserStore users = new SqlUserStore(database);
      ExecutorService other = Executors.newSingleThreadExecutor();
      try {
        database.write("hold", db -> {
          Future<?> write = other.submit(() -> users.addUser(user("u1")));
          assertThatThrownBy(write::get).cause().isInstanceOf(StoreException.class);
          assertThat(users.user("u1")).isEmpty();
          return null;
        });
      } finally {
        other.shutdownNow();
      }
      users.addUser(user("u1"));
    }
  }

  @Test
  void libraries_that_killed_processes_left_behind_are_deleted() throws Exception {
    Path libraries = Files.createDirectory(directory.resolve("native"));
    Path leftover = Files.createFile(libraries.resolve("sqlite-0-x.so"));
    Files.setLastModifiedTime(leftover, FileTime.from(Instant.now().minusSeconds(120)));

    Process child = startWriter("u", 1);

    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).isZero();
    assertThat(leftover).doesNotExist();
  }

  @Test
  void a_write_that_has_to_wait_too_long_for_another_process_says_so() throws Exception {
    Path file = directory.resolve("gatehouse.db");
    try (SqlDatabase holder = SqlDatabase.sqlite(file).open();
        SqlDatabase waiting = SqlDatabase.sqlite(file).statementTimeout(Duration.ofMillis(300)).open()) {
      holder.migrate();

      holder.write("hold", db -> {
        long begun = System.nanoTime();
        assertThatThrownBy(() -> new SqlUserStore(waiting).addUser(user("u1")))
            .isInstanceOf(StoreException.class)
            .hasMessageStartingWith("add user: SQLite file");
        Duration waited = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(waited).isBetween(Duration.ofMillis(300), Duration.ofSeconds(3));
        assertThat(new SqlUserStore(waiting).user("u1")).isEmpty();
        return null;
      });

      new SqlUserStore(waiting).addUser(user("u1"));
    }
  }

  private Process startWriter(String prefix, int count) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp", System.getProperty("java.class.path"),
            "-XX:TieredStopAtLevel=1",
            Writer.class.getName(),
            directory.resolve("gatehouse.db").toString(),
            prefix,
            Integer.toString(count))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static Thread reader(Process child, List<String> lines) {
    Thread thread = new Thread(() -> {
      try (BufferedReader output =
          new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          lines.add(line);
        }
      } catch (IOException e) {
        // The child was killed in the middle of a line, which then was not acknowledged.
      }
    });
    thread.start();
    return thread;
  }

  private static String permissions(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static User user(String id) {
    return new User(id, "name of " + id, true, Instant.EPOCH);
  }

  /** Another process: adds users and prints the id of each when it is there for good. */
  static final class Writer {

    private Writer() {}

    public static void main(String[] arguments) {
      try (SqlDatabase database = SqlDatabase.sqlite(Path.of(arguments[0])).open()) {
        database.migrate();
        SqlUserStore users = new SqlUserStore(database);
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
          String id = arguments[1] + "-" + i;
          users.addUser(user(id));
          System.out.println(id);
        }
      }
    }
  }
}
