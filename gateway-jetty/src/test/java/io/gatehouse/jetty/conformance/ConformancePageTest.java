package io.gatehouse.jetty.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** docs/conformance.md lists the cases that are played, and no others. */
class ConformancePageTest {

  private static final Path PAGE = Path.of("..", "docs", "conformance.md");

  /** What stands before it is written by hand. */
  private static final String CASES = "## Cases\n";

  private static final Map<String, String> TITLES = Map.of(
      "9110", "HTTP semantics",
      "9112", "HTTP/1.1",
      "7239", "Forwarded",
      "8297", "Early hints",
      "6585", "Additional status codes",
      "6265", "Cookies",
      "6455", "WebSocket",
      "9209", "Proxy-Status");

  /** To write the list anew: {@code -Dgatehouse.conformance=write}. */
  @Test
  void the_page_lists_every_case_by_its_section() throws IOException {
    String page = Files.readString(PAGE);
    String byHand = page.substring(0, page.indexOf(CASES));
    if ("write".equals(System.getProperty("gatehouse.conformance"))) {
      Files.writeString(PAGE, byHand + cases());
    }

    assertThat(Files.readString(PAGE)).isEqualTo(byHand + cases());
  }

  @Test
  void there_are_enough_and_none_has_the_name_of_another() throws IOException {
    List<String> names = ConformanceTest.transcripts().stream().map(each -> each.section() + each.name()).toList();

    assertThat(names).hasSizeGreaterThanOrEqualTo(150).doesNotHaveDuplicates();
  }

  private static String cases() throws IOException {
    SortedMap<String, SortedMap<String, StringBuilder>> sections = new TreeMap<>(Collections.reverseOrder());
    for (Transcript each : ConformanceTest.transcripts()) {
      String[] words = each.section().split("[ ,]+");
      String section = words[2];
      sections.computeIfAbsent(words[1], rfc -> new TreeMap<>(ConformancePageTest::compareSections))
          .computeIfAbsent(section, number -> new StringBuilder())
          .append("- ").append(section).append(": ").append(each.name()).append('.')
          .append(each.remark().isEmpty() ? "" : " *" + each.remark() + "*").append('\n');
    }
    StringBuilder text = new StringBuilder(CASES);
    sections.forEach(
        (rfc, cases) -> {
          text.append("\n### RFC ").append(rfc).append(": ").append(TITLES.get(rfc)).append("\n\n");
          cases.values().forEach(text::append);
        });
    return text.toString();
  }

  private static int compareSections(String one, String other) {
    return Arrays.compare(
        Arrays.stream(one.split("\\.")).mapToInt(Integer::parseInt).toArray(),
        Arrays.stream(other.split("\\.")).mapToInt(Integer::parseInt).toArray());
  }
}
