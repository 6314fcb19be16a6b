package io.gatehouse.jetty.seat;

import java.nio.channels.SelectableChannel;

/**
 * A place at one selector of a server. A connection to a backend that takes it is served by the thread that serves the
 * clients of that selector, and a request and its answer need no other thread to be woken.
 *
 * <p>Two seats are equal if they are the same. Any number of threads; nothing blocks.
 */
public interface Seat {

  /** How many seats the server has. */
  int among();

  /**
   * Registers a channel that does not block.
   *
   * @param connected whether it is connected; otherwise its connecting has begun
   */
  void take(SelectableChannel channel, boolean connected, Guest guest);
}
