package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.access.Cidr;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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

/** Administers API keys. */
@Command(name = "keys", description = "Administers API keys.")
final class KeysCommand {

  private static final String ID = "The id of the key, as keys list shows it.";
  private static final String ONE = "keys/{id}";
  private static final String SCOPE =
      "What it may do: 'GET', '* /img/', 'POST /upload', or a permission of the application behind, 'images:write'; may be"
          + " repeated.";
  private static final String NETWORK = "From where it may be used: 192.0.2.0/24; may be repeated.";

  private final RootCommand root;
  private final Columns table;

  @Spec private CommandSpec spec;

  KeysCommand(RootCommand root) {
    this.root = root;
    this.table =
        new Columns()
            .with("ID", "id")
            .with("KEY", key -> key.path("start").asText().isEmpty() ? Columns.NONE : key.path("start").asText() + "...")
            .with("NAME", "name")
            .with("STATE", this::state)
            .with("SCOPES", key -> key.path("scopes").isEmpty() ? "all" : Columns.text(key.path("scopes")))
            .with("CREATED", "created_at")
            .with("LAST USED", key -> orNever(key.path("last_used_at")))
            .with("EXPIRES", key -> orNever(key.path("expires_at")))
            .with("REPLACES", "replaces");
  }

  /** When a key ends, said in one of several ways. */
  static final class Expiry {

    @Option(
        names = "--expires-in",
        paramLabel = "DURATION",
        converter = Arguments.DurationReader.class,
        description = "How long it lives from now on: 90d, 12h.")
    private @Nullable Duration in;

    @Option(
        names = "--expires-at",
        paramLabel = "TIME",
        converter = Arguments.MomentReader.class,
        description = "When it ends: 2027-01-31 (UTC), or 2027-01-31T12:00:00Z.")
    private @Nullable Instant at;

    @Option(names = "--no-expiry", description = "It lives for ever, as without any of these.")
    private boolean never;

    void addTo(ObjectNode document, Instant now) {
      Instant end = at != null ? at : in != null ? now.plus(in) : null;
      document.put("expires_at", end == null ? null : end.truncatedTo(ChronoUnit.MILLIS).toString());
    }
  }

  @Command(name = "create", description = "Makes a key and prints it. It can never be shown again.")
  void create(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Option(names = "--name", paramLabel = "LABEL", description = "A label for people.") @Nullable String label,
      @Option(names = "--scope", paramLabel = "SCOPE", description = SCOPE + " All unless said.")
          @Nullable
          List<String> scopes,
      @Option(
              names = "--network",
              paramLabel = "NETWORK",
              converter = Arguments.NetworkReader.class,
              description = NETWORK + " Where its user may call unless said.")
          @Nullable
          List<Cidr> networks,
      @ArgGroup(exclusive = true) @Nullable Expiry expiry,
      @Mixin DryRun dryRun) {
    ObjectNode document = terms(label, scopes, networks, expiry);
    root.ask(api -> {
      ObjectNode user = api.user(name);
      document.put("user", user.path("id").asText());
      api.change(
          Ask.of("POST", "keys").document(document),
          dryRun,
          made -> show(
              made,
              "Key " + id(made) + " of " + user.path("name").asText() + " is made. It is shown only this once."));
    });
  }

  /** What is said of a key; what is not said is left out. */
  private ObjectNode terms(
      @Nullable String label, @Nullable List<String> scopes, @Nullable List<Cidr> networks, @Nullable Expiry expiry) {
    ObjectNode document = Answers.json();
    if (label != null) {
      document.put("name", label);
    }
    if (scopes != null) {
      scopes.forEach(document.putArray("scopes")::add);
    }
    if (networks != null) {
      networks.stream().map(Cidr::toString).forEach(document.putArray("networks")::add);
    }
    if (expiry != null) {
      expiry.addTo(document, now());
    }
    return document;
  }

  @Command(name = "list", description = "Lists the keys of a user, oldest first.")
  void list(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Option(names = "--state", paramLabel = "STATE", description = "enabled or disabled.")
          UsersCommand.@Nullable State state,
      @Option(
              names = "--expires-before",
              paramLabel = "TIME",
              converter = Arguments.MomentReader.class,
              description = "Whose life is over at this moment.")
          @Nullable
          Instant before) {
    root.ask(api -> {
      ObjectNode user = api.user(name);
      ObjectNode keys =
          api.rows(
              () -> Ask.get("keys")
                  .query("user", user.path("id").asText())
                  .query("enabled", state == null ? null : state == UsersCommand.State.ENABLED)
                  .query("expires_before", before),
              "keys",
              Long.MAX_VALUE);
      JsonNode rows = keys.path("keys");
      root.answer(table.table(rows), rows.isEmpty() ? user.path("name").asText() + " has no keys." : "", keys);
    });
  }

  @Command(name = "show", description = "Shows a key, without its secret.")
  void show(@Parameters(paramLabel = "ID", description = ID) String id) {
    root.ask(api -> {
      ObjectNode key = find(api, id);
      root.answer(Columns.sheet(key), "", key);
    });
  }

  @Command(name = "change", description = "Changes what a key may do, what it is called, or when it ends.")
  void change(
      @Parameters(paramLabel = "ID", description = ID) String id,
      @Option(names = "--name", paramLabel = "LABEL", description = "A label for people.") @Nullable String label,
      @Option(names = "--scope", paramLabel = "SCOPE", description = SCOPE + " In place of those it has.")
          @Nullable
          List<String> scopes,
      @Option(names = "--no-scopes", description = "It may do everything.") boolean noScopes,
      @Option(
              names = "--network",
              paramLabel = "NETWORK",
              converter = Arguments.NetworkReader.class,
              description = NETWORK + " In place of those it has.")
          @Nullable
          List<Cidr> networks,
      @Option(names = "--no-networks", description = "It may be used from where its user may call.") boolean noNetworks,
      @ArgGroup(exclusive = true) @Nullable Expiry expiry,
      @Mixin DryRun dryRun) {
    CommandSpec own = spec.subcommands().get("change").getCommandSpec();
    if (scopes != null && noScopes || networks != null && noNetworks) {
      throw new ParameterException(own.commandLine(), "some and none at once (expected: one of the two)");
    }
    ObjectNode document =
        terms(label, noScopes ? List.of() : scopes, noNetworks ? List.of() : networks, expiry);
    if (document.isEmpty()) {
      throw new ParameterException(own.commandLine(), "nothing to change (expected: at least one option)");
    }
    patch(id, document, dryRun, "changed");
  }

  @Command(
      name = "rotate",
      description = "Makes a successor with the same rights and prints it; the old key ends after a time of grace.")
  void rotate(
      @Parameters(paramLabel = "ID", description = ID) String id,
      @Option(
              names = "--grace",
              paramLabel = "DURATION",
              defaultValue = "24h",
              converter = Arguments.DurationReader.class,
              description = "How long the old key goes on working; ${DEFAULT-VALUE} unless said.")
          Duration grace,
      @Mixin DryRun dryRun) {
    root.ask(api -> api.change(
        Ask.of("POST", ONE + "/rotate", id).document(Answers.json().put("grace", grace.toString())),
        dryRun,
        () -> missing(id),
        made -> show(
            made,
            "Key " + id(made) + " is shown only this once. Key " + id + " works until "
                + find(api, id).path("expires_at").asText() + ".")));
  }

  @Command(name = "revoke", description = "Deletes a key for good.")
  void revoke(@Parameters(paramLabel = "ID", description = ID) String id, @Mixin DryRun dryRun) {
    root.ask(api -> {
      ObjectNode key = find(api, id);
      api.change(
          Ask.of("DELETE", ONE, id),
          dryRun,
          () -> missing(id),
          gone -> root.answer("", "Key " + id + " is revoked.", key.put("deleted", true)));
    });
  }

  @Command(name = "disable", description = "Switches a key off until it is enabled again.")
  void disable(@Parameters(paramLabel = "ID", description = ID) String id, @Mixin DryRun dryRun) {
    patch(id, Answers.json().put("enabled", false), dryRun, "disabled");
  }

  @Command(name = "enable", description = "Undoes disable.")
  void enable(@Parameters(paramLabel = "ID", description = ID) String id, @Mixin DryRun dryRun) {
    patch(id, Answers.json().put("enabled", true), dryRun, "enabled");
  }

  private void patch(String id, ObjectNode document, DryRun dryRun, String deed) {
    root.ask(api -> api.change(
        Ask.of("PATCH", ONE, id).document(document),
        dryRun,
        () -> missing(id),
        key -> root.answer("", "Key " + id + " is " + deed + ".", key)));
  }

  @Command(
      name = "report",
      description = {
        "Suspends a key that has leaked, by the key itself. It says the same whether there is such a key or not.",
        "The key is read from a file, so that no list of processes shows it."
      })
  void report(
      @Option(
              names = "--key-file",
              required = true,
              paramLabel = "FILE",
              description = "The file with the key; - for standard input.")
          String file,
      @Mixin DryRun dryRun) {
    ObjectNode document = Answers.json().put("key", root.surroundings().text(file));
    root.ask(api -> api.change(
        Ask.of("POST", "keys/report").document(document),
        dryRun,
        reported -> root.answer("", "The key is reported. If there is such a key, it is suspended.", reported)));
  }

  private void show(ObjectNode made, String message) {
    root.answer(made.path("key").asText() + System.lineSeparator(), message, made);
  }

  private static ObjectNode find(Api api, String id) {
    return api.ask(Ask.of("GET", ONE, id), () -> missing(id));
  }

  static CommandFailure missing(String id) {
    return CommandFailure.missing("there is no key with the id " + id, "see: gatehouse keys list --user NAME");
  }

  private static String id(JsonNode key) {
    return key.path("id").asText();
  }

  private static String orNever(JsonNode moment) {
    return moment.isTextual() ? moment.asText() : "never";
  }

  private String state(JsonNode key) {
    if (key.path("suspension").isTextual()) {
      return key.path("suspension").asText();
    }
    JsonNode end = key.path("expires_at");
    return !key.path("enabled").asBoolean() ? "disabled"
        : end.isTextual() && !now().isBefore(Instant.parse(end.asText())) ? "expired" : "enabled";
  }

  private Instant now() {
    return root.surroundings().clock().instant();
  }
}
