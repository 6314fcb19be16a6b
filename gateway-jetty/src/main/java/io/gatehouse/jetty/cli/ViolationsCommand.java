package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What was refused. */
@Command(name = "violations", description = "Tells what was refused to a user.")
final class ViolationsCommand {

  private static final Columns TABLE =
      new Columns()
          .with("MINUTE", "minute")
          .with("KEY", "key")
          .with("REASON", "reason")
          .with("RULE", "rule")
          .with("COUNT", "count");

  private final RootCommand root;

  ViolationsCommand(RootCommand root) {
    this.root = root;
  }

  @Command(name = "list", description = "Lists what was refused, by minute, key and rule; of the last 24 hours unless said.")
  void list(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Mixin Between between) {
    root.ask(api -> {
      ObjectNode violations =
          api.ask(between.addTo(Ask.of("GET", "users/{id}/violations", api.userId(name))), () -> Api.noUser(name));
      JsonNode rows = violations.path("violations");
      root.answer(TABLE.table(rows), rows.isEmpty() ? "Nothing was refused." : "", violations);
    });
  }
}
