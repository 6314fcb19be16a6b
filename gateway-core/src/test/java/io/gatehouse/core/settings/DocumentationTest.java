package io.gatehouse.core.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The documentation says what the catalog says. */
class DocumentationTest {

  private static final Path DOCS = Path.of("..", "docs");

  @Test
  void the_tables_have_one_true_row_for_each_setting() throws IOException {
    List<String> rows = Files.readAllLines(DOCS.resolve("configuration.md")).stream()
        .filter(line -> line.startsWith("| `")).toList();

    assertThat(rows).containsExactlyElementsOf(Catalog.all().stream().map(DocumentationTest::row).toList());
  }

  @Test
  void the_examples_can_be_read() throws IOException {
    String page = Files.readString(DOCS.resolve("configuration.md")) + Files.readString(DOCS.resolve("routes.md"))
        + Files.readString(DOCS.resolve("images.md"));
    List<String> examples = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(page).results()
        .map(example -> example.group(1)).toList();
    Map<String, String> environment = Map.of(
        "DATABASE_PASSWORD", "p", "IMGPROXY_KEY", "ab12", "IMGPROXY_SALT", "cd34", "IMGPROXY_SECRET", "s");

    assertThat(examples).hasSizeGreaterThanOrEqualTo(3)
        .allSatisfy(example -> SettingsReader.read("example", example, environment));
  }

  /** To write the file anew: {@code -Dgatehouse.schema=write}. */
  @Test
  void the_schema_in_the_documentation_is_the_generated_one() throws IOException {
    Path file = DOCS.resolve("gatehouse.schema.json");
    if ("write".equals(System.getProperty("gatehouse.schema"))) {
      Files.writeString(file, SettingsSchema.json());
    }

    assertThat(Files.readString(file)).isEqualTo(SettingsSchema.json());
  }

  private static String row(Setting<?> setting) {
    String fallback = setting.fallback() == null ? "required"
        : !setting.fallback().isEmpty() ? "`" + setting.fallback() + "`"
        : switch (setting.type().shape()) {
          case LIST -> "`[]`";
          case MAP -> "`{}`";
          case PLAIN, SECRET -> "";
        };
    return String.join(" | ", "| `" + setting.path() + "`", "`" + setting.environmentName() + "`",
        setting.type().expected().replace(", or empty", ""), fallback,
        setting.meaning() + (Catalog.isAtRestart(setting) ? " *Needs a restart.*" : "") + " |");
  }
}
