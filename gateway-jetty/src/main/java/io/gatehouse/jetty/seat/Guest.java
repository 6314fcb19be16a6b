package io.gatehouse.jetty.seat;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;

/** What is to become of a channel that has taken a {@link Seat}. Called by threads of the server; nothing blocks. */
public interface Guest {

  /** How long connecting may take. */
  Duration connectTimeout();

  /** The channel is connected. */
  EndPoint endPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) throws IOException;

  /** What is spoken on it. */
  Connection connection(SelectableChannel channel, EndPoint endPoint) throws IOException;

  /** All of it is ready. */
  void opened(Connection connection);

  /** It was not connected, and is closed. */
  void failed(SelectableChannel channel, Throwable cause);
}
