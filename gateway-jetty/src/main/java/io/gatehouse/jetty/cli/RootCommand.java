package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.gatehouse.core.settings.Effective;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsSource;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.core.sql.Migration;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
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
      "66:there is no such user, key or plan",
      "69:the gateway or the database cannot be used, or the port is taken",
      "73:something is in the way: a name is taken, a plan in use",
      "77:the token is unknown, or its role may not do this",
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
      names = "--server",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description = "The gateway that is asked, such as https://gateway:8081; without it, the database of the settings."
          + " Or " + Names.SERVER + ".")
  private @Nullable URI server;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "The file with the administrator's token for --server, - for standard input. Or " + Names.TOKEN_FILE
          + ", or the token itself in " + Names.TOKEN + ".")
  private @Nullable String tokenFile;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Certificates (PEM) of who may certify --server, instead of those that Java trusts. Or "
          + Names.CA_FILE + ".")
  private @Nullable Path caFile;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      scope = ScopeType.INHERIT,
      converter = Arguments.DurationReader.class,
      description = "How long an answer of --server is waited for; 60s unless said.")
  private @Nullable Duration timeout;

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
    Map<String, String> settings = new HashMap<>(surroundings.environment());
    settings.keySet().removeAll(Names.ALL);
    return new SettingsSource(file(), settings);
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

  /** Where a command asks, as the options and the environment say. */
  Connection connection() {
    return new Connection(surroundings, server, tokenFile, caFile, timeout);
  }

  /** Does a command over the way that was chosen: the server that was named, or else the database of the settings. */
  void ask(Consumer<Api> command) {
    Optional<URI> named = connection().server();
    try (Way way = named.isPresent() ? connection().way(named.get()) : store()) {
      command.accept(new Api(way, this));
    }
  }

  /** Does a command that only the database can do. */
  void withStore(Consumer<StoreWay> command) {
    requireNoServer("it works on the database of the settings");
    try (StoreWay way = store()) {
      command.accept(way);
    }
  }

  /** Ends a command that asks no server when one was named. */
  void requireNoServer(String why) {
    connection().server().ifPresent(named -> {
      throw new CommandFailure(Exit.USAGE, "this command cannot ask " + named + ": " + why, "leave --server out");
    });
  }

  /** Whether the command line itself names a gateway that is to be asked. */
  boolean namesServer() {
    return server != null;
  }

  private StoreWay store() {
    return opening(() -> StoreWay.open(source(), surroundings.clock()));
  }

  Migration migrate() {
    requireNoServer("it works on the database of the settings");
    Settings settings = settings().settings();
    return opening(() -> Stores.migrate(settings));
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
