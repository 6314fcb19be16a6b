package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.StoreException;
import io.gatehouse.core.settings.Fault;
import io.gatehouse.core.settings.SettingsException;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what went wrong and turns it into an exit code. A stack trace is shown only for what nobody expected. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {

  private static final Logger log = LoggerFactory.getLogger(Failures.class);
  private static final Pattern JSON = Pattern.compile("(?im)^(--output[=\\n]|-o[=\\n]?)json$");

  private final Function<Answers.Format, Answers> answers;

  Failures(Function<Answers.Format, Answers> answers) {
    this.answers = answers;
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String help = "try: " + command.getCommandSpec().qualifiedName(" ") + " --help";
    StringBuilder lines = new StringBuilder("error: ").append(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty()) {
      help = "did you mean: " + String.join(" or ", unmatched.getSuggestions()) + "?";
    }
    return answers.apply(format(args)).failure(Exit.USAGE, lines.toString(), help, e.getMessage(), Answers.json());
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    return say(e, answers.apply(format(parsed.originalArgs().toArray(String[]::new))));
  }

  private static int say(Exception e, Answers answers) {
    if (e instanceof SettingsException settings) {
      return faults(settings, answers);
    }
    if (e instanceof CommandFailure failure) {
      ObjectNode json = Answers.json();
      if (!failure.errors().isEmpty()) {
        json.set("errors", failure.errors());
      }
      return answers.failure(
          failure.exit(), "error: " + failure.getMessage(), failure.help(), failure.getMessage(), json);
    }
    if (e instanceof StoreException) {
      return say(Exit.UNAVAILABLE, e.getMessage(), "", answers);
    }
    if (e instanceof IllegalArgumentException) {
      return say(Exit.FAILED, e.getMessage(), "", answers);
    }
    log.error("A command ended in an error that nobody expected", e);
    return say(Exit.FAILED, e.toString(), "", answers);
  }

  private static int say(int exit, String error, String help, Answers answers) {
    return answers.failure(exit, "error: " + error, help, error, Answers.json());
  }

  private static int faults(SettingsException e, Answers answers) {
    ObjectNode json = Answers.json();
    ArrayNode faults = json.putArray("faults");
    for (Fault fault : e.faults()) {
      ObjectNode row = faults.addObject().put("source", fault.source());
      if (fault.line() > 0) {
        row.put("line", fault.line()).put("column", fault.column());
      }
      row.put("path", fault.path()).put("message", fault.message()).put("hint", fault.hint());
    }
    int count = e.faults().size();
    String error = count == 1 ? "1 fault in the settings" : count + " faults in the settings";
    return answers.failure(Exit.SETTINGS, e.getMessage(), "", error, json);
  }

  /** From the words themselves, because a command line that cannot be parsed asks for a format, too. */
  private static Answers.Format format(String[] args) {
    return JSON.matcher(String.join("\n", args)).find() ? Answers.Format.JSON : Answers.Format.TEXT;
  }
}
