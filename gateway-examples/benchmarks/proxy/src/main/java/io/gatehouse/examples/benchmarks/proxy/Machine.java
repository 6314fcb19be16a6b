package io.gatehouse.examples.benchmarks.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the run ran on. */
record Machine(String processor, int cores, long memoryBytes, String kernel, double loadBefore) {

  static Machine here() {
    return new Machine(
        field("/proc/cpuinfo", "model name"),
        Runtime.getRuntime().availableProcessors(),
        kilobytes(field("/proc/meminfo", "MemTotal")),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Double.parseDouble(text("/proc/loadavg").split(" ")[0]));
  }

  private static String field(String file, String name) {
    return text(file).lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  private static long kilobytes(String text) {
    return text.endsWith(" kB") ? Long.parseLong(text.substring(0, text.length() - 3)) * 1024 : 0;
  }

  private static String text(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new IllegalStateException("This needs Linux, where the kernel tells in /proc what a process has used.", e);
    }
  }
}
