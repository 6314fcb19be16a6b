package io.gatehouse.core.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.key.User;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Several things of one thread are one change, in both databases. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class SqlTogetherTest {

  private final TestDatabases databases;
  private SqlDatabase database;
  private SqlDatabase otherNode;
  private SqlUserStore users;

  SqlTogetherTest(SqlDatabase.Dialect dialect) {
    databases = TestDatabases.of(dialect);
  }

  @BeforeAll
  void open() {
    database = databases.openMigrated();
    otherNode = databases.open();
    users = new SqlUserStore(database);
  }

  @AfterAll
  void close() {
    databases.close();
  }

  private static User user() {
    String id = "u" + UUID.randomUUID();
    return new User(id, id, true, Instant.EPOCH);
  }

  private Optional<User> seenByTheOtherNode(User user) {
    return new SqlUserStore(otherNode).user(user.id());
  }

  @Test
  void what_is_done_together_is_seen_inside_at_once_and_outside_at_the_end() {
    User first = user();
    User second = user();

    String result = database.together("test", joint -> {
      users.addUser(first);
      users.addUser(second);
      assertThat(users.user(first.id())).contains(first);
      assertThat(users.updateUser(first.withEnabled(false))).isTrue();
      assertThat(seenByTheOtherNode(second)).isEmpty();
      return "done";
    });

    assertThat(result).isEqualTo("done");
    assertThat(seenByTheOtherNode(first)).contains(first.withEnabled(false));
    assertThat(seenByTheOtherNode(second)).contains(second);
  }

  @Test
  void what_throws_or_is_to_be_undone_leaves_nothing() {
    User thrown = user();
    User undone = user();
    long before = database.read("latest", ChangeLog::latest);

    assertThatThrownBy(() -> database.together("test", joint -> {
      users.addUser(thrown);
      throw new UnsupportedOperationException("of the work, not of the database");
    })).isInstanceOf(UnsupportedOperationException.class).hasMessage("of the work, not of the database");
    boolean added = database.together("test", joint -> {
      users.addUser(undone);
      joint.undo();
      return users.user(undone.id()).isPresent();
    });

    assertThat(added).isTrue();
    assertThat(users.user(thrown.id())).isEmpty();
    assertThat(users.user(undone.id())).isEmpty();
    assertThat(database.read("latest", ChangeLog::latest)).isEqualTo(before);
  }

  @Test
  void a_refusal_of_the_store_is_told_as_it_is_alone() {
    User user = user();
    users.addUser(user);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> database.together("test", joint -> {
          users.addUser(user);
          return "";
        }))
        .withMessageContaining("id: " + user.id());
    users.updateUser(user.withEnabled(false));
    assertThat(users.user(user.id())).contains(user.withEnabled(false));
  }

  @Test
  void there_is_no_transaction_in_a_transaction() {
    assertThatIllegalStateException()
        .isThrownBy(() -> database.together("outer", joint -> database.together("inner", again -> "")))
        .withMessageContaining("inner");
    assertThat(database.<String>together("after", joint -> "free again")).isEqualTo("free again");
  }

  @Test
  void others_wait_so_what_was_read_still_holds() throws Exception {
    User user = user();
    users.addUser(user);
    CountDownLatch inside = new CountDownLatch(1);
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      Future<Boolean> change = database.together("test", joint -> {
        Future<Boolean> waiting = other.submit(() -> {
          inside.countDown();
          return new SqlUserStore(otherNode).updateUser(user.withEnabled(false));
        });
        await(inside);
        assertThat(users.user(user.id())).contains(user);
        assertThat(waiting.isDone()).isFalse();
        return waiting;
      });

      assertThat(change.get(10, TimeUnit.SECONDS)).isTrue();
      assertThat(users.user(user.id())).contains(user.withEnabled(false));
    } finally {
      other.shutdownNow();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
