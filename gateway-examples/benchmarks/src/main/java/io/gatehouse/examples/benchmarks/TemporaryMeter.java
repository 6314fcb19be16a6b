package io.gatehouse.examples.benchmarks;

import io.gatehouse.Observer;
import io.gatehouse.core.memory.MemoryTrafficLog;
import io.gatehouse.core.usage.CoarseClock;
import io.gatehouse.core.usage.CounterDirectory;
import io.gatehouse.core.usage.TrafficMeter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** A meter as a running gateway has it, on files of its own that go with it. */
final class TemporaryMeter implements AutoCloseable {

  private final Path directory;
  private final CoarseClock clock = CoarseClock.start();
  private final TrafficMeter meter;

  private TemporaryMeter(Path directory) {
    this.directory = directory;
    this.meter =
        new TrafficMeter(
            CounterDirectory.at(directory), new MemoryTrafficLog(), () -> UUID.randomUUID().toString(), clock);
  }

  static TemporaryMeter open() throws IOException {
    return new TemporaryMeter(Files.createTempDirectory("metering"));
  }

  Observer observer() {
    return meter;
  }

  @Override
  public void close() throws IOException {
    meter.close();
    clock.close();
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
