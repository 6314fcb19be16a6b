package io.gatehouse.examples.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What docs/embedding.md shows as Java is what this build compiles and tests. */
class EmbeddingPageTest {

  private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent().getParent();

  /** A block of Java, whose first line says from which file it is. */
  private static final Pattern BLOCK = Pattern.compile("```java\\n// (\\S+)\\n(.*?)```", Pattern.DOTALL);

  private static final Pattern ANY_BLOCK = Pattern.compile("```java\\n");

  @ParameterizedTest
  @MethodSource("blocks")
  void java_on_the_page_stands_in_the_file_that_it_names(String file, String block) throws Exception {
    String source = Files.readString(REPOSITORY.resolve("gateway-examples").resolve(file));

    // Three dots stand for what is left out; how deep a line is indented does not matter.
    for (String part : block.split("(?m)^\\s*…$")) {
      assertThat(flat(source)).contains(flat(part));
    }
  }

  @Test
  void every_block_of_java_names_its_file() throws Exception {
    assertThat(blocks()).hasSameSizeAs(ANY_BLOCK.matcher(page()).results().toList()).hasSizeGreaterThan(2);
  }

  static List<Object[]> blocks() throws Exception {
    return BLOCK.matcher(page()).results().map(EmbeddingPageTest::groups).toList();
  }

  private static Object[] groups(MatchResult block) {
    return new Object[] {block.group(1), block.group(2)};
  }

  private static String page() throws Exception {
    return Files.readString(REPOSITORY.resolve("docs/embedding.md"));
  }

  private static String flat(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining("\n"));
  }
}
