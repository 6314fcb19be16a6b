package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;

/** The routes of the configuration. */
@Command(name = "routes", description = "Shows the routes of the configuration, and the pools that they lead to.")
final class RoutesCommand {

  private static final Columns TABLE =
      new Columns()
          .with("NAME", "name")
          .with("HOST", "host")
          .with("PATH", "path")
          .with("METHODS", row -> row.path("methods").isEmpty() ? "all" : Columns.text(row.path("methods")))
          .with("POOL", "pool")
          .with("LIMITS", "limits");

  private static final Columns POOLS =
      new Columns()
          .with("POOL", "pool")
          .with("ALGORITHM", "algorithm")
          .with("BACKENDS", "backends_total")
          .with("USABLE", "backends_usable")
          .with("BREAKER", "breaker");

  private final RootCommand root;

  RoutesCommand(RootCommand root) {
    this.root = root;
  }

  @Command(name = "list", description = "Lists the routes in the order in which they are looked at, and the pools.")
  void list() {
    root.ask(api -> {
      ObjectNode routes = api.ask(Ask.get("routes"));
      JsonNode rows = routes.path("routes");
      String table = TABLE.table(rows);
      root.answer(
          table + (table.isEmpty() ? "" : System.lineSeparator()) + POOLS.table(routes.path("pools")),
          rows.isEmpty() ? "There are no routes: all requests go to the pool default." : "",
          routes);
    });
  }
}
