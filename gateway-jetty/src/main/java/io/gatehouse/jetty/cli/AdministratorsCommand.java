package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.admin.Administrator;
import io.gatehouse.admin.AdministratorAdmin;
import io.gatehouse.admin.Role;
import io.gatehouse.core.key.AdministratorTokens;
import io.gatehouse.core.key.TimeOrderedId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Administers administrators, straight on the database: also for who has lost the token of the configuration. */
@Command(name = "administrators", description = "Administers administrators, beside a running gateway or without one.")
final class AdministratorsCommand {

  private static final String ID = "The id of the administrator, as administrators list shows it.";
  private static final int PAGE = 1000;

  private final RootCommand root;

  AdministratorsCommand(RootCommand root) {
    this.root = root;
  }

  @Command(name = "create", description = "Makes an administrator and prints their token. It can never be shown again.")
  void create(
      @Parameters(paramLabel = "NAME", description = "A label for people.") String name,
      @Option(
              names = "--role",
              required = true,
              paramLabel = "ROLE",
              description = "What they may do: owner, operator, viewer, tenant or registrar.")
          Role role,
      @Option(names = "--tenant", paramLabel = "TENANT", description = "Whose users they administer, with the role tenant.")
          @Nullable
          String tenant) {
    root.withChange(
        "addAdministrator",
        change -> {
          AdministratorTokens.Issued issued = change.stores().tokens().issue();
          Administrator fresh =
              new Administrator(
                  TimeOrderedId.next(root.surroundings().clock()),
                  name,
                  role,
                  Optional.ofNullable(tenant),
                  issued.start(),
                  root.surroundings().clock().instant().truncatedTo(ChronoUnit.MILLIS));
          change.stores().administrators().addAdministrator(fresh, issued.digest());
          change.enter(object(fresh), Optional.empty(), Optional.of(json(fresh)));
          show(change, issued, fresh, "Administrator " + name + " is made. The token is shown only this once.");
        });
  }

  @Command(name = "list", description = "Lists all administrators of the store, oldest first.")
  void list() {
    root.withStores(
        stores -> {
          Table table = new Table("ID", "NAME", "ROLE", "TENANT", "TOKEN", "CREATED");
          ObjectNode json = Answers.json();
          ArrayNode rows = json.putArray("administrators");
          String after = "";
          List<Administrator> page;
          do {
            page = stores.administrators().administrators(after, PAGE);
            for (Administrator each : page) {
              table.row(
                  each.id(),
                  each.name(),
                  name(each.role()),
                  each.tenant().orElse("-"),
                  each.start() + "...",
                  each.createdAt().toString());
              rows.add(json(each));
              after = each.id();
            }
          } while (page.size() == PAGE);
          root.answer(table.toString(), rows.isEmpty() ? "There are no administrators in the store." : "", json);
        });
  }

  @Command(name = "rotate", description = "Makes another token and prints it; the old one ends at once.")
  void rotate(@Parameters(paramLabel = "ID", description = ID) String id) {
    root.withChange(
        "rotateToken",
        change -> {
          AdministratorAdmin administrators = change.stores().administrators();
          Administrator before = find(administrators, id);
          AdministratorTokens.Issued issued = change.stores().tokens().issue();
          Administrator after = before.withStart(issued.start());
          administrators.replaceToken(id, issued.start(), issued.digest());
          change.enter(object(after), Optional.of(json(before)), Optional.of(json(after)));
          show(change, issued, after, "The token of " + after.name() + " is shown only this once.");
        });
  }

  @Command(name = "revoke", description = "Takes the right to administer away, at once.")
  void revoke(@Parameters(paramLabel = "ID", description = ID) String id) {
    root.withChange(
        "revokeAdministrator",
        change -> {
          Administrator administrator = find(change.stores().administrators(), id);
          change.stores().administrators().deleteAdministrator(id);
          change.enter(object(administrator), Optional.of(json(administrator)), Optional.empty());
          change.answer(
              "",
              "Administrator " + administrator.name() + " is none any more.",
              json(administrator).put("deleted", true));
        });
  }

  private static Administrator find(AdministratorAdmin administrators, String id) {
    return administrators
        .administrator(id)
        .orElseThrow(() -> new CommandFailure(
            "there is no administrator with the id " + id, "see: gatehouse administrators list"));
  }

  private static void show(Change change, AdministratorTokens.Issued issued, Administrator whose, String message) {
    ObjectNode json = Answers.json().put("token", issued.token());
    json.setAll(json(whose));
    change.answer(issued.token() + System.lineSeparator(), message, json);
  }

  private static String object(Administrator administrator) {
    return "administrators/" + administrator.id();
  }

  private static String name(Role role) {
    return role.name().toLowerCase(Locale.ROOT);
  }

  private static ObjectNode json(Administrator administrator) {
    return Answers.json()
        .put("id", administrator.id())
        .put("name", administrator.name())
        .put("role", name(administrator.role()))
        .put("tenant", administrator.tenant().orElse(null))
        .put("start", administrator.start())
        .put("created_at", administrator.createdAt().toString());
  }
}
