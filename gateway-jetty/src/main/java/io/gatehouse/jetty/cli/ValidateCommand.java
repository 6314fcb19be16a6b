package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether a key may do something, as services ask before they do it themselves. */
@Command(
    name = "validate",
    description = "Says whether a key may do something. The exit code is 0 whether it may or not; see valid.")
final class ValidateCommand implements Runnable {

  private final RootCommand root;

  @Option(
      names = "--key-file",
      required = true,
      paramLabel = "FILE",
      description = "The file with the key; - for standard input.")
  private String file = "";

  @Option(names = "--spend", description = "Spends what the request would spend; needs --server.")
  private boolean spend;

  @Mixin private Described request = new Described();

  ValidateCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public void run() {
    ObjectNode document = Answers.json().put("key", root.surroundings().text(file)).put("spend", spend);
    request.addTo(document);
    root.ask(api -> {
      ObjectNode validity = api.ask(Ask.of("POST", "validate").document(document));
      root.answer(UsageCommand.text(validity), sentence(validity), validity);
    });
  }

  private static String sentence(JsonNode validity) {
    if (validity.path("valid").asBoolean()) {
      return "The key " + validity.path("key_id").asText() + " may.";
    }
    String rule = validity.path("rule").isTextual() ? " (" + validity.path("rule").asText() + ")" : "";
    return "It may not: " + validity.path("code").asText() + rule + ", " + validity.path("detail").asText();
  }
}
