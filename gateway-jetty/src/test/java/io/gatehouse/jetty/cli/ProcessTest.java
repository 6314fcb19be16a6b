package io.gatehouse.jetty.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The program as an operator runs it: processes, signals, exit codes. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no SIGTERM")
class ProcessTest {

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path directory;
  private final CountDownLatch slow = new CountDownLatch(1);
  private final CountDownLatch slowArrived = new CountDownLatch(1);
  private final List<Process> processes = new ArrayList<>();
  private HttpServer backend;
  private int port;

  @BeforeEach
  void open() throws IOException {
    backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    backend.createContext(
        "/",
        exchange -> {
          if (exchange.getRequestURI().getPath().equals("/slow")) {
            awaitRelease();
          }
          exchange.sendResponseHeaders(200, 2);
          try (var body = exchange.getResponseBody()) {
            body.write(new byte[] {'o', 'k'});
          }
        });
    backend.start();
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Files.writeString(
        directory.resolve("gatehouse.yaml"),
        """
        server: {host: 127.0.0.1, port: %d}
        backends:
          - url: http://127.0.0.1:%d
        """
            .formatted(port, backend.getAddress().getPort()));
  }

  @AfterEach
  void close() {
    slow.countDown();
    processes.forEach(Process::destroyForcibly);
    backend.stop(0);
  }

  @Test
  void commands_work_beside_a_running_gateway_and_everything_is_there_after_a_restart() throws Exception {
    Process first = gateway();
    run("users", "create", "acme");
    JsonNode made = run("keys", "create", "--user", "acme");
    String key = made.get("key").textValue();

    // The gateway has not seen the key before, so it has nothing to forget: it works at once.
    assertThat(get("/hello", key).statusCode()).isEqualTo(200);
    run("keys", "disable", made.get("id").textValue());
    await().atMost(Duration.ofSeconds(2)).until(() -> get("/hello", key).statusCode() == 401);
    run("keys", "enable", made.get("id").textValue());
    stop(first);

    Process second = gateway();
    assertThat(get("/hello", key).statusCode()).isEqualTo(200);
    assertThat(run("users", "list").get("users")).hasSize(1);
    stop(second);

    String token = Files.readString(directory.resolve("data/admin-token")).strip();
    assertThat(count(token, Files.readString(directory.resolve("run-1.out")))).isEqualTo(1);
    assertThat(Files.readString(directory.resolve("run-2.out"))).doesNotContain(token).contains("Gatehouse is ready");
  }

  @Test
  void sigterm_lets_requests_under_way_end() throws Exception {
    Process gateway = gateway();
    run("users", "create", "acme");
    String key = run("keys", "create", "--user", "acme").get("key").textValue();
    CompletableFuture<HttpResponse<String>> underWay =
        HTTP.sendAsync(request("/slow", key), HttpResponse.BodyHandlers.ofString());
    await().atMost(SOON).until(() -> slowArrived.getCount() == 0);

    gateway.destroy();
    await().atMost(SOON).until(this::refusesConnections);
    assertThat(underWay).isNotDone();
    slow.countDown();

    assertThat(underWay.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(gateway.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(gateway.exitValue()).isZero();
  }

  @Test
  void sigterm_during_the_start_is_an_orderly_end_too() throws Exception {
    Process gateway = start("early", "run");
    await().pollInterval(Duration.ofMillis(5)).atMost(SOON).until(() -> Files.exists(directory.resolve("data")));

    stop(gateway);

    assertThat(Files.readString(directory.resolve("early.err"))).isEmpty();
  }

  @Test
  void the_demo_leaves_nothing_behind() throws Exception {
    Process demo = start("demo", "demo", "--port", Integer.toString(port), "--output", "json");
    await().atMost(SOON).until(() -> Files.readString(directory.resolve("demo.out")).endsWith("}\n"));
    JsonNode said = Shell.parse(Files.readString(directory.resolve("demo.out")));
    assertThat(said.get("proxy").textValue()).isEqualTo("http://127.0.0.1:" + port + "/");
    assertThat(get("/unsafe/rs:fit:30:20/plain/local:///sunset.jpg", said.get("key").textValue()).statusCode())
        .isEqualTo(200);

    stop(demo);

    assertThat(directory.resolve("temporary")).isEmptyDirectory();
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void the_exit_code_of_a_command_is_that_of_the_process() throws Exception {
    Files.writeString(directory.resolve("gatehouse.yaml"), "server: {prot: 1}\n");

    Process process = start("bad", "run");

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(78);
    assertThat(Files.readString(directory.resolve("bad.err")))
        .isEqualTo(CliTest.lines("gatehouse.yaml:1:10: server.prot: unknown setting (did you mean server.port?)"));
  }

  private void awaitRelease() {
    slowArrived.countDown();
    try {
      slow.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Process gateway() throws Exception {
    Process process = start("run-" + (processes.isEmpty() ? 1 : 2), "run");
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(() -> get("/health", "").statusCode() == 200);
    return process;
  }

  private void stop(Process gateway) throws Exception {
    gateway.destroy();
    assertThat(gateway.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(gateway.exitValue()).isZero();
  }

  private JsonNode run(String... args) throws Exception {
    String[] all = Arrays.copyOf(args, args.length + 2);
    all[args.length] = "--output";
    all[args.length + 1] = "json";
    Process process = start("command", all);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(directory.resolve("command.err"))).isEmpty();
    assertThat(process.exitValue()).isZero();
    return Shell.parse(Files.readString(directory.resolve("command.out")));
  }

  private Process start(String name, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Path temporary = Files.createDirectories(directory.resolve("temporary"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + temporary));
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED"); // as the manifest of the jar says
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("io.gatehouse.jetty.Main");
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(variable -> variable.startsWith("GATEHOUSE_"));
    builder.redirectOutput(directory.resolve(name + ".out").toFile());
    builder.redirectError(directory.resolve(name + ".err").toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private boolean refusesConnections() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return !socket.isConnected();
    } catch (IOException e) {
      return true;
    }
  }

  private HttpResponse<String> get(String path, String key) throws Exception {
    return HTTP.send(request(path, key), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest request(String path, String key) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(SOON);
    return key.isEmpty() ? request.build() : request.header("X-API-Key", key).build();
  }

  private static int count(String what, String text) {
    return (text.length() - text.replace(what, "").length()) / what.length();
  }
}
