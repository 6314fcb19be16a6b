package io.gatehouse.examples.benchmarks.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** Makes ready what is to be started: ports, configurations, and what Gatehouse has to know of its caller. */
final class Contenders {

  private final Workplace workplace;
  private final Backends backends;
  private final List<String> flags;

  /**
   * Ready to make some.
   *
   * @param flags what every JVM is given, all the same
   */
  Contenders(Workplace workplace, Backends backends, List<String> flags) {
    this.workplace = workplace;
    this.backends = backends;
    this.flags = List.copyOf(flags);
  }

  /** One of a kind, or none where its program is not installed. */
  Optional<Contender> make(Kind kind, Jdk jdk, String name) {
    return switch (kind) {
      case NGINX -> Tools.find("nginx").map(program -> nginx(name, program));
      case HAPROXY -> Tools.find("haproxy").map(program -> haproxy(name, program));
      case SPRING_CLOUD_GATEWAY ->
          Optional.of(peer(name, jdk, "spring-cloud-gateway", "spring-cloud-gateway-server-webflux"));
      case UNDERTOW -> Optional.of(peer(name, jdk, "undertow", "undertow-core"));
      case VERTX -> Optional.of(peer(name, jdk, "vertx", "vertx-http-proxy"));
      case JETTY -> Optional.of(peer(name, jdk, "jetty", "jetty-ee10-proxy"));
      case GATEHOUSE_BARE -> Optional.of(gatehouse(name, jdk, Policies.NONE));
      case GATEHOUSE -> Optional.of(gatehouse(name, jdk, Policies.ALL));
      case GATEHOUSE_SHARED -> Optional.of(gatehouse(name, jdk, Policies.SHARED));
    };
  }

  /** Gatehouse with all policies and so many tenants, each of whom has a key. */
  Contender gatehouseFor(String name, Jdk jdk, int tenants) {
    int port = Workplace.freePort();
    Gatehouse gatehouse = new Gatehouse(workplace, name, port, backends, jdk, flags);
    return gatehouse.contender(gatehouse.prepareFor(tenants));
  }

  private Contender nginx(String name, String program) {
    int port = Workplace.freePort();
    String configuration = Nginx.proxy(workplace, name, port, backends.ports());
    List<String> command = Nginx.command(workplace, name, program, configuration);
    return new Contender(
        name, Nginx.version(program), port, command, Child.Output.LOG, Optional.empty(), List.of());
  }

  private Contender haproxy(String name, String program) {
    int port = Workplace.freePort();
    StringBuilder servers = new StringBuilder();
    for (int backend : backends.ports()) {
      servers.append("  server s").append(backend).append(" 127.0.0.1:").append(backend).append('\n');
    }
    Path file = workplace.temporary(name + "/haproxy.cfg");
    write(file, """
        global
          nbthread 1
          maxconn 8192
        defaults
          mode http
          option http-keep-alive
          timeout connect 5s
          timeout client 1m
          timeout server 1m
        frontend clients
          bind 127.0.0.1:%d backlog 4096
          default_backend files
        backend files
          balance roundrobin
        %s""".formatted(port, servers));
    return new Contender(
        name,
        Tools.firstLine(program, "-v").replaceAll("^(HAProxy) version (\\S+).*", "$1 $2"),
        port,
        List.of(program, "-db", "-f", file.toString()),
        Child.Output.LOG,
        Optional.empty(),
        List.of());
  }

  private Contender peer(String name, Jdk jdk, String module, String artifact) {
    int port = Workplace.freePort();
    Path jar = workplace.peer(module);
    List<String> command = new ArrayList<>(java(workplace, jdk, flags));
    command.addAll(List.of("-jar", jar.toString(), Integer.toString(port)));
    command.addAll(backends.urls());
    String version = artifact + " " + version(jar.resolveSibling("lib"), artifact);
    return new Contender(name, version, port, command, Child.Output.LOG, Optional.of(jdk), List.of());
  }

  private Contender gatehouse(String name, Jdk jdk, Policies policies) {
    Gatehouse gatehouse = new Gatehouse(workplace, name, Workplace.freePort(), backends, jdk, flags);
    return gatehouse.contender(gatehouse.prepare(policies));
  }

  /** How a JVM is started, before what it runs. */
  static List<String> java(Workplace workplace, Jdk jdk, List<String> flags) {
    List<String> command = new ArrayList<>(List.of(jdk.java()));
    command.addAll(flags);
    command.add("-Djava.io.tmpdir=" + workplace.temporary("tmp/of-jvms").getParent());
    return command;
  }

  private static String version(Path libraries, String artifact) {
    try (Stream<Path> files = Files.list(libraries)) {
      return files.map(file -> file.getFileName().toString())
          .filter(file -> file.matches(artifact + "-[0-9].*\\.jar"))
          .map(file -> file.substring(artifact.length() + 1, file.length() - ".jar".length()))
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The version that a jar says of itself. */
  static String version(Path jar) {
    try (JarFile file = new JarFile(jar.toFile())) {
      String version = file.getManifest().getMainAttributes().getValue("Implementation-Version");
      return version == null ? "unknown" : version;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
