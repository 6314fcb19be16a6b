package io.gatehouse.examples.benchmarks.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Load by wrk, a program of its own in C. */
final class Wrk implements Load {

  private static final int SECONDS_OF_GRACE = 30;
  private static final int MOST_THREADS = 4;

  /** What the script prints when all is over, one line of numbers behind it. */
  private static final String MARK = "answers:";

  private final Workplace workplace;
  private final String program;
  private final int threads = Math.max(1, Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors() / 2));

  private Wrk(Workplace workplace, String program) {
    this.workplace = workplace;
    this.program = program;
  }

  static Optional<Load> installed(Workplace workplace) {
    return Tools.find("wrk").map(program -> new Wrk(workplace, program));
  }

  /**
   * As told above.
   *
   * @param millis in whole seconds, since wrk knows no others
   */
  @Override
  public Answers saturate(Contender contender, Body body, int connections, long millis) {
    long seconds = Math.max(1, millis / 1000);
    List<String> command = List.of(
        program,
        "-t", Integer.toString(threads),
        "-c", Integer.toString(Math.max(threads, connections)),
        "-d", seconds + "s",
        "--timeout", "10s",
        "-s", script(contender).toString(),
        "http://127.0.0.1:" + contender.port() + body.path());
    return run(command, seconds);
  }

  @Override
  public String version() {
    return Tools.firstLine(program, "-v").replaceAll("^(wrk \\S+).*", "$1");
  }

  private Answers run(List<String> command, long seconds) {
    try {
      Path output = workplace.temporary("wrk.out");
      Process process = new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(Redirect.to(output.toFile()))
          .start();
      try {
        boolean over = process.waitFor(seconds + SECONDS_OF_GRACE, TimeUnit.SECONDS);
        String text = Files.readString(output, StandardCharsets.UTF_8);
        return text.lines()
            .filter(line -> over && line.startsWith(MARK))
            .findFirst()
            .map(line -> read(line.substring(MARK.length())))
            .orElseThrow(() -> new IllegalStateException("wrk has failed: " + text));
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Answers read(String line) {
    long[] numbers = Stream.of(line.strip().split(" ")).mapToLong(Long::parseLong).toArray();
    return new Answers(
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        new Answers.Latency(numbers[4], numbers[5], numbers[6], numbers[7]));
  }

  /** Written once for each contender, because it holds what wrk must not be told on its command line: keys. */
  private Path script(Contender contender) {
    Path script = workplace.temporary("wrk/" + contender.name() + ".lua");
    if (!Files.exists(script)) {
      Path keys = workplace.temporary("wrk/" + contender.name() + ".keys");
      Contenders.write(keys, String.join("\n", contender.keys()));
      String head = "local keys, threads = \"%s\", %d\n".formatted(keys, threads);
      Contenders.write(script, head + resource("wrk.lua"));
    }
    return script;
  }

  private static String resource(String name) {
    try (InputStream in = Wrk.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
