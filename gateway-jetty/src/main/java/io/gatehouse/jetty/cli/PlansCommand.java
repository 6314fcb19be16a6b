package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Administers plans. */
@Command(name = "plans", description = "Administers plans.")
final class PlansCommand {

  private static final String NAME = "The name of the plan.";

  private static final Columns TABLE =
      new Columns()
          .with("NAME", "name")
          .with("TITLE", "title")
          .with("USER LIMITS", plan -> count(plan.path("limits").path("user")))
          .with("KEY LIMITS", plan -> count(plan.path("limits").path("key")))
          .with("QUOTAS", plan -> count(plan.path("quotas")))
          .with("SCOPES", plan -> plan.path("scopes").isEmpty() ? "all" : Integer.toString(plan.path("scopes").size()))
          .with("OPTIONS", plan -> Integer.toString(plan.path("options").size()));

  private final RootCommand root;

  PlansCommand(RootCommand root) {
    this.root = root;
  }

  @Command(name = "list", description = "Lists all plans.")
  void list() {
    root.ask(api -> {
      ObjectNode plans = api.ask(Ask.get("plans"));
      JsonNode rows = plans.path("plans");
      root.answer(TABLE.table(rows), rows.isEmpty() ? "There are no plans." : "", plans);
    });
  }

  @Command(name = "show", description = "Shows a plan, as plans put takes it.")
  void show(@Parameters(paramLabel = "NAME", description = NAME) String name) {
    root.ask(api -> {
      ObjectNode plan = api.ask(Ask.of("GET", "plans/{id}", name), () -> missing(name));
      root.answer(plan.toPrettyString() + System.lineSeparator(), "", plan);
    });
  }

  @Command(name = "put", description = "Adds a plan, or replaces it for all users who are on it.")
  void put(
      @Option(
              names = {"-f", "--file"},
              required = true,
              paramLabel = "FILE",
              description = "The plan as JSON, with its name; - for standard input.")
          String file,
      @Mixin DryRun dryRun) {
    JsonNode plan = Answers.read(root.surroundings().text(file), file);
    JsonNode name = plan.path("name");
    if (!name.isTextual()) {
      throw new CommandFailure(file + ": name: " + (name.isMissingNode() ? "missing" : name) + " (expected: the name of the plan)", "");
    }
    root.ask(api -> {
      // The API tells by the status whether the plan was there, which a change does not hand on.
      boolean there = api.reply(Ask.of("GET", "plans/{id}", name.asText())).status() == 200;
      api.change(
          Ask.of("PUT", "plans/{id}", name.asText()).document(plan),
          dryRun,
          () -> new CommandFailure(
              file + ": name: " + name + " (expected: 1 to 64 small letters, digits, ., _ and -)", ""),
          kept -> root.answer("", "Plan " + name.asText() + (there ? " is replaced." : " is made."), kept));
    });
  }

  @Command(name = "delete", description = "Deletes a plan that no user is on, or will be.")
  void delete(@Parameters(paramLabel = "NAME", description = NAME) String name, @Mixin DryRun dryRun) {
    root.ask(api -> {
      ObjectNode plan = api.ask(Ask.of("GET", "plans/{id}", name), () -> missing(name));
      api.change(
          Ask.of("DELETE", "plans/{id}", name),
          dryRun,
          () -> missing(name),
          gone -> root.answer("", "Plan " + name + " is deleted.", plan.put("deleted", true)));
    });
  }

  /** Ends a command that names a plan which is not there. */
  static void require(Api api, String name) {
    api.ask(Ask.of("GET", "plans/{id}", name), () -> missing(name));
  }

  private static CommandFailure missing(String name) {
    return CommandFailure.missing("there is no plan with the name " + name, "see: gatehouse plans list");
  }

  /** How many there are; of nothing at all, what holds instead. */
  private static String count(JsonNode rules) {
    return !rules.isArray() ? "configuration" : rules.isEmpty() ? "none" : Integer.toString(rules.size());
  }
}
