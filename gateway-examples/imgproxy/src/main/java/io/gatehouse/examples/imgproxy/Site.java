package io.gatehouse.examples.imgproxy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A small web server on a free port of the loopback address; runs on threads of its own until it is closed. */
final class Site implements AutoCloseable {

  private static final int THREADS = 4;

  private final HttpServer server;
  private final ExecutorService threads;

  /** Answers one request; any number of threads. */
  @FunctionalInterface
  interface Handler {
    Page answer(HttpExchange exchange) throws IOException;
  }

  /** What is answered. */
  record Page(int status, String type, byte[] content, Map<String, String> fields) {

    Page(int status, String type, byte[] content) {
      this(status, type, content, Map.of());
    }

    static Page text(int status, String text) {
      return new Page(status, "text/plain", text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same with one more field. */
    Page with(String name, String value) {
      Map<String, String> more = new LinkedHashMap<>(fields);
      more.put(name, value);
      return new Page(status, type, content, more);
    }
  }

  private Site(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /** Starts it; when this returns it answers. */
  static Site start(String name, Handler handler) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService threads = Executors.newFixedThreadPool(THREADS, run -> {
      Thread thread = new Thread(run, name);
      thread.setDaemon(true);
      return thread;
    });
    server.setExecutor(threads);
    server.createContext("/", exchange -> {
      try (exchange) {
        send(exchange, handler.answer(exchange));
      }
    });
    server.start();
    return new Site(server, threads);
  }

  private static void send(HttpExchange exchange, Page page) throws IOException {
    page.fields().forEach(exchange.getResponseHeaders()::set);
    exchange.getResponseHeaders().set("Content-Type", page.type());
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(page.status(), head ? -1 : page.content().length);
    if (!head) {
      exchange.getResponseBody().write(page.content());
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }
}
