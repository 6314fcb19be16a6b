package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.admin.PlanDocument;
import io.gatehouse.limit.Level;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.PlanAdmin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Administers plans, straight on the database; a running gateway knows within a second. */
@Command(name = "plans", description = "Administers plans, beside a running gateway or without one.")
final class PlansCommand {

  private static final String NAME = "The name of the plan.";

  private final RootCommand root;

  PlansCommand(RootCommand root) {
    this.root = root;
  }

  @Command(name = "list", description = "Lists all plans.")
  void list() {
    root.withStores(
        stores -> {
          Table table = new Table("NAME", "TITLE", "USER LIMITS", "KEY LIMITS", "QUOTAS", "SCOPES", "OPTIONS");
          ObjectNode json = Answers.json();
          ArrayNode rows = json.putArray("plans");
          for (Plan plan : stores.plans().plans()) {
            table.row(
                plan.name(),
                plan.title().isEmpty() ? "-" : plan.title(),
                count(plan.limitsOf(Level.USER)),
                count(plan.limitsOf(Level.KEY)),
                count(plan.quotas()),
                plan.scopes().isEmpty() ? "all" : Integer.toString(plan.scopes().size()),
                Integer.toString(plan.options().size()));
            rows.add(PlanDocument.json(plan));
          }
          root.answer(table.toString(), rows.isEmpty() ? "There are no plans." : "", json);
        });
  }

  @Command(name = "show", description = "Shows a plan, as plans put takes it.")
  void show(@Parameters(paramLabel = "NAME", description = NAME) String name) {
    root.withStores(
        stores -> {
          ObjectNode json = PlanDocument.json(stores.plans().plan(name).orElseThrow(() -> missing(name)));
          root.answer(json.toPrettyString() + System.lineSeparator(), "", json);
        });
  }

  @Command(name = "put", description = "Adds a plan, or replaces it for all users who are on it.")
  void put(
      @Option(
              names = {"-f", "--file"},
              required = true,
              paramLabel = "FILE",
              description = "The plan as JSON, with its name.")
          Path file) {
    PlanDocument document = new PlanDocument(root.settings().settings().rateLimits().concurrencyTimeout());
    Plan plan = read(document, file);
    root.withChange(
        "putPlan",
        change -> {
          PlanAdmin plans = change.stores().plans();
          Optional<ObjectNode> before = plans.plan(plan.name()).map(PlanDocument::json);
          plans.putPlan(plan);
          ObjectNode after = PlanDocument.json(plans.plan(plan.name()).orElseThrow(() -> missing(plan.name())));
          change.enter("plans/" + plan.name(), before.map(Function.identity()), Optional.of(after));
          change.answer("", "Plan " + plan.name() + (before.isPresent() ? " is replaced." : " is made."), after);
        });
  }

  @Command(name = "delete", description = "Deletes a plan that no user is on, or will be.")
  void delete(@Parameters(paramLabel = "NAME", description = NAME) String name) {
    root.withChange(
        "deletePlan",
        change -> {
          PlanAdmin plans = change.stores().plans();
          ObjectNode before = PlanDocument.json(plans.plan(name).orElseThrow(() -> missing(name)));
          if (plans.deletePlan(name) == PlanAdmin.Deletion.IN_USE) {
            throw new CommandFailure(
                "a user is on the plan " + name + ", or will be by a scheduled change", "see: gatehouse users list");
          }
          change.enter("plans/" + name, Optional.of(before), Optional.empty());
          change.answer("", "Plan " + name + " is deleted.", before.deepCopy().put("deleted", true));
        });
  }

  static CommandFailure missing(String name) {
    return new CommandFailure("there is no plan with the name " + name, "see: gatehouse plans list");
  }

  private Plan read(PlanDocument document, Path file) {
    try {
      return document.read(Files.readString(root.surroundings().workingDirectory().resolve(file)));
    } catch (IOException e) {
      throw new CommandFailure("the file " + file + " cannot be read: " + e.getMessage(), "");
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(file + " is not a plan:" + System.lineSeparator() + e.getMessage(), "");
    }
  }

  /** How many there are; of nothing at all, what holds instead. */
  private static String count(Optional<? extends List<?>> rules) {
    return rules.map(list -> list.isEmpty() ? "none" : Integer.toString(list.size())).orElse("configuration");
  }
}
