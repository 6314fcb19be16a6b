package io.gatehouse.jetty.conformance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The backend of all cases. Hands every request, as soon as its head is there, to the case that runs, and reads on when
 * that has let go of it. Answers probes by itself: those of the gateway, and {@value #STILL_THERE}, with which a case looks
 * whether a client's connection still works.
 */
final class Backend implements AutoCloseable {

  static final String STILL_THERE = "/still-there";

  private static final int PATIENCE_SECONDS = 10;

  private static final String YES = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes";

  /** A request that a case has to deal with. */
  record Arrival(Peer peer, String head, Semaphore released) {

    /** Lets the next request come on the connection. */
    void release() throws IOException {
      peer.patience(0);
      released.release();
    }
  }

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
  private final Set<Peer> peers = ConcurrentHashMap.newKeySet();

  Backend() throws IOException {
    start(
        () -> {
          while (true) {
            Peer peer = new Peer(server.accept());
            peer.patience(0);
            peers.add(peer);
            start(() -> serve(peer));
          }
        });
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** The next request; null when there is none for a long time. */
  @Nullable Arrival next() throws InterruptedException {
    return arrivals.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** The head of a request that nobody waited for, null when there is none. */
  @Nullable String unexpected() {
    Arrival one = arrivals.poll();
    return one == null ? null : one.head();
  }

  /** Ends the connections of requests that nobody waited for, so that they disturb no other case. */
  void forget() throws IOException {
    for (Arrival one = arrivals.poll(); one != null; one = arrivals.poll()) {
      one.peer().close();
      one.release();
    }
  }

  private void serve(Peer peer) throws IOException, InterruptedException {
    try (peer) {
      while (!peer.isClosed()) {
        String head = peer.head();
        if (head.isEmpty()) {
          return;
        }
        if (head.startsWith("GET /health ") || head.startsWith("GET " + STILL_THERE + ' ')) {
          peer.send(YES);
          continue;
        }
        Arrival arrival = new Arrival(peer, head, new Semaphore(0));
        arrivals.add(arrival);
        arrival.released().acquire();
      }
    } finally {
      peers.remove(peer);
    }
  }

  private interface Work {

    void run() throws IOException, InterruptedException;
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException | InterruptedException ended) {
                // The connection, or all of it, is over.
              }
            },
            "conformance-backend");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Peer peer : peers) {
      peer.close();
    }
  }
}
