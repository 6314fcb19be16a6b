package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What users have used, and what is left. */
@Command(
    name = "usage",
    description = {
      "Tells what a user has used and what is left.",
      "Straight from the database, numbers are as old as the last flush of each node; a gateway that is asked with --server"
          + " also knows what is in Redis and how rate limits stand."
    })
final class UsageCommand {

  private static final Columns USAGE =
      new Columns()
          .with("METER", "meter")
          .with("WINDOW", "window")
          .with("USED", "used")
          .with("MOST", "most")
          .with("REMAINING", "remaining")
          .with("OVER", row -> Columns.yes(row.path("over")))
          .with("RESETS", "resets_at");

  private static final Columns HISTORY =
      new Columns()
          .with("START", "start")
          .with("ENDPOINT", "endpoint")
          .with("REQUESTS", "requests")
          .with("REQUEST BYTES", "request_bytes")
          .with("RESPONSE BYTES", "response_bytes")
          .with("ERRORS", "errors");

  private static final Columns STANDINGS =
      new Columns()
          .with("POLICY", "policy")
          .with("LIMIT", "limit")
          .with("REMAINING", "remaining")
          .with("RESET AFTER S", "reset_after")
          .with("REFUSES", row -> Columns.yes(row.path("refuses")))
          .with("SHADOW", row -> Columns.yes(row.path("shadow")));

  private final RootCommand root;

  UsageCommand(RootCommand root) {
    this.root = root;
  }

  /** The length of a row. */
  enum By {
    MINUTE,
    HOUR,
    DAY;

    /** As the API calls it. */
    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Command(name = "show", description = "Tells what a user or a key has used in the running periods, and what is left.")
  void show(
      @ArgGroup(multiplicity = "1") UserOrKey whose) {
    root.ask(api -> {
      Owner owner = whose.found(api);
      ObjectNode usage = api.ask(owner.ask("GET", "usage"), owner.missing());
      root.answer(USAGE.table(usage.path("usage")), "", usage);
    });
  }

  @Command(name = "history", description = "Tells what a user has transferred, by the minute, hour or day.")
  void history(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Option(names = "--by", paramLabel = "LENGTH", description = "The length of a row: minute, hour or day, the default.")
          @Nullable
          By by,
      @Option(names = "--endpoint", paramLabel = "NAME", description = "Of one endpoint only.") @Nullable String endpoint,
      @Option(names = "--by-endpoint", description = "A row for each endpoint.") boolean grouped,
      @Mixin Between between) {
    root.ask(api -> {
      Ask ask =
          Ask.of("GET", "users/{id}/usage/history", api.userId(name))
              .query("by", by == null ? null : by.text())
              .query("endpoint", endpoint)
              .query("group", grouped ? "endpoint" : null);
      ObjectNode history = api.ask(between.addTo(ask), () -> Api.noUser(name));
      JsonNode rows = history.path("history");
      root.answer(HISTORY.table(rows), rows.isEmpty() ? "Nothing was transferred." : "", history);
    });
  }

  @Command(name = "limits", description = "Tells where all limits and quotas of a key stand.")
  void limits(
      @Parameters(paramLabel = "KEY", description = "The id of the key.") String id, @Mixin Described request) {
    root.ask(api -> {
      ObjectNode standings =
          api.ask(request.addTo(Ask.of("GET", "usage/{id}/limits", id)), () -> KeysCommand.missing(id));
      root.answer(text(standings), "", standings);
    });
  }

  /** Limits and quotas in one table. */
  static String text(JsonNode standings) {
    ObjectNode all = Answers.json();
    var rows = all.putArray("rows");
    standings.path("limits").forEach(rows::add);
    standings.path("quotas").forEach(rows::add);
    return STANDINGS.table(rows);
  }
}
