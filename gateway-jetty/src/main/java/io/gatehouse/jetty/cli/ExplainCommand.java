package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Why a request would be refused or let through, gate by gate. */
@Command(
    name = "explain",
    description = {
      "Explains what would be decided of a request, gate by gate; nothing is spent.",
      "Straight from the database, rate limits look untouched: only a gateway that is asked with --server knows them."
    })
final class ExplainCommand implements Runnable {

  private static final Columns GATES =
      new Columns()
          .with("GATE", "gate")
          .with("VERDICT", "verdict")
          .with("CODE", "code")
          .with("RULE", "rule")
          .with("DETAIL", "detail");

  private final RootCommand root;

  /** Whose request it is; nobody's unless said. */
  static final class Key {

    @Option(names = "--key-id", paramLabel = "ID", description = "The id of the key that it carries.")
    private @Nullable String id;

    @Option(names = "--key-file", paramLabel = "FILE", description = "The file with the key itself; - for standard input.")
    private @Nullable String file;
  }

  @ArgGroup(exclusive = true)
  private @Nullable Key key;

  @Mixin private Described request = new Described();

  ExplainCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public void run() {
    ObjectNode document = Answers.json();
    Key carried = key;
    if (carried != null && carried.id != null) {
      document.put("key_id", carried.id);
    }
    if (carried != null && carried.file != null) {
      document.put("key", root.surroundings().text(carried.file));
    }
    request.addTo(document);
    root.ask(api -> {
      Ask ask = Ask.of("POST", "explain").document(document);
      ObjectNode explanation =
          carried != null && carried.id != null ? api.ask(ask, () -> KeysCommand.missing(carried.id)) : api.ask(ask);
      root.answer(GATES.table(explanation.path("gates")), sentence(explanation), explanation);
    });
  }

  private static String sentence(JsonNode explanation) {
    boolean passes = explanation.path("verdict").asText().equals("pass");
    JsonNode binding = explanation.path("binding");
    String why = binding.isObject()
        ? ": " + binding.path("gate").asText()
            + (binding.path("rule").isTextual() ? " (" + binding.path("rule").asText() + ")" : "")
            + ", " + binding.path("detail").asText()
        : "";
    return (passes ? "It would pass" : "It would be refused") + why;
  }
}
