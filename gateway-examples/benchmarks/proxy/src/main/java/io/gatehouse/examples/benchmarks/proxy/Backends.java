package io.gatehouse.examples.benchmarks.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * What the proxies stand in front of: files, served on several ports of the loopback by one nginx, or by Undertow where
 * there is no nginx.
 *
 * @param ports those that answer, all alike
 * @param server what answers, with its version
 */
record Backends(List<Integer> ports, String server) {

  private static final Duration START = Duration.ofSeconds(30);

  static Backends start(Workplace workplace, Jdk jdk, List<Body> bodies, int count) {
    Path files = workplace.temporary("files/health").getParent();
    write(files.resolve("health"), "ok\n".getBytes(StandardCharsets.US_ASCII));
    for (Body body : bodies) {
      byte[] content = new byte[body.bytes()];
      new SplittableRandom(1).nextBytes(content);
      write(files.resolve(body.name()), content);
    }
    List<Integer> ports = Workplace.freePorts(count);
    Optional<String> nginx = Tools.find("nginx");
    String server = nginx.isPresent()
        ? nginx(workplace, nginx.get(), files, ports)
        : undertow(workplace, jdk, files, ports);
    for (int port : ports) {
      Probe.await(port, new Body("1k"), Optional.empty(), START, () -> { });
    }
    return new Backends(ports, server);
  }

  List<String> urls() {
    return ports.stream().map(port -> "http://127.0.0.1:" + port).toList();
  }

  /** The first few of them. */
  Backends first(int count) {
    return new Backends(List.copyOf(ports.subList(0, count)), server);
  }

  private static String nginx(Workplace workplace, String program, Path files, List<Integer> ports) {
    String servers = ports.stream()
        .map(port -> "  server { listen 127.0.0.1:" + port + " backlog=4096; root " + files + "; }")
        .collect(Collectors.joining("\n"));
    String configuration = Nginx.configuration(workplace, "backends", """
          sendfile on;
          tcp_nopush on;
          open_file_cache max=100;
        %s
        """.formatted(servers));
    List<String> command = Nginx.command(workplace, "backends", program, configuration);
    Child.start(workplace, "backends", command, Child.Output.LOG);
    return Nginx.version(program);
  }

  private static String undertow(Workplace workplace, Jdk jdk, Path files, List<Integer> ports) {
    Path peer = workplace.peer("undertow");
    List<String> command = new ArrayList<>(List.of(
        jdk.java(), "-Xmx256m", "-cp", peer.toString(), "io.gatehouse.examples.benchmarks.undertow.UndertowBackend",
        files.toString()));
    ports.forEach(port -> command.add(port.toString()));
    Child.start(workplace, "backends", command, Child.Output.LOG);
    return "Undertow, since there is no nginx";
  }

  private static void write(Path file, byte[] content) {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
