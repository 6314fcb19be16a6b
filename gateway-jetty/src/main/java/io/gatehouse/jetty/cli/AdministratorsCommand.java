package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.admin.Role;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Administers administrators: straight on the database also for who has lost the token of the configuration. */
@Command(name = "administrators", description = "Administers administrators.")
final class AdministratorsCommand {

  private static final String ID = "The id of the administrator, as administrators list shows it.";
  private static final String ONE = "administrators/{id}";

  private static final Columns TABLE =
      new Columns()
          .with("ID", "id")
          .with("NAME", "name")
          .with("ROLE", "role")
          .with("TENANT", "tenant")
          .with("TOKEN", row -> row.path("start").asText() + "...")
          .with("CREATED", "created_at");

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
          String tenant,
      @Mixin DryRun dryRun) {
    ObjectNode document =
        Answers.json().put("name", name).put("role", role.name().toLowerCase(Locale.ROOT));
    if (tenant != null) {
      document.put("tenant", tenant);
    }
    root.ask(api -> api.change(
        Ask.of("POST", "administrators").document(document),
        dryRun,
        made -> show(made, "Administrator " + name + " is made. The token is shown only this once.")));
  }

  @Command(name = "list", description = "Lists all administrators of the store, oldest first.")
  void list() {
    root.ask(api -> {
      ObjectNode all = api.rows(() -> Ask.get("administrators"), "administrators", Long.MAX_VALUE);
      JsonNode rows = all.path("administrators");
      root.answer(TABLE.table(rows), rows.isEmpty() ? "There are no administrators in the store." : "", all);
    });
  }

  @Command(name = "show", description = "Shows an administrator, without the token.")
  void show(@Parameters(paramLabel = "ID", description = ID) String id) {
    root.ask(api -> {
      ObjectNode administrator = find(api, id);
      root.answer(Columns.sheet(administrator), "", administrator);
    });
  }

  @Command(name = "rotate", description = "Makes another token and prints it; the old one ends at once.")
  void rotate(@Parameters(paramLabel = "ID", description = ID) String id, @Mixin DryRun dryRun) {
    root.ask(api -> api.change(
        Ask.of("POST", ONE + "/rotate", id),
        dryRun,
        () -> missing(id),
        after -> show(after, "The token of " + after.path("name").asText() + " is shown only this once.")));
  }

  @Command(name = "revoke", description = "Takes the right to administer away, at once.")
  void revoke(@Parameters(paramLabel = "ID", description = ID) String id, @Mixin DryRun dryRun) {
    root.ask(api -> {
      ObjectNode administrator = find(api, id);
      api.change(
          Ask.of("DELETE", ONE, id),
          dryRun,
          () -> missing(id),
          gone -> root.answer(
              "",
              "Administrator " + administrator.path("name").asText() + " is none any more.",
              administrator.put("deleted", true)));
    });
  }

  private static ObjectNode find(Api api, String id) {
    return api.ask(Ask.of("GET", ONE, id), () -> missing(id));
  }

  private static CommandFailure missing(String id) {
    return CommandFailure.missing(
        "there is no administrator with the id " + id, "see: gatehouse administrators list");
  }

  private void show(ObjectNode administrator, String message) {
    root.answer(administrator.path("token").asText() + System.lineSeparator(), message, administrator);
  }
}
