package io.gatehouse.jetty.seat;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Connects to backends at the {@link Seat} that is the tag of a request, and so of the destination that it goes to; at a
 * selector of its own where there is none.
 */
public final class GuestConnector extends ClientConnector {

  @Override
  protected SelectorManager newSelectorManager() {
    return new Selectors(getExecutor(), getScheduler(), getSelectors());
  }

  private final class Selectors extends ClientSelectorManager {

    Selectors(Executor executor, Scheduler scheduler, int selectors) {
      super(executor, scheduler, selectors);
    }

    @Override
    public void connect(SelectableChannel channel, Object attachment) {
      Seat seat = seatOf(attachment);
      if (seat == null) {
        super.connect(channel, attachment);
      } else {
        seat.take(channel, false, new Seated(attachment));
      }
    }

    @Override
    public void accept(SelectableChannel channel, Object attachment) {
      Seat seat = seatOf(attachment);
      if (seat == null) {
        super.accept(channel, attachment);
      } else {
        seat.take(channel, true, new Seated(attachment));
      }
    }

    private static @Nullable Seat seatOf(Object attachment) {
      return attachment instanceof Map<?, ?> context
              && context.get(Destination.CONTEXT_KEY) instanceof Destination destination
              && destination.getOrigin().getTag() instanceof Seat seat
          ? seat : null;
    }

    @Override
    protected EndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
      return super.newEndPoint(channel, selector, key);
    }

    @Override
    protected void connectionFailed(SelectableChannel channel, Throwable failure, Object attachment) {
      super.connectionFailed(channel, failure, attachment);
    }

    /** One channel of ours at a selector of others. */
    private final class Seated implements Guest {

      private final Object context;

      Seated(Object context) {
        this.context = context;
      }

      @Override
      public Duration connectTimeout() {
        return GuestConnector.this.getConnectTimeout();
      }

      @Override
      public EndPoint endPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
        Object attached = key.attach(context);
        try {
          return newEndPoint(channel, selector, key);
        } finally {
          key.attach(attached);
        }
      }

      @Override
      public Connection connection(SelectableChannel channel, EndPoint endPoint) throws IOException {
        return newConnection(channel, endPoint, context);
      }

      @Override
      public void opened(Connection connection) {
        connectionOpened(connection, context);
      }

      @Override
      public void failed(SelectableChannel channel, Throwable cause) {
        connectionFailed(channel, cause, context);
      }
    }
  }
}
