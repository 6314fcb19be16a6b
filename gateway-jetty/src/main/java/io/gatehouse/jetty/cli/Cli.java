package io.gatehouse.jetty.cli;

import io.gatehouse.jetty.log.Logging;
import picocli.CommandLine;
import picocli.CommandLine.RunLast;

/** The command line of the standalone gateway; docs/cli.md describes it. */
public final class Cli {

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
          return new RunLast().execute(parsed);
        });
    try {
      return line.execute(args);
    } finally {
      surroundings.out().flush();
      surroundings.err().flush();
    }
  }

  private static CommandLine line(RootCommand root) {
    Surroundings surroundings = root.surroundings();
    CommandLine line =
        new CommandLine(root)
            .addSubcommand(new RunCommand(root))
            .addSubcommand(new DemoCommand(root))
            .addSubcommand(new ConfigCommand(root))
            .addSubcommand(new ReloadCommand(root))
            .addSubcommand(new MigrateCommand(root))
            .addSubcommand(new UsersCommand(root))
            .addSubcommand(new KeysCommand(root))
            .addSubcommand(new PlansCommand(root))
            .addSubcommand(new AdministratorsCommand(root))
            .addSubcommand(new ImagesCommand(root))
            .addSubcommand(new ReplayCommand(root))
            .addSubcommand(new CompletionCommand(root));
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(surroundings.out())
        .setErr(surroundings.err())
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                surroundings.terminal() ? CommandLine.Help.Ansi.AUTO : CommandLine.Help.Ansi.OFF));
  }
}
