package io.gatehouse.examples.imgproxy;

import com.sun.net.httpserver.HttpExchange;
import io.gatehouse.core.settings.SettingsSource;
import io.gatehouse.jetty.server.GatewayServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * What compose.yaml starts, in one process and without containers: the gateway by the same gatehouse.yaml, with two
 * stand-ins for imgproxy and a web server for the page. Users and keys are in SQLite and counts in memory, in the place of
 * PostgreSQL and Redis; there is neither Prometheus nor Grafana.
 */
final class LocalFleet implements AutoCloseable {

  private static final String PAGES = "/gallery/";
  private static final Map<String, String> TYPES =
      Map.of("html", "text/html; charset=utf-8", "css", "text/css", "js", "text/javascript");

  private final Path example;
  private final GatewayServer gateway;
  private final String adminToken;

  /** Closed in this order. */
  private final Deque<AutoCloseable> resources;

  private LocalFleet(Path example, GatewayServer gateway, String adminToken, Deque<AutoCloseable> resources) {
    this.example = example;
    this.gateway = gateway;
    this.adminToken = adminToken;
    this.resources = resources;
  }

  /**
   * Starts it; when this returns the gateway answers.
   *
   * @param example the folder of the example
   * @param data where everything is kept
   * @param port of the gateway, 0 for any free one; administration gets any free one
   * @throws IOException when a port cannot be had; nothing is left running
   */
  static LocalFleet start(Path example, Path data, int port) throws IOException {
    Deque<AutoCloseable> resources = new ArrayDeque<>();
    try {
      Map<String, String> environment = new HashMap<>();
      for (String secret : new String[] {
        "IMGPROXY_KEY", "IMGPROXY_SALT", "IMGPROXY_SECRET", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "GATEHOUSE_ADMIN_TOKEN",
        "GATEHOUSE_AUTH_PEPPER"
      }) {
        environment.put(secret, random());
      }
      Path images = Files.createDirectories(data.resolve("images")).toRealPath();
      for (int i = 0; i < 2; i++) {
        StandIn standIn = StandIn.of(
            images,
            environment.get("IMGPROXY_KEY"),
            environment.get("IMGPROXY_SALT"),
            environment.get("IMGPROXY_SECRET"));
        environment.put("GATEHOUSE_BACKENDS_" + i + "_URL", started(resources, "imgproxy-" + i, standIn));
      }
      environment.put(
          "GATEHOUSE_BACKENDS_2_URL",
          started(resources, "gallery", exchange -> page(example.resolve("gallery"), exchange)));
      environment.put("GATEHOUSE_DATABASE_DRIVER", "sqlite");
      environment.put("GATEHOUSE_DATABASE_DSN", "");
      environment.put("GATEHOUSE_REDIS_ADDR", "");
      environment.put("GATEHOUSE_REDIS_PASSWORD", "");
      environment.put("GATEHOUSE_DATA_DIR", data.resolve("data").toString());
      environment.put("GATEHOUSE_UPLOAD_DIRECTORY", images.toString());
      environment.put("GATEHOUSE_SERVER_HOST", "127.0.0.1");
      environment.put("GATEHOUSE_SERVER_PORT", Integer.toString(port));
      environment.put("GATEHOUSE_ADMIN_LISTEN", "127.0.0.1:0");
      GatewayServer gateway =
          GatewayServer.start(new SettingsSource(Optional.of(example.resolve("gatehouse.yaml")), environment));
      resources.push(gateway);
      return new LocalFleet(example, gateway, environment.get("GATEHOUSE_ADMIN_TOKEN"), resources);
    } catch (IOException | RuntimeException e) {
      close(resources);
      throw e;
    }
  }

  private static String started(Deque<AutoCloseable> resources, String name, Site.Handler handler) throws IOException {
    Site site = Site.start(name, handler);
    resources.push(site);
    return site.uri().toString();
  }

  private static String random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** As the web server of compose.yaml does it. */
  private static Site.Page page(Path folder, HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String name = path.equals(PAGES) ? "index.html" : path.startsWith(PAGES) ? path.substring(PAGES.length()) : "";
    Path file = folder.resolve(name);
    if (!name.matches("[a-z]+\\.[a-z]+") || !Files.isRegularFile(file)) {
      return Site.Page.text(404, "Not found");
    }
    String type = TYPES.getOrDefault(name.substring(name.indexOf('.') + 1), "application/octet-stream");
    return new Site.Page(200, type, Files.readAllBytes(file));
  }

  URI uri() {
    return gateway.uri();
  }

  URI adminUri() {
    return gateway.adminUri().orElseThrow();
  }

  String adminToken() {
    return adminToken;
  }

  /** Runs seed.sh, which needs a POSIX shell and curl, against this fleet. The caller reads what it prints. */
  ProcessBuilder seed() {
    ProcessBuilder seed = new ProcessBuilder("sh", example.resolve("seed.sh").toString());
    seed.environment().put("GATEWAY", uri().toString());
    seed.environment().put("ADMIN", adminUri().toString());
    seed.environment().put("GATEHOUSE_ADMIN_TOKEN", adminToken);
    return seed;
  }

  /** Waits until the gateway has stopped. */
  void join() throws InterruptedException {
    gateway.join();
  }

  @Override
  public void close() {
    close(resources);
  }

  private static synchronized void close(Deque<AutoCloseable> resources) {
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("a part of the fleet cannot be stopped", e);
      }
    }
  }
}
