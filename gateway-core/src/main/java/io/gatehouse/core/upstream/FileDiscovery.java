package io.gatehouse.core.upstream;

import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A file with a backend in each line, and its weight behind it: {@code http://10.0.0.5:8080 2}. Empty lines and what
 * follows a {@code #} are skipped. A file with one bad line is not believed at all: it may be half written.
 */
public final class FileDiscovery implements Discovery {

  private final Path file;
  private final Duration interval;

  /**
   * A discovery by reading a file.
   *
   * @param interval how often the backends are probed
   */
  public FileDiscovery(Path file, Duration interval) {
    this.file = file;
    this.interval = interval;
  }

  @Override
  public List<Upstream> find() throws IOException {
    List<Upstream> backends = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      if (line.isEmpty()) {
        continue;
      }
      Upstream backend = backend(line, i + 1);
      if (backends.stream().anyMatch(known -> known.uri().equals(backend.uri()))) {
        throw new IOException(file + ":" + (i + 1) + ": " + backend.uri() + " twice (expected: every backend once)");
      }
      backends.add(backend);
    }
    return List.copyOf(backends);
  }

  private Upstream backend(String line, int number) throws IOException {
    String[] words = line.split("\\s+");
    try {
      int weight = words.length < 2 ? 1 : Integer.parseInt(words[1]);
      if (words.length > 2) {
        throw new IllegalArgumentException("three words");
      }
      return new Upstream(
          URI.create(words[0].toLowerCase(Locale.ROOT)), weight, Upstream.State.ENABLED, interval);
    } catch (IllegalArgumentException e) {
      // The line is not quoted: it may hold a password.
      throw new IOException(file + ":" + number + ": not a backend (expected: such as http://10.0.0.5:8080 2,"
          + " the weight 1 to " + Upstream.MOST_WEIGHT + ")");
    }
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
