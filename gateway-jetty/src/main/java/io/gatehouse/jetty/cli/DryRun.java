package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** The option that every command has which changes something. */
final class DryRun {

  @Option(names = "--dry-run", description = "Checks everything, says what would change, and changes nothing.")
  private boolean on;

  boolean on() {
    return on;
  }

  /** What would change, field by field, as the answer of a dry run has it. */
  static String text(JsonNode would) {
    StringBuilder text = new StringBuilder();
    for (JsonNode change : would.path("changes")) {
      JsonNode before = change.path("before");
      JsonNode after = change.path("after");
      String deed = before.isObject() ? after.isObject() ? "" : " (would be deleted)" : " (would be made)";
      text.append(change.path("object").asText()).append(deed).append(System.lineSeparator());
      Set<String> fields = new LinkedHashSet<>();
      before.fieldNames().forEachRemaining(fields::add);
      after.fieldNames().forEachRemaining(fields::add);
      for (String field : fields) {
        if (!before.path(field).equals(after.path(field))) {
          line(text, field, before, after);
        }
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String field, JsonNode before, JsonNode after) {
    text.append("  ").append(field).append(": ");
    if (before.isObject() && after.isObject()) {
      text.append(before.path(field)).append(" -> ").append(after.path(field));
    } else {
      text.append(before.isObject() ? before.path(field) : after.path(field));
    }
    text.append(System.lineSeparator());
  }
}
