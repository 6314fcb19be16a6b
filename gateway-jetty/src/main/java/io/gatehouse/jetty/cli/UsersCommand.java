package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import io.gatehouse.plan.PlanAdmin;
import io.gatehouse.plan.PlanChange;
import io.gatehouse.plan.UserPlan;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Administers users, straight on the database; a running gateway knows within a second. */
@Command(name = "users", description = "Administers users, beside a running gateway or without one.")
final class UsersCommand {

  private static final String USER = "The name or the id of the user.";
  private static final int PAGE = 1000;

  private final RootCommand root;

  @Spec private CommandSpec spec;

  UsersCommand(RootCommand root) {
    this.root = root;
  }

  @Command(name = "create", description = "Makes a user and prints the id.")
  void create(
      @Parameters(paramLabel = "NAME", description = "A name that no user has.") String name,
      @Option(names = "--tenant", paramLabel = "TENANT", description = "The tenant that the user shares limits with.")
          @Nullable
          String tenant) {
    root.withChange(
        "addUser",
        change -> {
          UserAdmin users = change.stores().users();
          users.userNamed(name).ifPresent(
              user -> {
                throw new CommandFailure("there is a user with the name " + user.name() + " already", "");
              });
          User user =
              new User(
                  TimeOrderedId.next(root.surroundings().clock()),
                  name,
                  true,
                  root.surroundings().clock().instant().truncatedTo(ChronoUnit.MILLIS),
                  Optional.ofNullable(tenant));
          users.addUser(user);
          change.enter("users/" + user.id(), Optional.empty(), Optional.of(json(user, UserPlan.NONE)));
          change.answer(
              user.id() + System.lineSeparator(),
              "User " + name + " is made. Next: gatehouse keys create --user " + quoted(name),
              json(user, UserPlan.NONE));
        });
  }

  @Command(name = "list", description = "Lists all users, oldest first.")
  void list() {
    root.withStores(
        stores -> {
          Table table = new Table("ID", "NAME", "TENANT", "PLAN", "STATE", "CREATED");
          ObjectNode json = Answers.json();
          ArrayNode rows = json.putArray("users");
          String after = "";
          List<User> page;
          do {
            page = stores.users().users(after, PAGE);
            Map<String, UserPlan> plans = stores.plans().userPlans(page.stream().map(User::id).toList());
            for (User user : page) {
              UserPlan on = plans.getOrDefault(user.id(), UserPlan.NONE);
              table.row(
                  user.id(),
                  user.name(),
                  user.tenant().orElse("-"),
                  on.plan().orElse("-"),
                  state(user),
                  user.createdAt().toString());
              rows.add(json(user, on));
              after = user.id();
            }
          } while (page.size() == PAGE);
          root.answer(table.toString(), rows.isEmpty() ? "There are no users." : "", json);
        });
  }

  @Command(name = "disable", description = "Switches off all keys of a user until the user is enabled again.")
  void disable(@Parameters(paramLabel = "NAME", description = USER) String name) {
    enabled(name, false);
  }

  @Command(name = "enable", description = "Undoes disable.")
  void enable(@Parameters(paramLabel = "NAME", description = USER) String name) {
    enabled(name, true);
  }

  @Command(name = "delete", description = "Deletes a user with all keys, limits, quotas and networks, for good.")
  void delete(@Parameters(paramLabel = "NAME", description = USER) String name) {
    root.withChange(
        "deleteUser",
        change -> {
          User user = find(change.stores().users(), name);
          ObjectNode before = json(user, change.stores().plans().userPlan(user.id()));
          if (!change.stores().users().deleteUser(user.id())) {
            throw missing(name);
          }
          change.enter("users/" + user.id(), Optional.of(before), Optional.empty());
          change.answer("", "User " + user.name() + " is deleted.", before.deepCopy().put("deleted", true));
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
          Instant at) {
    boolean assigns = plan != null || none;
    if (plan != null && none || cancel && assigns) {
      throw new ParameterException(spec.commandLine(), "a plan, --none and --cancel: more than one (expected: one of them)");
    }
    if (at != null && !assigns) {
      throw new ParameterException(spec.commandLine(), "--at: without a plan or --none (expected: with one of them)");
    }
    if (cancel) {
      changePlan(name, "leavePlan", (plans, user) -> plans.cancel(user));
    } else if (assigns && at != null) {
      Instant moment = at.truncatedTo(ChronoUnit.MILLIS);
      changePlan(
          name, "changeUserPlan", (plans, user) -> plans.schedule(user, new PlanChange(existing(plans, plan), moment)));
    } else if (assigns) {
      String operation = none ? "leavePlan" : "changeUserPlan";
      changePlan(name, operation, (plans, user) -> plans.assign(user, existing(plans, plan)));
    } else {
      showPlan(name);
    }
  }

  private void showPlan(String name) {
    root.withStores(
        stores -> {
          User user = find(stores.users(), name);
          UserPlan on = stores.plans().userPlan(user.id());
          root.answer(sentence(user, on) + System.lineSeparator(), "", json(user, on));
        });
  }

  private void changePlan(String name, String operation, BiConsumer<PlanAdmin, String> deed) {
    root.withChange(
        operation,
        change -> {
          PlanAdmin plans = change.stores().plans();
          User user = find(change.stores().users(), name);
          UserPlan before = plans.userPlan(user.id());
          deed.accept(plans, user.id());
          UserPlan after = plans.userPlan(user.id());
          change.enter(
              "users/" + user.id() + "/plan",
              Optional.of(put(Answers.json(), before)),
              Optional.of(put(Answers.json(), after)));
          change.answer("", sentence(user, after), json(user, after));
        });
  }

  private static Optional<String> existing(PlanAdmin plans, @Nullable String name) {
    if (name != null && plans.plan(name).isEmpty()) {
      throw PlansCommand.missing(name);
    }
    return Optional.ofNullable(name);
  }

  private void enabled(String name, boolean enabled) {
    root.withChange(
        "changeUser",
        change -> {
          User before = find(change.stores().users(), name);
          User user = before.withEnabled(enabled);
          if (!change.stores().users().updateUser(user)) {
            throw missing(name);
          }
          UserPlan on = change.stores().plans().userPlan(user.id());
          change.enter("users/" + user.id(), Optional.of(json(before, on)), Optional.of(json(user, on)));
          change.answer("", "User " + user.name() + " is " + state(user) + ".", json(user, on));
        });
  }

  /** The user with this id or, when no id is like that, this name. */
  static User find(UserAdmin users, String nameOrId) {
    return users.user(nameOrId).or(() -> users.userNamed(nameOrId)).orElseThrow(() -> missing(nameOrId));
  }

  private static CommandFailure missing(String name) {
    return new CommandFailure("there is no user with the name or id " + name, "see: gatehouse users list");
  }

  private static String state(User user) {
    return user.enabled() ? "enabled" : "disabled";
  }

  private static String quoted(String name) {
    return name.matches("[\\p{L}\\p{N}._@-]+") ? name : "'" + name.replace("'", "'\\''") + "'";
  }

  private static String sentence(User user, UserPlan on) {
    String later = on.next().map(next -> ", and " + on(next.plan()) + " from " + next.at()).orElse("");
    return "User " + user.name() + " is " + on(on.plan()) + later + ".";
  }

  private static String on(Optional<String> plan) {
    return plan.map(name -> "on the plan " + name).orElse("on no plan");
  }

  private static ObjectNode json(User user, UserPlan on) {
    ObjectNode json = Answers.json()
        .put("id", user.id())
        .put("name", user.name())
        .put("enabled", user.enabled())
        .put("created_at", user.createdAt().toString())
        .put("tenant", user.tenant().orElse(null));
    return put(json, on);
  }

  private static ObjectNode put(ObjectNode json, UserPlan on) {
    json.put("plan", on.plan().orElse(null));
    on.next().ifPresentOrElse(
        next -> json.putObject("next_plan")
            .put("plan", next.plan().orElse(null))
            .put("at", next.at().toString()),
        () -> json.putNull("next_plan"));
    return json;
  }
}
