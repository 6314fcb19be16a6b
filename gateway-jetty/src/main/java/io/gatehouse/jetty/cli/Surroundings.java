package io.gatehouse.jetty.cli;

import io.gatehouse.jetty.log.Logging;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;

/**
 * What a command sees of the process that runs it.
 *
 * @param environment its variables
 * @param workingDirectory what relative paths of options start from
 * @param in what is read where a file is called -
 * @param out where data goes
 * @param err where messages go
 * @param terminal whether a person is looking
 * @param clock the time
 * @param log how logging is set up
 */
public record Surroundings(
    Map<String, String> environment,
    Path workingDirectory,
    InputStream in,
    PrintWriter out,
    PrintWriter err,
    boolean terminal,
    InstantSource clock,
    LogStart log) {

  /** Sets logging up; {@link Logging#start} but in tests. */
  @FunctionalInterface
  public interface LogStart {
    void start(String level, Logging.Format format, Logging.Target target);
  }

  public Surroundings {
    environment = Map.copyOf(environment);
    Objects.requireNonNull(workingDirectory, "workingDirectory");
    Objects.requireNonNull(in, "in");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(err, "err");
    Objects.requireNonNull(clock, "clock");
    Objects.requireNonNull(log, "log");
  }

  /** Those of this process. */
  public static Surroundings ofProcess() {
    return new Surroundings(
        System.getenv(),
        Path.of(""),
        System.in,
        new PrintWriter(System.out, true, Charset.defaultCharset()),
        new PrintWriter(System.err, true, Charset.defaultCharset()),
        System.console() != null,
        InstantSource.system(),
        Logging::start);
  }

  /**
   * The text of a file, or of what is read where it is called {@code -}, without the spaces around it.
   *
   * @throws CommandFailure when it cannot be read
   */
  String text(String file) {
    try {
      byte[] bytes = file.equals("-") ? in.readAllBytes() : Files.readAllBytes(workingDirectory.resolve(file));
      return new String(bytes, StandardCharsets.UTF_8).strip();
    } catch (NoSuchFileException e) {
      throw new CommandFailure(Exit.FAILED, "there is no file " + file, "", e);
    } catch (IOException | InvalidPathException e) {
      throw new CommandFailure(Exit.FAILED, "the file " + file + " cannot be read: " + e.getMessage(), "", e);
    }
  }
}
