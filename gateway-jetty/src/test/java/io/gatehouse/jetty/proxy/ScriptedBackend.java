package io.gatehouse.jetty.proxy;

import io.gatehouse.jetty.proxy.Wire.Head;
import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A backend that answers by a script, on raw sockets. */
final class ScriptedBackend implements AutoCloseable {

  /** Answers one request whose head was read; called again for the next one on the same connection. */
  @FunctionalInterface
  interface Script {

    void answer(Head request, Wire wire) throws IOException, InterruptedException;
  }

  private final List<Head> requests = new CopyOnWriteArrayList<>();
  private final Set<Wire> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile Script script;
  private volatile ServerSocket server;

  ScriptedBackend(Script script) throws IOException {
    this(script, 0);
  }

  ScriptedBackend(Script script, int port) throws IOException {
    this.script = script;
    listen(port);
  }

  /** A backend that answers everything with 200 and this text. */
  static ScriptedBackend saying(String text) throws IOException {
    return new ScriptedBackend((request, wire) -> {
      wire.body(request);
      wire.send(ok(text));
    });
  }

  static String ok(String text) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text;
  }

  void script(Script changed) {
    script = changed;
  }

  int port() {
    return server.getLocalPort();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + port());
  }

  Upstream upstream() {
    return new Upstream(uri(), 1, Upstream.State.ENABLED, Duration.ofSeconds(30));
  }

  List<Head> requests() {
    return requests;
  }

  Head request() {
    return requests.get(requests.size() - 1);
  }

  /** How many connections were made to it. */
  int connections() {
    return connections.get();
  }

  /** How many of them are there now. */
  int openConnections() {
    return open.size();
  }

  /** Dies like a killed process: nobody listens, every connection is reset. */
  void kill() throws IOException {
    int port = port();
    server.close();
    for (Wire wire : open) {
      wire.reset();
    }
    dead = port;
  }

  private int dead;

  /** Comes back on its port. */
  void revive() throws IOException {
    listen(dead);
  }

  private void listen(int port) throws IOException {
    ServerSocket listening = new ServerSocket();
    listening.setReuseAddress(true);
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
    server = listening;
    daemon(() -> {
      while (!listening.isClosed()) {
        try {
          Socket socket = listening.accept();
          connections.incrementAndGet();
          Wire wire = new Wire(socket);
          socket.setSoTimeout(30_000);
          open.add(wire);
          daemon(() -> serve(wire));
        } catch (IOException e) {
          return;
        }
      }
    });
  }

  private void serve(Wire wire) {
    try (wire) {
      while (!wire.socket().isClosed()) {
        Head head = wire.head();
        requests.add(head);
        script.answer(head, wire);
      }
    } catch (IOException | InterruptedException e) {
      // The other side left, or the script did: the connection ends.
    } finally {
      open.remove(wire);
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "scripted-backend");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Wire wire : open) {
      wire.close();
    }
  }
}
