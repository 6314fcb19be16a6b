package io.gatehouse.jetty.websocket;

import io.gatehouse.Outcome;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket between a client and a backend: bytes pass both ways as they come, and what they mean is
 * left to the ends. Nothing is read from the backend until the client's connection is the tunnel's, or
 * frames would overtake the answer to the handshake.
 *
 * <p>How it ends:
 * <ul>
 *   <li>One end sends Close, the other answers, the connections are closed in the same order as without a
 *       gateway.
 *   <li>The client leaves without a word: the backend's connection is closed at once.
 *   <li>The backend breaks off: the client gets Close 1014 where that is possible, between two frames, and
 *       otherwise sees its connection break off, too.
 *   <li>Nothing moves for too long, or the gateway stops: both get Close 1001 at the end of the frame under
 *       way.
 * </ul>
 * Who was sent or has begun the end has {@value #CLOSE_SECONDS} s for its part, then both connections are
 * closed.
 *
 * <p>It is over once. Safe for any number of threads; nothing blocks.
 */
public final class Tunnel {

  /** How long the ends may take to answer a Close and to close: {@value} seconds. */
  static final int CLOSE_SECONDS = 5;

  private static final Logger log = LoggerFactory.getLogger(Tunnel.class);

  private final Tunnels tunnels;
  private final EndPoint backend;
  private final Half backendHalf;
  private final Executor executor;
  private final ByteBufferPool buffers;
  private final Scheduler scheduler;
  private final long beginNanos = System.nanoTime();

  // All guarded by this.
  private @Nullable EndPoint client;
  /** From the client to the backend; null until the client's connection is the tunnel's. */
  private @Nullable Flow up;
  /** From the backend to the client; null as long as {@link #up} is. */
  private @Nullable Flow down;
  private boolean upOver;
  private boolean downOver;
  private @Nullable CloseFrame farewell;
  private Scheduler.@Nullable Task deadline;
  private @Nullable Outcome outcome;
  private List<Consumer<Outcome>> whenOver = new ArrayList<>(3);

  Tunnel(Tunnels tunnels, EndPoint backend, Executor executor, ByteBufferPool buffers, Scheduler scheduler) {
    this.tunnels = tunnels;
    this.backend = backend;
    this.executor = executor;
    this.buffers = buffers;
    this.scheduler = scheduler;
    backendHalf = new Half(backend);
  }

  /**
   * Takes the backend's connection from HTTP. If that fails the tunnel is over, and its client will see it
   * so.
   */
  void takeBackend() {
    try {
      backend.setIdleTimeout(0);
      backend.upgrade(backendHalf);
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  /**
   * What the client's connection goes on as when the answer to the handshake is written. Opening it
   * begins the tunnel.
   */
  public Connection clientHalf(EndPoint end) {
    return new Half(end);
  }

  /**
   * Runs this once when the tunnel is over, at once if it is already. The outcome has the status 101 and
   * the bytes that were relayed; it is answered when one of the ends has closed the WebSocket with a Close
   * frame, and aborted otherwise.
   */
  public void whenOver(Consumer<Outcome> told) {
    Outcome known;
    synchronized (this) {
      known = outcome;
      if (known == null) {
        whenOver.add(told);
      }
    }
    if (known != null) {
      told.accept(known);
    }
  }

  /** Ends it because the answer to the handshake did not reach the client. */
  public void abandon(Throwable cause) {
    log.debug("A WebSocket was accepted and its client not reached", cause);
    cut();
  }

  /** Tells both ends that it is over, as soon as a frame ends. */
  void goAway(CloseFrame frame) {
    Flow first;
    Flow second;
    synchronized (this) {
      farewell = frame;
      first = up;
      second = down;
    }
    if (first != null && second != null) {
      // Both know before one of them acts, or the answer to one would be relayed by the other.
      first.farewell(frame);
      second.farewell(frame);
      second.iterate();
      first.iterate();
    }
  }

  /** Closes both connections now. */
  void cut() {
    List<Consumer<Outcome>> told;
    Outcome end;
    EndPoint clientEnd;
    synchronized (this) {
      if (outcome != null) {
        return;
      }
      end = end();
      outcome = end;
      told = whenOver;
      whenOver = List.of();
      clientEnd = client;
      if (deadline != null) {
        deadline.cancel();
      }
    }
    if (clientEnd != null) {
      clientEnd.close();
    }
    backend.close();
    for (Consumer<Outcome> one : told) {
      tell(one, end);
    }
    tunnels.ended(this);
  }

  private static void tell(Consumer<Outcome> told, Outcome end) {
    try {
      told.accept(end);
    } catch (RuntimeException e) {
      // Whoever looks on must not keep the others from hearing.
      log.warn("What was to be told of the end of a tunnel failed", e);
    }
  }

  private Outcome end() {
    Flow toBackend = up;
    Flow toClient = down;
    Duration elapsed = Duration.ofNanos(System.nanoTime() - beginNanos);
    if (toBackend == null || toClient == null) {
      return new Outcome(101, 0, 0, elapsed, Outcome.Ending.ABORTED);
    }
    boolean closed = toBackend.closeRelayed() || toClient.closeRelayed();
    return new Outcome(101, toBackend.bytes(), toClient.bytes(), elapsed,
        closed ? Outcome.Ending.ANSWERED : Outcome.Ending.ABORTED);
  }

  private void begin(Half clientHalf) {
    EndPoint end = clientHalf.getEndPoint();
    end.setIdleTimeout(Math.max(1, tunnels.idleTimeout().toMillis()));
    Flow toBackend;
    Flow toClient;
    CloseFrame frame;
    boolean gone;
    synchronized (this) {
      client = end;
      toBackend = new Flow(this, end, backend, true, buffers, tunnels.toBackend(), clientHalf.early);
      toClient = new Flow(this, backend, end, false, buffers, tunnels.toClient(), backendHalf.early);
      up = toBackend;
      down = toClient;
      frame = farewell;
      gone = outcome != null;
    }
    if (gone) {
      end.close();
      return;
    }
    toBackend.iterate();
    toClient.iterate();
    if (frame != null) {
      goAway(frame);
    }
  }

  /** One direction has nothing more to carry. */
  void over(Flow flow) {
    boolean all;
    synchronized (this) {
      if (flow.toBackend()) {
        upOver = true;
      } else {
        downOver = true;
      }
      // A client that is gone and has not closed waits for nothing.
      all = upOver && downOver || flow.toBackend() && !flow.sinkTold();
    }
    if (all) {
      cut();
    } else {
      limitTheRest();
    }
  }

  /** What the client is to be told when the backend has broken off; null where nothing can be said. */
  synchronized @Nullable CloseFrame lastWords(Flow ended) {
    boolean clientWaits = up != null && !up.closeRelayed();
    return !ended.toBackend() && clientWaits
        ? new CloseFrame(CloseFrame.BAD_GATEWAY, "backend broke off")
        : null;
  }

  /** A Close frame of ours went out. */
  void left() {
    boolean both;
    synchronized (this) {
      both = up != null && up.sinkTold() && down != null && down.sinkTold();
    }
    if (both) {
      limitTheRest();
    }
  }

  /** Nothing can be written in one direction. */
  void sinkBroken(Flow flow) {
    if (flow.toBackend()) {
      // What the backend has sent before may still come.
      limitTheRest();
    } else {
      cut();
    }
  }

  void failed(Throwable cause) {
    log.warn("A WebSocket tunnel failed", cause);
    cut();
  }

  private synchronized void limitTheRest() {
    if (deadline == null && outcome == null) {
      deadline = scheduler.schedule(this::cut, CLOSE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private synchronized @Nullable Flow flowFrom(Half half) {
    return half == backendHalf ? down : up;
  }

  /** The connection of one of the ends. */
  private final class Half extends AbstractConnection implements Connection.UpgradeTo {

    private @Nullable ByteBuffer early;

    Half(EndPoint end) {
      super(end, executor);
    }

    @Override
    public void onUpgradeTo(ByteBuffer behindTheHandshake) {
      early = behindTheHandshake;
    }

    @Override
    public void onOpen() {
      super.onOpen();
      if (this != backendHalf) {
        begin(this);
      }
    }

    @Override
    public void onFillable() {
      Flow flow = flowFrom(this);
      if (flow != null) {
        flow.onFillable();
      }
    }

    @Override
    public boolean onIdleExpired(TimeoutException timeout) {
      goAway(new CloseFrame(CloseFrame.GOING_AWAY, "idle"));
      limitTheRest();
      return false;
    }

    @Override
    public void onClose(@Nullable Throwable cause) {
      super.onClose(cause);
      if (flowFrom(this) == null) {
        // Later on reading and writing tell.
        cut();
      }
    }
  }
}
