package io.gatehouse.jetty.cli;

import io.gatehouse.jetty.log.Logging;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.RunLast;

/** The command line of the standalone gateway; docs/cli.md describes it. */
public final class Cli {

  /** The commands that have to do with this machine alone. */
  private static final Set<String> AT_HOME = Set.of("run", "demo", "config", "replay", "generate-completion");

  private Cli() {}

  /**
   * Runs one command to its end; for {@code run} and {@code demo} that is when the gateway has stopped. What the
   * command says goes to the writers of the surroundings.
   *
   * @return the exit code
   */
  public static int execute(Surroundings surroundings, String... args) {
    RootCommand root = new RootCommand(surroundings);
    CommandLine line = line(root);
    Failures failures =
        new Failures(format -> new Answers(surroundings.out(), surroundings.err(), format));
    line.setParameterExceptionHandler(failures);
    line.setExecutionExceptionHandler(failures);
    line.setExecutionStrategy(
        parsed -> {
          surroundings.log().start("warn", Logging.Format.TEXT, Logging.Target.STANDARD_ERROR);
          List<CommandLine> commands = parsed.asCommandLineList();
          String first = commands.size() > 1 ? commands.get(1).getCommandName() : "run";
          if (AT_HOME.contains(first) && root.namesServer()) {
            throw new ParameterException(parsed.commandSpec().commandLine(), "--server: " + first + " asks no gateway");
          }
          return new RunLast().execute(parsed);
        });
    try {
      return line.execute(args);
    } finally {
      surroundings.out().flush();
      surroundings.err().flush();
    }
  }

  /** All commands. */
  static CommandLine line(RootCommand root) {
    Surroundings surroundings = root.surroundings();
    CommandLine line =
        new CommandLine(root)
            .addSubcommand(new RunCommand(root))
            .addSubcommand(new DemoCommand(root))
            .addSubcommand(new ConfigCommand(root))
            .addSubcommand(new ReloadCommand(root))
            .addSubcommand(new MigrateCommand(root))
            .addSubcommand(new UsersCommand(root))
            .addSubcommand(
                new CommandLine(new KeysCommand(root))
                    .addSubcommand(new KeysImportCommand(root))
                    .addSubcommand(new KeysPeppersCommand(root)))
            .addSubcommand(new LimitsCommand(root))
            .addSubcommand(new QuotasCommand(root))
            .addSubcommand(new CalendarCommand(root))
            .addSubcommand("allow", networks(NetworksCommand.allowed(root), "Says from where a user may call."))
            .addSubcommand(
                "deny", networks(NetworksCommand.denied(root), "Says from where a user may not call, whatever else is said."))
            .addSubcommand(new BlocksCommand(root))
            .addSubcommand(new PlansCommand(root))
            .addSubcommand(new UsageCommand(root))
            .addSubcommand(new ViolationsCommand(root))
            .addSubcommand(new RequestsCommand(root))
            .addSubcommand(new ExplainCommand(root))
            .addSubcommand(new ValidateCommand(root))
            .addSubcommand(new BackendsCommand(root))
            .addSubcommand(new RoutesCommand(root))
            .addSubcommand(new SettingsCommand(root))
            .addSubcommand(new AdministratorsCommand(root))
            .addSubcommand(new ImagesCommand(root))
            .addSubcommand(new AuditCommand(root))
            .addSubcommand(new WhoamiCommand(root))
            .addSubcommand(new ExportCommand(root))
            .addSubcommand(new ReplayCommand(root))
            .addSubcommand(new CompletionCommand(root));
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(surroundings.out())
        .setErr(surroundings.err())
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                surroundings.terminal() ? CommandLine.Help.Ansi.AUTO : CommandLine.Help.Ansi.OFF));
  }

  /** The same commands for two lists. */
  private static CommandLine networks(NetworksCommand command, String description) {
    CommandLine line = new CommandLine(command);
    line.getCommandSpec().usageMessage().description(description);
    return line;
  }
}
