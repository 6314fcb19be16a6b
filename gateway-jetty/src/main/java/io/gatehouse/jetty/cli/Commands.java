package io.gatehouse.jetty.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/**
 * All commands, in the order in which they are listed. Reading the annotations of all of them takes longer than most of
 * them do, so only those are made that the words of a command line name.
 */
final class Commands {

  /** Has to know all of them. */
  private static final String COMPLETION = "generate-completion";

  private static final Map<String, Function<RootCommand, Object>> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put("run", RunCommand::new);
    BY_NAME.put("demo", DemoCommand::new);
    BY_NAME.put("config", ConfigCommand::new);
    BY_NAME.put("reload", ReloadCommand::new);
    BY_NAME.put("migrate", MigrateCommand::new);
    BY_NAME.put("users", UsersCommand::new);
    BY_NAME.put(
        "keys",
        root -> new CommandLine(new KeysCommand(root))
            .addSubcommand(new KeysImportCommand(root))
            .addSubcommand(new KeysPeppersCommand(root)));
    BY_NAME.put("limits", LimitsCommand::new);
    BY_NAME.put("quotas", QuotasCommand::new);
    BY_NAME.put("calendar", CalendarCommand::new);
    BY_NAME.put("allow", root -> networks(NetworksCommand.allowed(root), "Says from where a user may call."));
    BY_NAME.put(
        "deny", root -> networks(NetworksCommand.denied(root), "Says from where a user may not call, whatever else is said."));
    BY_NAME.put("blocks", BlocksCommand::new);
    BY_NAME.put("plans", PlansCommand::new);
    BY_NAME.put("usage", UsageCommand::new);
    BY_NAME.put("violations", ViolationsCommand::new);
    BY_NAME.put("requests", RequestsCommand::new);
    BY_NAME.put("explain", ExplainCommand::new);
    BY_NAME.put("validate", ValidateCommand::new);
    BY_NAME.put("backends", BackendsCommand::new);
    BY_NAME.put("routes", RoutesCommand::new);
    BY_NAME.put("settings", SettingsCommand::new);
    BY_NAME.put("administrators", AdministratorsCommand::new);
    BY_NAME.put("images", ImagesCommand::new);
    BY_NAME.put("audit", AuditCommand::new);
    BY_NAME.put("whoami", WhoamiCommand::new);
    BY_NAME.put("export", ExportCommand::new);
    BY_NAME.put("replay", ReplayCommand::new);
    BY_NAME.put(COMPLETION, CompletionCommand::new);
  }

  private Commands() {}

  /** Adds the commands that are among these words; all of them when none is, or when all have to be known. */
  static void addTo(CommandLine line, RootCommand root, List<String> words) {
    boolean all = words.contains(COMPLETION) || words.stream().noneMatch(BY_NAME::containsKey);
    BY_NAME.forEach((name, command) -> {
      if (all || words.contains(name)) {
        line.addSubcommand(name, command.apply(root));
      }
    });
  }

  /** The same commands for two lists. */
  private static CommandLine networks(NetworksCommand command, String description) {
    CommandLine line = new CommandLine(command);
    line.getCommandSpec().usageMessage().description(description);
    return line;
  }
}
