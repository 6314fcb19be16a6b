package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.core.settings.Effective;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsSource;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.core.sql.Migration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command without a name: it runs the gateway. Holds the options that every command has. */
@Command(
    name = "gatehouse",
    description = "A multi-tenant API gateway. Without a command it runs.",
    versionProvider = Version.class,
    scope = ScopeType.INHERIT,
    usageHelpAutoWidth = true,
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    parameterListHeading = "%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:it worked",
      " 1:it could not be done",
      " 2:the command line is wrong",
      "69:the database cannot be used, or the port is taken",
      "78:the settings are wrong"
    })
final class RootCommand implements Callable<Integer> {

  static final String DEFAULT_FILE = "gatehouse.yaml";

  private final Surroundings surroundings;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "The file of settings; " + DEFAULT_FILE + " in this directory, if it is there, unless named.")
  private @Nullable Path config;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json",
      scope = ScopeType.INHERIT,
      description = "For people (text) or for scripts (json: one document).")
  private Answers.Format output = Answers.Format.TEXT;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Shows this text.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Shows the version.")
  private boolean version;

  RootCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws InterruptedException {
    return new RunCommand(this).call();
  }

  Surroundings surroundings() {
    return surroundings;
  }

  Answers.Format output() {
    return output;
  }

  /** Where the settings are read, now and again. */
  SettingsSource source() {
    return new SettingsSource(file(), surroundings.environment());
  }

  /** The file that was named, or the usual one if it is there. */
  Optional<Path> file() {
    if (config != null) {
      return Optional.of(surroundings.workingDirectory().resolve(config));
    }
    return Optional.of(surroundings.workingDirectory().resolve(DEFAULT_FILE)).filter(Files::exists);
  }

  boolean fileNamed() {
    return config != null;
  }

  /** Reads the settings; all faults become one {@link io.gatehouse.core.settings.SettingsException}. */
  Effective settings() {
    return source().read();
  }

  /** Opens the stores for one command. */
  void withStores(Consumer<Stores> command) {
    try (Stores stores = open(settings().settings())) {
      command.accept(stores);
    }
  }

  /** Opens the stores for one command that changes them: with what it enters into the audit log, or not at all. */
  void withChange(String operation, Consumer<Change> command) {
    withStores(stores -> change(stores, operation, command));
  }

  /** Does what a command says to the stores, in one transaction, and tells its answer when that is over. */
  void change(Stores stores, String operation, Consumer<Change> command) {
    Change change = new Change(this, operation, stores);
    stores.together(
        operation,
        joint -> {
          command.accept(change);
          return change;
        });
    change.tell();
  }

  Migration migrate() {
    Settings settings = settings().settings();
    return opening(() -> Stores.migrate(settings));
  }

  private Stores open(Settings settings) {
    return opening(() -> Stores.open(settings, surroundings.clock()));
  }

  /** A setting that only the database can judge, its address, is a fault of the settings all the same. */
  private static <T> T opening(Supplier<T> action) {
    try {
      return action.get();
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(Exit.SETTINGS, e.getMessage(), "", e);
    }
  }

  void answer(String data, String message, JsonNode json) {
    new Answers(surroundings.out(), surroundings.err(), output).answer(data, message, json);
  }
}
