package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.key.TimeOrderedId;
import io.gatehouse.key.User;
import io.gatehouse.key.UserAdmin;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Administers users, straight on the database; a running gateway knows within a second. */
@Command(name = "users", description = "Administers users, beside a running gateway or without one.")
final class UsersCommand {

  private static final String USER = "The name or the id of the user.";
  private static final int PAGE = 1000;

  private final RootCommand root;

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
          change.enter("users/" + user.id(), Optional.empty(), Optional.of(json(user)));
          change.answer(
              user.id() + System.lineSeparator(),
              "User " + name + " is made. Next: gatehouse keys create --user " + quoted(name),
              json(user));
        });
  }

  @Command(name = "list", description = "Lists all users, oldest first.")
  void list() {
    root.withStores(
        stores -> {
          Table table = new Table("ID", "NAME", "TENANT", "STATE", "CREATED");
          ObjectNode json = Answers.json();
          ArrayNode rows = json.putArray("users");
          String after = "";
          List<User> page;
          do {
            page = stores.users().users(after, PAGE);
            for (User user : page) {
              table.row(
                  user.id(),
                  user.name(),
                  user.tenant().orElse("-"),
                  state(user),
                  user.createdAt().toString());
              rows.add(json(user));
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
          if (!change.stores().users().deleteUser(user.id())) {
            throw missing(name);
          }
          change.enter("users/" + user.id(), Optional.of(json(user)), Optional.empty());
          change.answer("", "User " + user.name() + " is deleted.", json(user).put("deleted", true));
        });
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
          change.enter("users/" + user.id(), Optional.of(json(before)), Optional.of(json(user)));
          change.answer("", "User " + user.name() + " is " + state(user) + ".", json(user));
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

  private static ObjectNode json(User user) {
    return Answers.json()
        .put("id", user.id())
        .put("name", user.name())
        .put("enabled", user.enabled())
        .put("created_at", user.createdAt().toString())
        .put("tenant", user.tenant().orElse(null));
  }
}
