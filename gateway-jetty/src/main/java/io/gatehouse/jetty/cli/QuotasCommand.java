package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** How much users and keys may use. */
@Command(name = "quotas", description = "Says how much a user may use, and a key beside that.")
final class QuotasCommand {

  private static final String QUOTAS = "quotas";

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
      @ArgGroup(multiplicity = "1") UserOrKey whose) {
    root.ask(api -> {
      Owner owner = whose.found(api);
      tell(owner, api.ask(owner.ask("GET", QUOTAS), owner.missing()));
    });
  }

  @Command(name = "set", description = "Replaces all quotas of its own, at once on all nodes.")
  void set(
      @ArgGroup(multiplicity = "1") UserOrKey whose,
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
      Owner owner = whose.found(api);
      api.change(
          owner.ask("PUT", QUOTAS).document(document),
          dryRun,
          owner.missing(),
          kept -> tell(owner, kept));
    });
  }

  @Command(name = "reset", description = "Goes back to the quotas of the plan or of the configuration; a key then has none.")
  void reset(
      @ArgGroup(multiplicity = "1") UserOrKey whose,
      @Mixin DryRun dryRun) {
    root.ask(api -> {
      Owner owner = whose.found(api);
      api.change(
          owner.ask("DELETE", QUOTAS),
          dryRun,
          owner.missing(),
          gone -> tell(owner, api.ask(owner.ask("GET", QUOTAS), owner.missing())));
    });
  }

  @Command(name = "restart", description = "Begins to count from zero what was used in the running periods.")
  void restart(
      @ArgGroup(multiplicity = "1") UserOrKey whose,
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
      Owner owner = whose.found(api);
      api.change(
          owner.ask("POST", QUOTAS + "/reset").document(document),
          dryRun,
          owner.missing(),
          usage -> root.answer(
              "", "The counts of the " + owner.name() + " begin anew.", usage));
    });
  }

  private void tell(Owner owner, ObjectNode quotas) {
    JsonNode rows = quotas.path("quotas");
    root.answer(
        TABLE.table(rows),
        LimitsCommand.sentence(owner.name(), "quotas", quotas, rows),
        quotas);
  }
}
