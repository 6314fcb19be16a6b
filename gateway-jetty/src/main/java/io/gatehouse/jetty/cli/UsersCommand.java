package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.key.UserAdmin;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Administers users. */
@Command(name = "users", description = "Administers users.")
final class UsersCommand {

  static final String USER = "The name or the id of the user.";

  private static final Columns TABLE =
      new Columns()
          .with("ID", "id")
          .with("NAME", "name")
          .with("TENANT", "tenant")
          .with("PLAN", "plan")
          .with("STATE", UsersCommand::state)
          .with("CREATED", "created_at");

  private final RootCommand root;

  @Spec private CommandSpec spec;

  UsersCommand(RootCommand root) {
    this.root = root;
  }

  /** Switched on, or off. */
  enum State {
    ENABLED,
    DISABLED
  }

  @Command(name = "create", description = "Makes a user and prints the id.")
  void create(
      @Parameters(paramLabel = "NAME", description = "A name that no user has.") String name,
      @Option(names = "--tenant", paramLabel = "TENANT", description = "The tenant that the user shares limits with.")
          @Nullable
          String tenant,
      @Mixin DryRun dryRun) {
    ObjectNode document = Answers.json().put("name", name);
    if (tenant != null) {
      document.put("tenant", tenant);
    }
    root.ask(api -> api.change(
        Ask.of("POST", "users").document(document),
        dryRun,
        user -> root.answer(
            user.path("id").asText() + System.lineSeparator(),
            "User " + name + " is made. Next: gatehouse keys create --user " + quoted(name),
            user)));
  }

  @Command(name = "list", description = "Lists users, oldest first.")
  void list(
      @Option(names = "--tenant", paramLabel = "TENANT", description = "Of this tenant.") @Nullable String tenant,
      @Option(names = "--name-prefix", paramLabel = "TEXT", description = "Whose name begins so.") @Nullable String prefix,
      @Option(names = "--state", paramLabel = "STATE", description = "enabled or disabled.") @Nullable State state,
      @Option(names = "--order", paramLabel = "ORDER", description = "Which come first: oldest or newest.")
          UserAdmin.@Nullable Order order) {
    root.ask(api -> {
      ObjectNode users =
          api.rows(
              () -> Ask.get("users")
                  .query("tenant", tenant)
                  .query("name_prefix", prefix)
                  .query("enabled", state == null ? null : state == State.ENABLED)
                  .query("order", order == null ? null : order.name().toLowerCase(Locale.ROOT)),
              "users",
              Long.MAX_VALUE);
      JsonNode rows = users.path("users");
      root.answer(TABLE.table(rows), rows.isEmpty() ? "There are no users." : "", users);
    });
  }

  @Command(name = "show", description = "Shows a user.")
  void show(@Parameters(paramLabel = "NAME", description = USER) String name) {
    root.ask(api -> {
      ObjectNode user = api.user(name);
      root.answer(Columns.sheet(user), "", user);
    });
  }

  /** The tenant, said in one of two ways. */
  static final class Tenant {

    @Option(names = "--tenant", paramLabel = "TENANT", description = "The tenant that the user shares limits with.")
    private @Nullable String name;

    @Option(names = "--no-tenant", description = "Takes the user out of any tenant.")
    private boolean none;
  }

  @Command(name = "change", description = "Renames a user, or gives them to a tenant.")
  void change(
      @Parameters(paramLabel = "NAME", description = USER) String name,
      @Option(names = "--name", paramLabel = "NEW", description = "The new name.") @Nullable String fresh,
      @ArgGroup(exclusive = true) @Nullable Tenant tenant,
      @Mixin DryRun dryRun) {
    ObjectNode document = Answers.json();
    if (fresh != null) {
      document.put("name", fresh);
    }
    if (tenant != null) {
      document.put("tenant", tenant.name);
    }
    if (document.isEmpty()) {
      throw new ParameterException(
          spec.subcommands().get("change"), "nothing to change (expected: --name, --tenant or --no-tenant)");
    }
    patch(name, document, dryRun, "changed");
  }

  @Command(name = "disable", description = "Switches off all keys of a user until the user is enabled again.")
  void disable(@Parameters(paramLabel = "NAME", description = USER) String name, @Mixin DryRun dryRun) {
    patch(name, Answers.json().put("enabled", false), dryRun, "disabled");
  }

  @Command(name = "enable", description = "Undoes disable.")
  void enable(@Parameters(paramLabel = "NAME", description = USER) String name, @Mixin DryRun dryRun) {
    patch(name, Answers.json().put("enabled", true), dryRun, "enabled");
  }

  private void patch(String name, ObjectNode document, DryRun dryRun, String deed) {
    root.ask(api -> api.change(
        Ask.of("PATCH", "users/{id}", api.userId(name)).document(document),
        dryRun,
        () -> Api.noUser(name),
        user -> root.answer("", "User " + user.path("name").asText() + " is " + deed + ".", user)));
  }

  @Command(name = "delete", description = "Deletes a user with all keys, limits, quotas and networks, for good.")
  void delete(@Parameters(paramLabel = "NAME", description = USER) String name, @Mixin DryRun dryRun) {
    root.ask(api -> {
      ObjectNode user = api.user(name);
      api.change(
          Ask.of("DELETE", "users/{id}", user.path("id").asText()),
          dryRun,
          () -> Api.noUser(name),
          gone -> root.answer(
              "", "User " + user.path("name").asText() + " is deleted.", user.put("deleted", true)));
    });
  }

  @Command(name = "plan", description = "Shows which plan a user is on, or puts them on one, now or at a moment.")
  void plan(
      @Parameters(index = "0", paramLabel = "NAME", description = USER) String name,
      @Parameters(
              index = "1",
              arity = "0..1",
              paramLabel = "PLAN",
              description = "The plan that the user is to be on; without it, which one it is is shown.")
          @Nullable
          String plan,
      @Option(names = "--none", description = "Takes the user off any plan.") boolean none,
      @Option(names = "--cancel", description = "Takes the scheduled change back.") boolean cancel,
      @Option(
              names = "--at",
              paramLabel = "TIME",
              converter = Arguments.MomentReader.class,
              description = "When, instead of now: 2027-01-31 (UTC), or 2027-01-31T12:00:00Z.")
          @Nullable
          Instant at,
      @Mixin DryRun dryRun) {
    boolean assigns = plan != null || none;
    CommandSpec own = spec.subcommands().get("plan").getCommandSpec();
    if (plan != null && none || cancel && assigns) {
      throw new ParameterException(own.commandLine(), "a plan, --none and --cancel: more than one (expected: one of them)");
    }
    if (at != null && !assigns) {
      throw new ParameterException(own.commandLine(), "--at: without a plan or --none (expected: with one of them)");
    }
    root.ask(api -> {
      ObjectNode user = api.user(name);
      String id = user.path("id").asText();
      if (cancel) {
        changePlan(api, user, Ask.of("DELETE", "users/{id}/plan", id).query("scheduled", true), dryRun);
      } else if (assigns) {
        if (plan != null) {
          PlansCommand.require(api, plan);
        }
        ObjectNode document = Answers.json().put("plan", plan);
        if (at != null) {
          document.put("at", at.toString());
        }
        changePlan(api, user, Ask.of("PUT", "users/{id}/plan", id).document(document), dryRun);
      } else {
        root.answer(sentence(user) + System.lineSeparator(), "", user);
      }
    });
  }

  private void changePlan(Api api, ObjectNode user, Ask ask, DryRun dryRun) {
    String id = user.path("id").asText();
    api.change(ask, dryRun, () -> Api.noUser(id), done -> {
      ObjectNode after = api.user(id);
      root.answer("", sentence(after), after);
    });
  }

  private static String state(JsonNode user) {
    return user.path("enabled").asBoolean() ? "enabled" : "disabled";
  }

  private static String quoted(String name) {
    return name.matches("[\\p{L}\\p{N}._@-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
  }

  private static String sentence(JsonNode user) {
    JsonNode next = user.path("next_plan");
    String later = next.isObject() ? ", and " + on(next.path("plan")) + " from " + next.path("at").asText() : "";
    return "User " + user.path("name").asText() + " is " + on(user.path("plan")) + later + ".";
  }

  private static String on(JsonNode plan) {
    return plan.isTextual() ? "on the plan " + plan.asText() : "on no plan";
  }
}
