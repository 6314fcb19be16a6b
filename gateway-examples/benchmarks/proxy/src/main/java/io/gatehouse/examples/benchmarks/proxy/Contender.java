package io.gatehouse.examples.benchmarks.proxy;

import java.util.List;
import java.util.Optional;

/**
 * A proxy that can be started.
 *
 * @param name what it is called in tables and options; with {@code @17} behind it when there are several JDKs
 * @param version what it is, in which version
 * @param port where it listens on the loopback
 * @param command what starts it
 * @param output what becomes of its standard output
 * @param jdk which Java it runs in; empty: it is none of Java
 * @param keys with which it has to be asked, all of them in turn; empty: without any
 */
record Contender(
    String name,
    String version,
    int port,
    List<String> command,
    Child.Output output,
    Optional<Jdk> jdk,
    List<String> keys) {

  Contender {
    command = List.copyOf(command);
    keys = List.copyOf(keys);
  }

  Optional<String> firstKey() {
    return keys.stream().findFirst();
  }
}
