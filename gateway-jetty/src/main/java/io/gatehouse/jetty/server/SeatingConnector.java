package io.gatehouse.jetty.server;

import io.gatehouse.jetty.seat.Guest;
import io.gatehouse.jetty.seat.Seat;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/** A connector at whose selectors connections to backends can have a {@link Seat}, beside those of the clients. */
final class SeatingConnector extends ServerConnector {

  private static final int ACCEPTORS = -1; // Jetty's default

  /** @param selectors how many there are, and seats, 1 or more */
  SeatingConnector(Server server, int selectors, ConnectionFactory... protocols) {
    super(server, ACCEPTORS, selectors, protocols);
  }

  /** The seat beside a client's connection, over TLS or not; null if it has none. */
  static @Nullable Seat seatBeside(EndPoint endPoint) {
    EndPoint socket = endPoint instanceof SslConnection.SslEndPoint secured
        ? secured.getSslConnection().getEndPoint() : endPoint;
    return socket instanceof ClientEndPoint client ? client.seat : null;
  }

  @Override
  protected SelectorManager newSelectorManager(Executor executor, Scheduler scheduler, int selectors) {
    return new Selectors(executor, scheduler, selectors);
  }

  @Override
  protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
    SocketChannelEndPoint endPoint =
        new ClientEndPoint(channel, selector, key, getScheduler(), ((Selectors) getSelectorManager()).seatAt(selector));
    endPoint.setIdleTimeout(getIdleTimeout());
    return endPoint;
  }

  private static final class ClientEndPoint extends SocketChannelEndPoint {

    private final Seat seat;

    ClientEndPoint(
        SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler, Seat seat) {
      super(channel, selector, key, scheduler);
      this.seat = seat;
    }
  }

  private final class Selectors extends ServerConnectorManager {

    private final Map<ManagedSelector, Seat> seats = new ConcurrentHashMap<>();

    /** What this thread registers at the moment; {@link #accept} and {@link #connect} have no room to say where. */
    private final ThreadLocal<Seated> seated = new ThreadLocal<>();

    /** A guest and the selector that it has chosen. */
    private record Seated(ManagedSelector selector, Guest guest) {}

    Selectors(Executor executor, Scheduler scheduler, int selectors) {
      super(executor, scheduler, selectors);
    }

    Seat seatAt(ManagedSelector selector) {
      return seats.computeIfAbsent(selector, At::new);
    }

    private final class At implements Seat {

      private final ManagedSelector selector;

      At(ManagedSelector selector) {
        this.selector = selector;
      }

      @Override
      public int among() {
        return getSelectorCount();
      }

      @Override
      public void take(SelectableChannel channel, boolean connected, Guest guest) {
        seated.set(new Seated(selector, guest));
        try {
          if (connected) {
            accept(channel, guest);
          } else {
            connect(channel, guest);
          }
        } finally {
          seated.remove();
        }
      }
    }

    @Override
    protected ManagedSelector chooseSelector() {
      Seated chosen = seated.get();
      return chosen == null ? super.chooseSelector() : chosen.selector();
    }

    @Override
    public long getConnectTimeout() {
      Seated connecting = seated.get();
      return connecting == null ? super.getConnectTimeout() : connecting.guest().connectTimeout().toMillis();
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key)
        throws IOException {
      return key.attachment() instanceof Guest guest
          ? (SocketChannelEndPoint) guest.endPoint(channel, selector, key)
          : super.newEndPoint(channel, selector, key);
    }

    @Override
    public Connection newConnection(SelectableChannel channel, EndPoint endPoint, Object attachment) throws IOException {
      return attachment instanceof Guest guest
          ? guest.connection(channel, endPoint)
          : super.newConnection(channel, endPoint, attachment);
    }

    @Override
    public void connectionOpened(Connection connection, Object attachment) {
      if (attachment instanceof Guest guest) {
        guest.opened(connection);
      } else {
        super.connectionOpened(connection, attachment);
      }
    }

    @Override
    protected void connectionFailed(SelectableChannel channel, Throwable cause, Object attachment) {
      if (attachment instanceof Guest guest) {
        guest.failed(channel, cause);
      } else {
        super.connectionFailed(channel, cause, attachment);
      }
    }

    /** Only those of clients are the connector's own. */
    @Override
    protected void endPointOpened(EndPoint endPoint) {
      if (endPoint instanceof ClientEndPoint) {
        super.endPointOpened(endPoint);
      }
    }

    @Override
    protected void endPointClosed(EndPoint endPoint) {
      if (endPoint instanceof ClientEndPoint) {
        super.endPointClosed(endPoint);
      }
    }
  }
}
