package io.gatehouse.jetty.cli;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes something that runs, once: when its work is over, or when SIGTERM or SIGINT asks the process to stop. Then the
 * process ends with {@link Exit#OK}, if all could be closed. Java by itself would exit with 143 or 130, which service
 * managers and containers take for a failure. A signal that comes during the start lets the start end first.
 */
final class Stop<T> {

  private static final Logger log = LoggerFactory.getLogger(Stop.class);

  private final Consumer<T> close;
  private final Thread hook = new Thread(this::end, "gatehouse-stop");

  /** What is to be closed; guarded by this. */
  private @Nullable T running;

  private Stop(Consumer<T> close) {
    this.close = close;
  }

  /** What goes on until the end. */
  @FunctionalInterface
  interface Work<T> {
    void run(T started) throws InterruptedException;
  }

  /**
   * Starts, does the work, and closes.
   *
   * @param close may take its time; the process ends when it is over
   */
  static <T> void after(Supplier<T> start, Work<T> work, Consumer<T> close) throws InterruptedException {
    Stop<T> stop = new Stop<>(close);
    Runtime.getRuntime().addShutdownHook(stop.hook);
    try {
      work.run(stop.started(start));
    } finally {
      stop.withdrawHook();
      stop.closeOnce();
    }
  }

  private synchronized T started(Supplier<T> start) {
    T started = start.get();
    running = started;
    return started;
  }

  private synchronized void closeOnce() {
    T closing = running;
    running = null;
    if (closing != null) {
      close.accept(closing);
    }
  }

  private void withdrawHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      log.debug("The process is ending already");
    }
  }

  private void end() {
    int exit = Exit.OK;
    try {
      closeOnce();
    } catch (RuntimeException e) {
      log.error("The gateway could not be stopped in order", e);
      exit = Exit.FAILED;
    }
    System.out.flush();
    System.err.flush();
    // From a shutdown hook nothing but this can still choose the exit code.
    Runtime.getRuntime().halt(exit);
  }
}
