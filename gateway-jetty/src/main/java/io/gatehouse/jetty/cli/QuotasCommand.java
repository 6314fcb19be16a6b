package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** How much users may use. */
@Command(name = "quotas", description = "Says how much a user may use.")
final class QuotasCommand {

  private static final String PATH = "users/{id}/quotas";

  private static final Columns TABLE =
      new Columns()
          .with("METER", "meter")
          .with("WINDOW", "window")
          .with("MOST", "most")
          .with("BEYOND", "beyond")
          .with("CAP", "cap")
          .with("SHADOW", row -> Columns.yes(row.path("shadow")))
          .with("OVER", row -> Columns.yes(row.path("over")));

  private final RootCommand root;

  @Spec private CommandSpec spec;

  QuotasCommand(RootCommand root) {
    this.root = root;
  }

  @Command(name = "show", description = "Shows the quotas that hold.")
  void show(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER)
          String name) {
    root.ask(api -> {
      ObjectNode user = api.user(name);
      tell(user, api.ask(Ask.of("GET", PATH, user.path("id").asText()), () -> Api.noUser(name)));
    });
  }

  @Command(name = "set", description = "Replaces all quotas of its own, at once on all nodes.")
  void set(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Parameters(
              arity = "0..*",
              paramLabel = "QUOTA",
              description = "METER/WINDOW=MOST, such as requests/day=100000 or bytes/month=1TiB, and if wanted"
                  + " ,beyond=soft ,beyond=overage ,cap=MOST ,shadow.")
          @Nullable
          List<String> quotas,
      @Option(names = "--none", description = "No quota at all, whatever the plan and the configuration say.") boolean none,
      @Mixin DryRun dryRun) {
    if (none == (quotas != null)) {
      throw new ParameterException(spec.subcommands().get("set"), "quotas or --none (expected: one of the two)");
    }
    ObjectNode document = Answers.json();
    try {
      document.set("quotas", Rules.quotas(quotas == null ? List.of() : quotas));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.subcommands().get("set"), e.getMessage());
    }
    root.ask(api -> {
      ObjectNode user = api.user(name);
      api.change(
          Ask.of("PUT", PATH, user.path("id").asText()).document(document),
          dryRun,
          () -> Api.noUser(name),
          kept -> tell(user, kept));
    });
  }

  @Command(name = "reset", description = "Goes back to the quotas of the plan, or of the configuration.")
  void reset(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Mixin DryRun dryRun) {
    root.ask(api -> {
      ObjectNode user = api.user(name);
      String id = user.path("id").asText();
      api.change(
          Ask.of("DELETE", PATH, id),
          dryRun,
          () -> Api.noUser(name),
          gone -> tell(user, api.ask(Ask.of("GET", PATH, id))));
    });
  }

  @Command(name = "restart", description = "Begins to count from zero what a user has used in the running periods.")
  void restart(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Option(names = "--meter", paramLabel = "METER", description = "Of this meter: requests, bytes, ...") @Nullable
          String meter,
      @Option(names = "--window", paramLabel = "WINDOW", description = "Of this window: day or month.") @Nullable
          String window,
      @Option(names = "--all", description = "All of them.") boolean all,
      @Mixin DryRun dryRun) {
    if (all == (meter != null || window != null)) {
      throw new ParameterException(
          spec.subcommands().get("restart"), "which counts (expected: --meter, --window or both, or else --all)");
    }
    ObjectNode document = Answers.json();
    if (all) {
      document.put("all", true);
    }
    if (meter != null) {
      document.put("meter", meter);
    }
    if (window != null) {
      document.put("window", window);
    }
    root.ask(api -> {
      ObjectNode user = api.user(name);
      api.change(
          Ask.of("POST", PATH + "/reset", user.path("id").asText()).document(document),
          dryRun,
          () -> Api.noUser(name),
          usage -> root.answer(
              "", "The counts of " + user.path("name").asText() + " begin anew.", usage));
    });
  }

  private void tell(JsonNode user, ObjectNode quotas) {
    JsonNode rows = quotas.path("quotas");
    root.answer(
        TABLE.table(rows),
        LimitsCommand.sentence("user " + user.path("name").asText(), "quotas", quotas, rows),
        quotas);
  }
}
