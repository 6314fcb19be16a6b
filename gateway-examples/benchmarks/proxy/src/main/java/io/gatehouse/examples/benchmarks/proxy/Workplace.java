package io.gatehouse.examples.benchmarks.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where everything is: what the build has made, a directory of its own for each run, and what this run has started. All
 * of it ends on closing, also when that happens on another thread in the middle of the run.
 */
final class Workplace implements AutoCloseable {

  private final Path module;
  private final Path run;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private boolean closed;

  private Workplace(Path module, Path run) {
    this.module = module;
    this.run = run;
  }

  /** Makes the directory of a run, below {@code target} of this module, for this user only, since it will hold keys. */
  static Workplace open() {
    try {
      Path jar = Path.of(Workplace.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path target = jar.getParent();
      Path run = Files.createDirectory(
          target.resolve("run-" + ProcessHandle.current().pid()),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      return new Workplace(target.getParent(), run);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A file or directory of this run; what leads to it is made. */
  Path temporary(String name) {
    return parented(run.resolve(name));
  }

  /** A file that stays when the run is over. */
  Path result(String name) {
    return parented(module.resolve("target/results").resolve(name));
  }

  Path docs(String name) {
    return parented(module.resolve("../../../docs").normalize().resolve(name));
  }

  /** The jar of a proxy beside which Gatehouse is measured. */
  Path peer(String name) {
    return built(module.resolve("peers").resolve(name).resolve("target/peer.jar"));
  }

  Path gatehouse() {
    return built(module.resolve("../../../gateway-jetty/target/gatehouse.jar").normalize());
  }

  private static Path built(Path jar) {
    if (!Files.exists(jar)) {
      throw new IllegalStateException(jar + " is not there: ./mvnw -q -DskipTests package");
    }
    return jar;
  }

  private static Path parented(Path path) {
    try {
      Files.createDirectories(path.getParent());
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** So many ports of the loopback that nobody listened on a moment ago, all different. */
  static List<Integer> freePorts(int count) {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      sockets.forEach(Workplace::closeQuietly);
    }
  }

  static int freePort() {
    return freePorts(1).get(0);
  }

  /** Has something closed with this; at once when this is closed already, since nothing may be left. */
  <T extends AutoCloseable> T keep(T resource) {
    synchronized (started) {
      if (!closed) {
        started.push(resource);
        return resource;
      }
    }
    closeQuietly(resource);
    throw new IllegalStateException("The run is over.");
  }

  /** Whether it was closed, so that whatever fails now does so because of that. */
  boolean isClosed() {
    synchronized (started) {
      return closed;
    }
  }

  @Override
  public void close() {
    List<AutoCloseable> resources;
    synchronized (started) {
      if (closed) {
        return;
      }
      closed = true;
      resources = List.copyOf(started);
      started.clear();
    }
    resources.forEach(Workplace::closeQuietly);
    delete(run);
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      System.err.println("not closed: " + e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("not deleted: " + directory + ": " + e);
    }
  }
}
