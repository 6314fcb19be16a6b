package io.gatehouse.examples.benchmarks.proxy;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A process that this run has started, with those that it has started itself. */
final class Child implements AutoCloseable {

  private static final int SECONDS_TO_STOP = 15;
  private static final int LINES_OF_LOG = 15;
  private static final File NOWHERE = new File("/dev/null");

  private final String name;
  private final Process process;
  private final Path log;
  private final long startedNanos;

  private Child(String name, Process process, Path log, long startedNanos) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.startedNanos = startedNanos;
  }

  /** What becomes of the standard output; standard error goes to the log in any case. */
  enum Output {
    LOG,
    NOWHERE
  }

  static Child start(Workplace workplace, String name, List<String> command, Output output) {
    try {
      Path log = workplace.temporary(name + ".log");
      ProcessBuilder builder = new ProcessBuilder(command)
          .directory(log.getParent().toFile())
          .redirectInput(NOWHERE)
          .redirectError(Redirect.appendTo(log.toFile()))
          .redirectOutput(output == Output.LOG ? Redirect.appendTo(log.toFile()) : Redirect.to(NOWHERE));
      builder.environment().keySet().removeIf(variable -> variable.startsWith("GATEHOUSE_"));
      builder.environment().remove("JAVA_TOOL_OPTIONS");
      long now = System.nanoTime();
      return workplace.keep(new Child(name, builder.start(), log, now));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid() {
    return process.pid();
  }

  /** It and those that it has started. */
  LongStream pids() {
    return LongStream.concat(LongStream.of(pid()), process.descendants().mapToLong(ProcessHandle::pid));
  }

  /** When it was started, on the clock of {@link System#nanoTime()}. */
  long startedNanos() {
    return startedNanos;
  }

  /**
   * Fails, with the end of its log, if it has ended by itself.
   *
   * @throws IllegalStateException when it has
   */
  void requireAlive() {
    if (!process.isAlive()) {
      throw new IllegalStateException(name + " has ended with " + process.exitValue() + ".\n" + endOfLog());
    }
  }

  String endOfLog() {
    try (Stream<String> lines = Files.lines(log)) {
      List<String> all = lines.toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - LINES_OF_LOG), all.size()));
    } catch (IOException | UncheckedIOException e) {
      return "";
    }
  }

  /** Asks it to stop, and makes it stop when it does not. */
  @Override
  public void close() {
    List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    process.destroy();
    try {
      if (!process.waitFor(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
        System.err.println(name + " does not stop and is killed.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
