package io.gatehouse.core.sql;

import io.gatehouse.StoreException;
import io.gatehouse.event.Change;
import io.gatehouse.event.Change.Topic;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a listener what any node or process changed in the database, this one included, in the order in which
 * it happened, at the latest one interval later. After it could not look for a while, or too long for the
 * change log, it tells that everything may have changed: a {@link Change} without a reference for each topic.
 *
 * <p>Asks the database on a thread of its own, which is the only one that calls the listener. The listener
 * must not block; what it throws is logged and does not stop the feed.
 */
public final class SqlChangeFeed implements AutoCloseable {

  /** How often it asks unless told otherwise, in milliseconds: {@value}. */
  public static final int INTERVAL_MILLIS = 250;

  private static final Logger log = LoggerFactory.getLogger(SqlChangeFeed.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration FAREWELL = Duration.ofSeconds(5);
  private static final int AT_ONCE = 1000;

  private final SqlDatabase database;
  private final Duration interval;
  private final Consumer<Change> listener;
  private final Runnable upToDate;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "gatehouse-changes");

  /**
   * The number of the last change that was told; null when that is not known. Of the polling thread, once
   * started.
   */
  private @Nullable Long told;

  /** Of the polling thread. */
  private boolean failing;

  private SqlChangeFeed(SqlDatabase database, Duration interval, Consumer<Change> listener, Runnable upToDate) {
    this.database = database;
    this.interval = interval;
    this.listener = listener;
    this.upToDate = upToDate;
  }

  /**
   * Starts to tell all changes from now on. When the database cannot be reached now, "everything" is told as
   * soon as it can.
   *
   * @param interval how often to ask, more than zero
   */
  public static SqlChangeFeed start(SqlDatabase database, Duration interval, Consumer<Change> listener) {
    return start(database, interval, listener, () -> {});
  }

  /**
   * The same, with a task that is run after each look that the database answered, by the thread that calls the listener,
   * when all that it found was told.
   */
  public static SqlChangeFeed start(
      SqlDatabase database, Duration interval, Consumer<Change> listener, Runnable upToDate) {
    SqlChangeFeed feed = create(database, interval, listener, upToDate);
    feed.thread.setDaemon(true);
    feed.thread.start();
    return feed;
  }

  /** As {@link #start}, but {@link #poll} is the caller's. */
  static SqlChangeFeed create(SqlDatabase database, Duration interval, Consumer<Change> listener) {
    return create(database, interval, listener, () -> {});
  }

  private static SqlChangeFeed create(
      SqlDatabase database, Duration interval, Consumer<Change> listener, Runnable upToDate) {
    if (interval.isZero() || interval.isNegative()) {
      throw new IllegalArgumentException("interval: " + interval + " (expected: more than zero)");
    }
    SqlChangeFeed feed = new SqlChangeFeed(
        Objects.requireNonNull(database, "database"), interval, Objects.requireNonNull(listener, "listener"),
        Objects.requireNonNull(upToDate, "upToDate"));
    try {
      feed.told = feed.latest();
    } catch (StoreException e) {
      feed.failed(e);
    }
    return feed;
  }

  /** Asks no more, and waits for the listener to return, but not for more than a few seconds. */
  @Override
  public void close() {
    closing.countDown();
    if (Thread.currentThread() == thread) {
      return;
    }
    try {
      thread.join(FAREWELL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Duration pause = interval;
    try {
      while (!closing.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
        pause = poll() ? interval : longer(pause);
      }
    } catch (InterruptedException e) {
      // Nobody has this thread but us: somebody ends all threads.
      Thread.currentThread().interrupt();
    }
  }

  private Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    Duration most = interval.compareTo(LONGEST_PAUSE) > 0 ? interval : LONGEST_PAUSE;
    return twice.compareTo(most) > 0 ? most : twice;
  }

  /** Tells what is new. False when the database did not answer. */
  boolean poll() {
    try {
      long latest = latest();
      Long known = told;
      if (known == null || failing || latest < known) {
        // A smaller number than ever: the database was put back to an older state.
        tellEverything(latest);
      } else if (latest > known) {
        tellAfter(known, latest);
      }
      if (failing) {
        failing = false;
        log.info("Changes are read again from {}", database);
      }
      tellUpToDate();
      return true;
    } catch (RuntimeException e) {
      // Whatever it is, a feed that ends would leave this node with old keys for ever.
      failed(e);
      return false;
    }
  }

  private void tellAfter(long known, long latest) {
    long last = known;
    while (last < latest) {
      long from = last;
      List<ChangeLog.Entry> entries = database.read("read changes", db -> ChangeLog.after(db, from, AT_ONCE));
      boolean whole = !entries.isEmpty();
      for (ChangeLog.Entry entry : entries) {
        whole &= entry.number() == last + 1;
        if (whole) {
          tell(entry);
          last = entry.number();
          told = last;
        }
      }
      if (!whole) {
        // Some were forgotten before we came.
        tellEverything(latest);
        return;
      }
    }
  }

  private void tell(ChangeLog.Entry entry) {
    Optional<Topic> topic =
        Arrays.stream(Topic.values()).filter(each -> each.name().equals(entry.topic())).findFirst();
    if (topic.isPresent()) {
      tell(new Change(topic.get(), entry.reference()));
    } else {
      everything().forEach(this::tell);
    }
  }

  private void tellEverything(long latest) {
    everything().forEach(this::tell);
    told = latest;
  }

  private void tell(Change change) {
    try {
      listener.accept(change);
    } catch (RuntimeException e) {
      log.error("A listener failed on a change of {}", change.topic(), e);
    }
  }

  private void tellUpToDate() {
    try {
      upToDate.run();
    } catch (RuntimeException e) {
      log.error("What follows a look for changes failed", e);
    }
  }

  private static List<Change> everything() {
    return Arrays.stream(Topic.values()).map(topic -> new Change(topic, "")).toList();
  }

  private long latest() {
    return database.read("read changes", ChangeLog::latest);
  }

  private void failed(RuntimeException e) {
    if (failing) {
      log.debug("Changes still cannot be read: {}", e.getMessage());
    } else {
      failing = true;
      log.warn("Changes cannot be read, nodes may differ until they can: {}", e.getMessage());
    }
  }
}
