package io.gatehouse.jetty.proxy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.jetty.client.HttpClient;

/**
 * A client for backends, with a count of what uses it: one that is not wanted any more is stopped when the last request, or
 * the last WebSocket, is over that has a connection of it. Any number of threads.
 */
final class Client {

  private static final int STOPPED = -1;

  private final HttpClient http;
  private final Consumer<HttpClient> stop;

  /** How many use it; {@link #STOPPED} for good after that. */
  private final AtomicInteger uses = new AtomicInteger();

  private volatile boolean wanted = true;

  /** @param stop is given the client once, when nobody wants or uses it any more */
  Client(HttpClient http, Consumer<HttpClient> stop) {
    this.http = http;
    this.stop = stop;
  }

  HttpClient http() {
    return http;
  }

  /** Takes leave to use it; when true, the caller owes {@link #ended}. False when it is stopped. */
  boolean began() {
    int known;
    do {
      known = uses.get();
      if (known == STOPPED) {
        return false;
      }
    } while (!uses.compareAndSet(known, known + 1));
    return true;
  }

  /** A use is over. */
  void ended() {
    uses.decrementAndGet();
    stopIfIdle();
  }

  /** Nobody is to begin to use it any more; those who do all the same may. */
  void unwanted() {
    wanted = false;
    stopIfIdle();
  }

  private void stopIfIdle() {
    if (!wanted && uses.compareAndSet(0, STOPPED)) {
      stop.accept(http);
    }
  }
}
