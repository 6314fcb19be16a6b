package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.settings.Secret;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.setup.DataDirectory;
import io.gatehouse.core.upstream.Standing;
import io.gatehouse.jetty.console.ConsoleServlet;
import io.gatehouse.jetty.server.GatewayServer;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a started gateway has to say.
 *
 * @param proxy where requests go
 * @param admin where administration is
 * @param metrics the path of the metrics; empty when there are none
 * @param console whether the console is served
 * @param database its name, without user and password
 * @param shared whether limits are shared with other nodes
 * @param adminToken at the start that made it; belongs on the screen once and into no log
 * @param tokenFile where the token is kept
 * @param shutdown what requests under way get when the gateway is stopped
 * @param startNanos how long the start took
 */
record Greeting(
    URI proxy,
    URI admin,
    Optional<String> metrics,
    boolean console,
    List<Upstream> backends,
    String database,
    boolean shared,
    Optional<Secret> adminToken,
    Path tokenFile,
    Duration shutdown,
    long startNanos) {

  private static final Logger log = LoggerFactory.getLogger(Greeting.class);

  static Greeting of(GatewayServer server, long startNanos) {
    Settings settings = server.gatehouse().settings();
    return new Greeting(
        server.uri(),
        server.adminUri().orElse(server.uri()),
        Optional.of(settings.observability().prometheusPath())
            .filter(path -> settings.observability().metricsEnabled()),
        settings.admin().console(),
        server.gatehouse().pools().standings().stream().map(Standing::upstream).toList(),
        server.gatehouse().stores().databaseName(),
        settings.redis().isPresent(),
        server.freshAdminToken().map(Secret::new),
        settings.dataDir().resolve(DataDirectory.ADMIN_TOKEN),
        settings.server().shutdownTimeout(),
        startNanos);
  }

  /** A block for a person who has just typed the command. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        """

         Gatehouse %s, Java %s, process %d: ready in %.1f s

           Proxy    %s/   %s
           API      %s/api/v1/
           Health   %s/health
        """
            .formatted(
                Version.number(),
                Runtime.version().feature(),
                ProcessHandle.current().pid(),
                startNanos / 1e9,
                proxy,
                pool(),
                admin,
                proxy));
    if (console) {
      text.append("   Console  ").append(admin).append(ConsoleServlet.ROOT).append('\n');
    }
    metrics.ifPresent(path -> text.append("   Metrics  ").append(admin).append(path).append('\n'));
    text.append("   Data     ").append(database).append(shared ? ", limits in Redis" : ", limits in this process");
    text.append("\n\n").append(token());
    text.append(" Ctrl-C stops; requests under way get ").append(shutdown.toSeconds()).append(" s.\n\n");
    return text.toString();
  }

  /** The token alone, in a sentence; nothing at all but the first start. */
  String token() {
    return adminToken
        .map(
            token ->
                """
                 The administrator's token, shown this once; it is kept in %s

                   %s

                """
                    .formatted(tokenFile, token.reveal()))
        .orElse("");
  }

  /** The same facts for machines, without the token. */
  void log() {
    log.atInfo()
        .addKeyValue("version", Version.number())
        .addKeyValue("proxy", proxy)
        .addKeyValue("api", admin + "/api/v1/")
        .addKeyValue("database", database)
        .addKeyValue("limits_shared", shared)
        .addKeyValue("backends", backends.size())
        .addKeyValue("start_ms", Duration.ofNanos(startNanos).toMillis())
        .log("Gatehouse is ready at {}", proxy);
  }

  ObjectNode json() {
    ObjectNode json =
        Answers.json()
            .put("proxy", proxy + "/")
            .put("api", admin + "/api/v1/")
            .put("console", console ? admin + ConsoleServlet.ROOT : null)
            .put("health", proxy + "/health")
            .put("metrics", metrics.map(path -> admin + path).orElse(null))
            .put("database", database)
            .put("limits_shared", shared)
            .put("backends", backends.size())
            .put("pid", ProcessHandle.current().pid());
    adminToken.ifPresent(token -> json.put("admin_token", token.reveal()));
    return json;
  }

  private String pool() {
    return switch (backends.size()) {
      case 0 -> "no backends yet: add them in gatehouse.yaml or through the API";
      case 1 -> "1 backend";
      default ->
          backends.size()
              + " backends, weights "
              + backends.stream().map(backend -> "" + backend.weight()).collect(Collectors.joining("/"));
    };
  }
}
