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
    CommandLine line = line(root, args);
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

  /** The commands that these words may name. */
  static CommandLine line(RootCommand root, String... words) {
    Surroundings surroundings = root.surroundings();
    CommandLine line = new CommandLine(root);
    Commands.addTo(line, root, List.of(words));
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(surroundings.out())
        .setErr(surroundings.err())
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                surroundings.terminal() ? CommandLine.Help.Ansi.AUTO : CommandLine.Help.Ansi.OFF));
  }
}
