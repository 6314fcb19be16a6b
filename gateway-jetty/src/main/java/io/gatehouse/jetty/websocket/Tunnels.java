package io.gatehouse.jetty.websocket;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.io.EndPoint;

/**
 * All open tunnels, what passed through them, and how they are brought to an end. Safe for any number of
 * threads.
 */
public final class Tunnels {

  /** How long nothing may move in a tunnel unless it is said otherwise, as Envoy has it: 5 minutes. */
  public static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);

  private volatile Duration idleTimeout;
  private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong opened = new AtomicLong();
  private final LongAdder toBackend = new LongAdder();
  private final LongAdder toClient = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private volatile boolean draining;

  /**
   * None are open.
   *
   * @param idleTimeout how long nothing may move in either direction of a tunnel, more than zero
   */
  public Tunnels(Duration idleTimeout) {
    this.idleTimeout = moreThanZero(idleTimeout);
  }

  /** Lets nothing move for so long in tunnels that are opened from now on; those that are open keep their time. */
  public void idleTimeout(Duration timeout) {
    idleTimeout = moreThanZero(timeout);
  }

  private static Duration moreThanZero(Duration timeout) {
    if (timeout.isZero() || timeout.isNegative()) {
      throw new IllegalArgumentException("idleTimeout: " + timeout + " (expected: more than zero)");
    }
    return timeout;
  }

  /**
   * Opens a tunnel to a backend that has accepted a handshake and takes its connection from HTTP. To be
   * called on the thread that has read the answer, before that reads on: the backend's first frames may be
   * in its hands.
   *
   * @param client the client that owns the connection; what it has of threads, buffers and clocks serves the
   * tunnel
   */
  public Tunnel open(EndPoint backend, HttpClient client) {
    Tunnel tunnel = new Tunnel(
        this, backend, client.getExecutor(), client.getByteBufferPool(), client.getScheduler());
    opened.incrementAndGet();
    open.add(tunnel);
    tunnel.takeBackend();
    if (draining) {
      tunnel.goAway(stopping());
    }
    return tunnel;
  }

  /** How many are open. */
  public int openNow() {
    return open.size();
  }

  /** How many were ever opened. */
  public long openedEver() {
    return opened.get();
  }

  /** Bytes that clients have sent through tunnels, the heads of their frames included. */
  public long bytesToBackends() {
    return toBackend.sum();
  }

  /** Bytes that backends have sent through tunnels, the heads of their frames included. */
  public long bytesToClients() {
    return toClient.sum();
  }

  /** Whether {@link #drain} was called; no more should be opened then. */
  public boolean draining() {
    return draining;
  }

  /**
   * Sends a Close frame with 1001 both ways through every tunnel, each as soon as a frame ends. Does not
   * wait.
   */
  public void drain() {
    draining = true;
    open.forEach(tunnel -> tunnel.goAway(stopping()));
  }

  /**
   * Waits until all tunnels are over and those who wanted to know have been told.
   *
   * @return false when the time was up before
   */
  public boolean awaitNone(Duration most) throws InterruptedException {
    long rest = most.toNanos();
    lock.lock();
    try {
      while (!open.isEmpty()) {
        if (rest <= 0) {
          return false;
        }
        rest = ended.awaitNanos(rest);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Closes the connections of all tunnels, in the middle of a frame if need be. */
  public void cut() {
    open.forEach(Tunnel::cut);
  }

  private static CloseFrame stopping() {
    return new CloseFrame(CloseFrame.GOING_AWAY, "gateway stops");
  }

  Duration idleTimeout() {
    return idleTimeout;
  }

  LongAdder toBackend() {
    return toBackend;
  }

  LongAdder toClient() {
    return toClient;
  }

  void ended(Tunnel tunnel) {
    open.remove(tunnel);
    lock.lock();
    try {
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
