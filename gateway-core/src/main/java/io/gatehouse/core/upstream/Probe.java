package io.gatehouse.core.upstream;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/** Asks a backend whether it is well. Called by several threads at once, for different backends; blocks. */
@FunctionalInterface
public interface Probe {

  /**
   * Returns when the backend is well.
   *
   * @param target what to ask for: the backend's URI with the path of the check
   * @param timeout how long it may take, more or less
   * @throws java.net.SocketTimeoutException when it did not answer in time
   * @throws IOException when it is not well, or cannot be asked; the message says why
   */
  void check(URI target, Duration timeout) throws IOException;
}
