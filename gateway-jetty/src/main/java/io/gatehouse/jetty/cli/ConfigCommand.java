package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.gatehouse.core.settings.Effective;
import io.gatehouse.core.settings.SettingsPrinter;
import io.gatehouse.core.settings.SettingsSchema;
import java.nio.file.Path;
import picocli.CommandLine.Command;

/** Checks and shows the settings, without a gateway and without its stores. */
@Command(name = "config", description = "Checks and shows the settings.")
final class ConfigCommand {

  private final RootCommand root;

  ConfigCommand(RootCommand root) {
    this.root = root;
  }

  @Command(name = "check", description = "Reads all settings and names everything that is wrong with them.")
  void check() {
    Effective effective = root.settings();
    String file = root.file().map(Path::toString).orElse("");
    ObjectNode json = Answers.json().put("valid", true).put("settings", effective.values().size());
    json.put("file", file.isEmpty() ? null : file);
    root.answer("", (file.isEmpty() ? "no file, defaults and environment" : file) + ": valid", json);
  }

  @Command(
      name = "print",
      description = "Shows the settings that hold, each with its origin, without secrets.")
  void print() throws JsonProcessingException {
    Effective effective = root.settings();
    ObjectNode json = Answers.json();
    ArrayNode rows = json.putArray("settings");
    ObjectMapper yaml = new YAMLMapper();
    for (Effective.Value value : effective.values()) {
      ObjectNode row = rows.addObject().put("path", value.path());
      row.set("value", yaml.readTree(value.yaml()));
      row.put("origin", value.origin());
    }
    root.answer(SettingsPrinter.print(effective), "", json);
  }

  @Command(name = "schema", description = "Prints the JSON Schema of the file of settings, for editors.")
  void schema() throws JsonProcessingException {
    String schema = SettingsSchema.json();
    root.answer(schema, "", new ObjectMapper().readTree(schema));
  }
}
