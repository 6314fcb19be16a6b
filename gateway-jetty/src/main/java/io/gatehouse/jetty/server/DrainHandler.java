package io.gatehouse.jetty.server;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Counts the requests under way, and while draining answers as ever but asks every client not to reuse the connection;
 * those of HTTP/2 are asked by the connector. Before that a server may be leaving for a while: it says so to whoever asks
 * whether it is ready, and otherwise serves as ever, so that a load balancer can take it out first. Requests that still arrive on open connections are served: a client that sent one before it could know of the shutdown
 * must not lose it.
 */
final class DrainHandler extends Handler.Wrapper {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();

  /** Guarded by lock. */
  private int underWay;

  private volatile Phase phase = Phase.SERVING;

  /** In this order, and never back. */
  enum Phase {
    SERVING,
    LEAVING,
    DRAINING
  }

  DrainHandler(Handler handler) {
    super(handler);
  }

  /** Whether new requests are welcome. */
  boolean ready() {
    return phase == Phase.SERVING;
  }

  /** False when it has begun before. */
  boolean beginLeaving() {
    lock.lock();
    try {
      boolean first = phase == Phase.SERVING;
      if (first) {
        phase = Phase.LEAVING;
      }
      return first;
    } finally {
      lock.unlock();
    }
  }

  void beginDrain() {
    phase = Phase.DRAINING;
  }

  /** Waits until nothing is under way. False when the deadline came first. */
  boolean awaitIdle(Duration deadline) throws InterruptedException {
    long rest = deadline.toNanos();
    lock.lock();
    try {
      while (underWay > 0) {
        if (rest <= 0) {
          return false;
        }
        rest = idle.awaitNanos(rest);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  int underWay() {
    lock.lock();
    try {
      return underWay;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    change(1);
    boolean handled = false;
    try {
      handled = super.handle(request, new Farewell(request, response), Callback.from(callback, () -> change(-1)));
      return handled;
    } finally {
      if (!handled) {
        change(-1);
      }
    }
  }

  private void change(int by) {
    lock.lock();
    try {
      underWay += by;
      if (underWay == 0) {
        idle.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Asks the client to go, if the drain has begun by the time the answer does. */
  private final class Farewell extends Response.Wrapper {

    Farewell(Request request, Response response) {
      super(request, response);
    }

    @Override
    public void write(boolean last, ByteBuffer content, Callback callback) {
      boolean http1 = getRequest().getConnectionMetaData().getHttpVersion().getVersion() < HttpVersion.HTTP_2.getVersion();
      boolean switching = getStatus() == HttpStatus.SWITCHING_PROTOCOLS_101;
      if (phase == Phase.DRAINING && http1 && !switching && !isCommitted()) {
        getHeaders().put(HttpHeader.CONNECTION, "close");
      }
      super.write(last, content, callback);
    }
  }
}
