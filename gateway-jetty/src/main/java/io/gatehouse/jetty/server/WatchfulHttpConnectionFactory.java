package io.gatehouse.jetty.server;

import io.gatehouse.jetty.proxy.Takeover;
import io.gatehouse.jetty.proxy.UpstreamServlet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 connections that notice when the client leaves while it waits for its answer, and that give the head of a
 * request no more time as a whole than the configuration's idle timeout gives its next byte, if it has one: a client
 * that drips it would otherwise keep its connection for ever.
 *
 * <p>Jetty's own read nothing between a request and the end of its answer, so that a backend would work on for nobody until
 * something is written.
 *
 * <p>Every request gets an attribute {@value #DEPARTURE}: a function that takes what to do when the client
 * leaves and gives back how to stop watching. It is to be called when the request is whole, and stopped
 * before the answer is complete; what to do is done at most once, on a thread that must not be blocked.
 * Leaving is closing at least the client's half of the connection, as nginx has it.
 *
 * <p>A request with {@code Upgrade} also gets {@link UpstreamServlet#TAKEOVER}, by which its connection can go on as
 * something else.
 *
 * <p>How: the connection asks to be told when something can be read. If it is the end, the client left. If it
 * is the first byte of the next request, that byte goes to where Jetty reads requests, and the watch is over,
 * because the end cannot be seen behind it. Jetty finds our interest in reading where it expects none, so its
 * questions are answered as if there were none, and its own interest is taken over.
 */
public final class WatchfulHttpConnectionFactory extends HttpConnectionFactory {

  /** The attribute: {@value}. */
  public static final String DEPARTURE = "io.gatehouse.departure";

  public WatchfulHttpConnectionFactory(HttpConfiguration configuration) {
    super(configuration);
    configuration.addCustomizer(WatchfulHttpConnectionFactory::offer);
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    Watchful connection = new Watchful(getHttpConfiguration(), connector, endPoint);
    connection.setTransferEncodingChunkMaxLength(getTransferEncodingChunkMaxLength());
    return configure(connection, connector, endPoint);
  }

  private static Request offer(Request request, HttpFields.Mutable responseHeaders) {
    if (request.getConnectionMetaData().getConnection() instanceof Watchful connection) {
      Function<Runnable, Runnable> watch = connection::watch;
      request.setAttribute(DEPARTURE, watch);
      if (request.getHeaders().contains(HttpHeader.UPGRADE)) {
        request.setAttribute(UpstreamServlet.TAKEOVER, takeover(request, connection.getEndPoint()));
      }
    }
    return request;
  }

  private static Takeover takeover(Request request, EndPoint client) {
    return (next, otherwise) -> {
      request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, next.apply(client));
      Request.addCompletionListener(request, failure -> {
        if (failure != null) {
          otherwise.accept(failure);
        }
      });
    };
  }

  private static final class Watchful extends HttpConnection implements Callback {

    private final Object lock = new Object();
    private final long headNanos;

    /** Whether the head of a request has begun to arrive and not ended, at the last look, and since when. */
    private volatile boolean inHead;
    private volatile long inHeadSince;

    // All guarded by the lock.
    /** What to do when the client leaves; null while nobody watches. */
    private @Nullable Runnable left;
    /** The endpoint was asked to tell us of something to read, and has not told yet. */
    private boolean interested;
    /** Whom to tell instead, because Jetty has begun to wait for the next request. */
    private @Nullable Callback successor;

    Watchful(HttpConfiguration configuration, Connector connector, EndPoint endPoint) {
      super(configuration, connector, endPoint);
      headNanos = TimeUnit.MILLISECONDS.toNanos(configuration.getIdleTimeout());
    }

    @Override
    public void onFillable() {
      // What a look says may be of yesterday, when another thread has answered meanwhile: the parser has the last word.
      if (inHead && parsesHead() && headNanos > 0 && System.nanoTime() - inHeadSince > headNanos) {
        getEndPoint().close(new TimeoutException("request head took too long"));
        return;
      }
      super.onFillable();
      boolean before = inHead;
      inHead = parsesHead();
      if (inHead && !before) {
        inHeadSince = System.nanoTime();
      }
    }

    private boolean parsesHead() {
      return getParser().inHeaderState() && !getParser().isStart();
    }

    Runnable watch(Runnable whenLeft) {
      synchronized (lock) {
        if (left == null && !interested && isRequestBufferEmpty() && getParser().isComplete()) {
          left = whenLeft;
          interested = true;
          getEndPoint().tryFillInterested(this);
        }
      }
      return () -> stop(whenLeft);
    }

    private void stop(Runnable whenLeft) {
      synchronized (lock) {
        if (left == whenLeft) {
          left = null;
        }
      }
    }

    @Override
    public boolean isFillInterested() {
      synchronized (lock) {
        return super.isFillInterested() && (!interested || successor != null);
      }
    }

    @Override
    public void fillInterested(Callback callback) {
      synchronized (lock) {
        if (interested) {
          successor = callback;
          return;
        }
      }
      super.fillInterested(callback);
    }

    @Override
    public void tryFillInterested(Callback callback) {
      synchronized (lock) {
        if (interested) {
          successor = callback;
          return;
        }
      }
      super.tryFillInterested(callback);
    }

    @Override
    public void succeeded() {
      Runnable departed = null;
      Callback next;
      synchronized (lock) {
        interested = false;
        next = successor;
        successor = null;
        if (next == null && left != null) {
          int filled = fillOne();
          if (filled == 0) {
            // A record of TLS that holds nothing for us, such as an update of keys: the watch goes on.
            interested = true;
            getEndPoint().tryFillInterested(this);
            return;
          }
          departed = filled < 0 ? left : null;
        }
        left = null;
      }
      if (next != null) {
        next.succeeded();
      } else if (departed != null) {
        departed.run();
      } else {
        tellHeir();
      }
    }

    @Override
    public void failed(Throwable cause) {
      Callback next;
      synchronized (lock) {
        interested = false;
        left = null;
        next = successor;
        successor = null;
      }
      if (next != null) {
        next.failed(cause);
      } else {
        tellHeir();
      }
    }

    /** Our interest in reading outlives an upgrade, and the connection after us cannot have one beside it. */
    private void tellHeir() {
      if (getEndPoint().getConnection() instanceof AbstractConnection heir && heir != this) {
        heir.onFillable();
      }
    }

    @Override
    public InvocationType getInvocationType() {
      synchronized (lock) {
        return successor == null ? InvocationType.NON_BLOCKING : Invocable.getInvocationType(successor);
      }
    }

    /** Reads one byte, if there is one, and gives it to Jetty; negative when there never will be. */
    private int fillOne() {
      ByteBuffer one = BufferUtil.allocate(1);
      try {
        int filled = getEndPoint().fill(one);
        if (filled > 0) {
          onUpgradeTo(one);
        }
        return filled;
      } catch (IOException e) {
        return -1;
      }
    }
  }
}
