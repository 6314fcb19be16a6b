package io.gatehouse.jetty.cli;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes something that runs: when told to, or when SIGTERM or SIGINT asks the process to stop. The process then ends
 * with {@link Exit#OK}, if all could be closed. Java by itself would exit with 143 or 130, which service managers and
 * containers take for a failure.
 */
final class Stop implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Stop.class);

  private final AutoCloseable running;
  private final Thread hook = new Thread(this::end, "gatehouse-stop");

  /** Guarded by this. */
  private boolean closed;

  private Stop(AutoCloseable running) {
    this.running = running;
  }

  /**
   * Takes over the closing of something.
   *
   * @param running may take its time; the process ends when it is closed
   */
  static Stop closes(AutoCloseable running) {
    Stop stop = new Stop(running);
    Runtime.getRuntime().addShutdownHook(stop.hook);
    return stop;
  }

  /** Closes it, if the process is not about to end anyway. */
  @Override
  public void close() throws Exception {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      log.debug("The process is ending already");
    }
    closeOnce();
  }

  private synchronized void closeOnce() throws Exception {
    if (!closed) {
      closed = true;
      running.close();
    }
  }

  private void end() {
    int exit = Exit.OK;
    try {
      closeOnce();
    } catch (Exception e) {
      log.error("The gateway could not be stopped in order", e);
      exit = Exit.FAILED;
    }
    System.out.flush();
    System.err.flush();
    // From a shutdown hook nothing but this can still choose the exit code.
    Runtime.getRuntime().halt(exit);
  }
}
