package io.gatehouse.core.usage;

import io.gatehouse.StoreException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that a thread of its own does again and again, the first time at once. While a store is away it is told once,
 * and tried again every time.
 */
public final class Chore implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Chore.class);

  private final String what;
  private final Runnable action;
  private final ScheduledExecutorService thread;

  /** Used by the thread only. */
  private boolean failing;

  private Chore(String what, Runnable action, ScheduledExecutorService thread) {
    this.what = what;
    this.action = action;
    this.thread = thread;
  }

  /**
   * Begins.
   *
   * @param what for messages: {@code traffic is written}
   * @param pause between the end of one run and the beginning of the next
   */
  public static Chore start(String what, Duration pause, Runnable action) {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread made = new Thread(task, "gatehouse-chore");
              made.setDaemon(true);
              return made;
            });
    Chore chore = new Chore(what, action, thread);
    thread.scheduleWithFixedDelay(chore::run, 0, pause.toNanos(), TimeUnit.NANOSECONDS);
    return chore;
  }

  private void run() {
    try {
      action.run();
      if (failing) {
        failing = false;
        log.info("Again: {}", what);
      }
    } catch (StoreException e) {
      if (!failing) {
        failing = true;
        log.warn("Not for now: {} ({})", what, e.getMessage());
      }
    } catch (RuntimeException e) {
      // An exception that leaves the task would end the schedule for good.
      log.error("Failed: {}", what, e);
    }
  }

  /** Ends it, and waits a few seconds for a run that is under way. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      thread.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
