package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;

/** The settings in force. */
@Command(name = "settings", description = "Shows the settings in force.")
final class SettingsCommand {

  private static final Columns TABLE =
      new Columns()
          .with("SETTING", "path")
          .with("VALUE", "value")
          .with("ORIGIN", "origin")
          .with("WAITS FOR RESTART", row -> Columns.yes(row.path("waiting_for_restart")));

  private final RootCommand root;

  SettingsCommand(RootCommand root) {
    this.root = root;
  }

  @Command(
      name = "list",
      description = "Lists the settings by which the gateway runs that --server names, or would run here; secrets masked.")
  void list() {
    root.ask(api -> {
      ObjectNode settings = api.ask(Ask.get("settings"));
      root.answer(TABLE.table(settings.path("settings")), "", settings);
    });
  }
}
