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

/** How fast users, keys and tenants may be. */
@Command(name = "limits", description = "Says how fast a user, a key or a tenant may be.")
final class LimitsCommand {

  private static final String LIMITS = "limits";

  private static final Columns TABLE =
      new Columns()
          .with("PERMITS", "permits")
          .with("PERIOD", "period")
          .with("BURST", "burst")
          .with("ALGORITHM", "algorithm")
          .with("SHADOW", row -> Columns.yes(row.path("shadow")));

  private final RootCommand root;

  @Spec private CommandSpec spec;

  LimitsCommand(RootCommand root) {
    this.root = root;
  }

  /** Whose limits. */
  static final class Whose {

    @Option(names = {"-u", "--user"}, paramLabel = "NAME", description = UsersCommand.USER)
    private @Nullable String user;

    @Option(names = "--key", paramLabel = "ID", description = "The id of the key.")
    private @Nullable String key;

    @Option(names = "--tenant", paramLabel = "TENANT", description = "The name of the tenant, for all its users together.")
    private @Nullable String tenant;

    Owner found(Api api) {
      return user != null ? Owner.user(api, user) : key != null ? Owner.key(key) : Owner.tenant(String.valueOf(tenant));
    }
  }

  @Command(name = "show", description = "Shows the limits that hold.")
  void show(@ArgGroup(multiplicity = "1") Whose whose) {
    root.ask(api -> {
      Owner owner = whose.found(api);
      tell(owner, api.ask(owner.ask("GET", LIMITS), owner.missing()));
    });
  }

  @Command(name = "set", description = "Replaces all limits of its own, at once on all nodes.")
  void set(
      @ArgGroup(multiplicity = "1") Whose whose,
      @Parameters(
              arity = "0..*",
              paramLabel = "LIMIT",
              description = "PERMITS/PERIOD, such as 600/1m, and if wanted ,burst=N ,algorithm=NAME ,shadow.")
          @Nullable
          List<String> limits,
      @Option(names = "--none", description = "No limit at all, whatever the plan and the configuration say.") boolean none,
      @Mixin DryRun dryRun) {
    if (none == (limits != null)) {
      throw new ParameterException(spec.subcommands().get("set"), "limits or --none (expected: one of the two)");
    }
    ObjectNode document = Answers.json();
    try {
      document.set("limits", Rules.limits(limits == null ? List.of() : limits));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.subcommands().get("set"), e.getMessage());
    }
    root.ask(api -> {
      Owner owner = whose.found(api);
      api.change(owner.ask("PUT", LIMITS).document(document), dryRun, owner.missing(), kept -> tell(owner, kept));
    });
  }

  @Command(name = "reset", description = "Goes back to the limits of the plan, or of the configuration.")
  void reset(@ArgGroup(multiplicity = "1") Whose whose, @Mixin DryRun dryRun) {
    root.ask(api -> {
      Owner owner = whose.found(api);
      api.change(
          owner.ask("DELETE", LIMITS), dryRun, owner.missing(), gone -> tell(owner, api.ask(owner.ask("GET", LIMITS), owner.missing())));
    });
  }

  private void tell(Owner owner, ObjectNode limits) {
    JsonNode rows = limits.path("limits");
    root.answer(TABLE.table(rows), sentence(owner.name(), "limits", limits, rows), limits);
  }

  /** From where it comes what holds. */
  static String sentence(String whose, String what, JsonNode document, JsonNode rows) {
    String origin = switch (document.path("origin").asText()) {
      case "own" -> "of its own";
      case "plan" -> "of the plan";
      default -> "of the configuration";
    };
    return "The " + whose + " has " + (rows.isEmpty() ? "no " : "") + what + ", " + origin + ".";
  }
}
