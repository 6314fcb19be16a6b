package io.gatehouse.jetty.cli;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * What a process does at SIGHUP instead of ending, which is how service managers tell it to read its settings again. Where
 * there is no such signal (Windows), or Java was started with {@code -Xrs}, it stays as it was.
 */
final class Hangup implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Hangup.class);
  private static final String NAME = "HUP";

  private final Runnable restore;

  private Hangup(Runnable restore) {
    this.restore = restore;
  }

  /** Does this at every SIGHUP, on a thread of the signal's own, until it is closed. */
  static Hangup does(Runnable task) {
    try {
      Signal signal = new Signal(NAME);
      SignalHandler before = Signal.handle(signal, received -> task.run());
      return new Hangup(() -> Signal.handle(signal, before));
    } catch (IllegalArgumentException e) {
      log.debug("SIGHUP cannot be heard here", e);
      return new Hangup(() -> {});
    }
  }

  @Override
  public void close() {
    restore.run();
  }
}
