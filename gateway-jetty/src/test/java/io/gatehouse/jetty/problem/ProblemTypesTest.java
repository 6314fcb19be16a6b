package io.gatehouse.jetty.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/problems.md lists what the code can answer: all of it, and nothing else. */
class ProblemTypesTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** A status and a type, side by side, as {@link Problem#of} and those who call it take them. */
  private static final Pattern IN_CODE = Pattern.compile("\\(\\s*([1-9][0-9]{2}),\\s*\"([a-z][a-z0-9-]+)\"");

  /** RefusalProblem names the limit, and has types that others have registered. */
  private static final Pattern LIMITED =
      Pattern.compile("limited\\(([0-9]{3}), refusal, (?:\"([a-z-]+)\"|Problem\\.([A-Z_]+))");

  private static final Map<String, String> REGISTERED = Map.of(
      "QUOTA_EXCEEDED", Problem.QUOTA_EXCEEDED,
      "TEMPORARY_REDUCED_CAPACITY", Problem.TEMPORARY_REDUCED_CAPACITY,
      "ABNORMAL_USAGE_DETECTED", Problem.ABNORMAL_USAGE_DETECTED);

  private static final Pattern IN_DOCS = Pattern.compile("(?m)^\\| ([0-9]{3}) \\| `([^`]+)` \\| .+ \\| .+ \\|$");

  @Test
  void every_type_has_a_row_with_its_status_and_every_row_a_type() throws Exception {
    Set<String> documented = new TreeSet<>();
    Matcher row = IN_DOCS.matcher(Files.readString(ROOT.resolve("docs/problems.md")));
    while (row.find()) {
      documented.add(row.group(1) + " " + row.group(2));
    }

    assertThat(documented).containsExactlyInAnyOrderElementsOf(inCode());
  }

  @Test
  void a_type_has_one_status() throws Exception {
    List<String> types = inCode().stream().map(entry -> entry.substring(4)).toList();

    assertThat(new HashSet<>(types)).hasSameSizeAs(types);
  }

  private static Set<String> inCode() throws IOException {
    Set<String> found = new TreeSet<>();
    for (String source : sources()) {
      Matcher call = IN_CODE.matcher(source);
      while (call.find()) {
        found.add(call.group(1) + " " + call.group(2));
      }
      Matcher limited = LIMITED.matcher(source);
      while (limited.find()) {
        String type = limited.group(2) == null ? REGISTERED.get(limited.group(3)) : limited.group(2);
        found.add(limited.group(1) + " " + type);
      }
    }
    assertThat(found).hasSizeGreaterThan(20);
    return found;
  }

  private static List<String> sources() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve("gateway-jetty/src/main/java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .map(ProblemTypesTest::read)
          .filter(source -> source.contains("Problem"))
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
