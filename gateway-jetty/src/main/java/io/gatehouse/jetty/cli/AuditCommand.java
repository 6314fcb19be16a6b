package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Who changed what. */
@Command(name = "audit", description = "Shows who changed what.")
final class AuditCommand {

  private static final Columns TABLE =
      new Columns()
          .with("TIME", "time")
          .with("BY", "name")
          .with("ADDRESS", "address")
          .with("OPERATION", "operation")
          .with("OBJECT", "object");

  private final RootCommand root;

  AuditCommand(RootCommand root) {
    this.root = root;
  }

  /** The options that say which changes. */
  static final class Which {

    @Option(
        names = "--administrator",
        paramLabel = "ID",
        description = "By this one: an id, configuration or command-line.")
    private @Nullable String administrator;

    @Option(names = "--operation", paramLabel = "NAME", description = "Of this operation: addUser.")
    private @Nullable String operation;

    @Option(names = "--object", paramLabel = "PATH", description = "On this object, and what belongs to it: users/01M8.")
    private @Nullable String object;

    @Mixin private Between between = new Between();

    Between between() {
      return between;
    }

    Ask ask() {
      return between.addTo(
          Ask.get("audit")
              .query("administrator", administrator)
              .query("operation", operation)
              .query("object", object));
    }
  }

  @Command(name = "list", description = "Lists changes, newest first; of the last 30 days unless said.")
  void list(
      @Mixin Which which,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "50",
              description = "How many at the most; ${DEFAULT-VALUE} unless said. What was before and after is told with"
                  + " --output json.")
          long limit) {
    root.ask(api -> {
      ObjectNode changes = api.rows(which::ask, "changes", limit);
      JsonNode rows = changes.path("changes");
      root.answer(TABLE.table(rows), rows.isEmpty() ? "There are no such changes." : "", changes);
    });
  }
}
