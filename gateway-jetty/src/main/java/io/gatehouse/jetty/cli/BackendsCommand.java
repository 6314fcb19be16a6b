package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.upstream.Upstream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The backends, and what was said of them at run time. */
@Command(
    name = "backends",
    description = {
      "Administers backends.", "How they are is what the node knows that is asked with --server; the database knows nothing of it."
    })
final class BackendsCommand {

  private static final String URL = "The address of the backend: http://10.0.0.5:8080.";

  private static final Columns TABLE =
      new Columns()
          .with("URL", "url")
          .with("POOL", "pool")
          .with("WEIGHT", "weight")
          .with("STATE", "state")
          .with("ORIGIN", "origin")
          .with("HEALTH", "health")
          .with("IN FLIGHT", "in_flight")
          .with("LAST ERROR", "last_error");

  private final RootCommand root;

  BackendsCommand(RootCommand root) {
    this.root = root;
  }

  /** What can be said of a backend. */
  static final class Said {

    @Option(names = "--weight", paramLabel = "WEIGHT", description = "Its part of the requests, 1 to 100.")
    private @Nullable Integer weight;

    @Option(names = "--pool", paramLabel = "POOL", description = "One of the pools of the configuration.")
    private @Nullable String pool;

    @Option(names = "--state", paramLabel = "STATE", description = "enabled or draining.")
    private Upstream.@Nullable State state;

    @Option(
        names = "--check-every",
        paramLabel = "DURATION",
        converter = Arguments.DurationReader.class,
        description = "How often it is looked whether it is well: 30s.")
    private @Nullable Duration every;

    ObjectNode document(String url) {
      ObjectNode document = Answers.json().put("url", url);
      if (weight != null) {
        document.put("weight", weight);
      }
      if (pool != null) {
        document.put("pool", pool);
      }
      if (state != null) {
        document.put("state", state.name().toLowerCase(Locale.ROOT));
      }
      if (every != null) {
        document.put("health_check_interval", every.toString());
      }
      return document;
    }
  }

  @Command(name = "list", description = "Lists the backends and how they are.")
  void list() {
    root.ask(api -> {
      ObjectNode backends = api.ask(Ask.get("backends"));
      JsonNode rows = backends.path("backends");
      root.answer(TABLE.table(rows), rows.isEmpty() ? "There are no backends." : "", backends);
    });
  }

  @Command(name = "add", description = "Adds a backend that is not there.")
  void add(
      @Parameters(paramLabel = "URL", description = URL) String url, @Mixin Said said, @Mixin DryRun dryRun) {
    put(said.document(url), "If-None-Match", dryRun, "added");
  }

  @Command(name = "set", description = "Changes a backend that is there; what is not said stays as it is.")
  void set(
      @Parameters(paramLabel = "URL", description = URL) String url, @Mixin Said said, @Mixin DryRun dryRun) {
    put(said.document(url), "If-Match", dryRun, "changed");
  }

  @Command(name = "drain", description = "Gives a backend no more requests; those under way go on.")
  void drain(@Parameters(paramLabel = "URL", description = URL) String url, @Mixin DryRun dryRun) {
    put(Answers.json().put("url", url).put("state", "draining"), "If-Match", dryRun, "draining");
  }

  @Command(name = "enable", description = "Gives a backend requests again.")
  void enable(@Parameters(paramLabel = "URL", description = URL) String url, @Mixin DryRun dryRun) {
    put(Answers.json().put("url", url).put("state", "enabled"), "If-Match", dryRun, "enabled");
  }

  @Command(name = "remove", description = "Takes a backend away, or what was changed of one that the configuration names.")
  void remove(@Parameters(paramLabel = "URL", description = URL) String url, @Mixin DryRun dryRun) {
    root.ask(api -> api.change(
        Ask.of("DELETE", "backends").query("url", url),
        dryRun,
        () -> missing(url),
        gone -> root.answer("", "Backend " + url + " is removed.", Answers.json().put("url", url).put("deleted", true))));
  }

  /** @param condition the field that says whether it must be there */
  private void put(ObjectNode document, String condition, DryRun dryRun, String deed) {
    String url = document.path("url").asText();
    Supplier<CommandFailure> unmet =
        () -> condition.equals("If-Match")
            ? missing(url)
            : new CommandFailure(
                Exit.CONFLICT, "the backend " + url + " is there already", "to change it: gatehouse backends set");
    root.ask(api -> {
      try {
        api.change(
            Ask.of("PUT", "backends").document(document).header(condition, "*"),
            dryRun,
            backend -> root.answer("", "Backend " + url + " is " + deed + ".", backend));
      } catch (Refused e) {
        throw e.isOvertaken() ? unmet.get() : e;
      }
    });
  }

  private static CommandFailure missing(String url) {
    return CommandFailure.missing("there is no backend " + url, "see: gatehouse backends list");
  }
}
