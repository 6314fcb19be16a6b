package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.key.IssuedKey;
import io.gatehouse.core.key.KeyTerms;
import io.gatehouse.core.setup.Stores;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Administers API keys, straight on the database; a running gateway knows within a second. */
@Command(name = "keys", description = "Administers API keys, beside a running gateway or without one.")
final class KeysCommand {

  private static final String ID = "The id of the key, as keys list shows it.";
  private static final String USER = "The name or the id of the user.";

  private final RootCommand root;

  KeysCommand(RootCommand root) {
    this.root = root;
  }

  /** When a key ends, said in one of two ways. */
  static final class Expiry {

    @Option(
        names = "--expires-in",
        paramLabel = "DURATION",
        converter = Arguments.DurationReader.class,
        description = "How long it lives: 90d, 12h. For ever unless said.")
    private @Nullable Duration in;

    @Option(
        names = "--expires-at",
        paramLabel = "TIME",
        converter = Arguments.MomentReader.class,
        description = "When it ends: 2027-01-31 (UTC), or 2027-01-31T12:00:00Z.")
    private @Nullable Instant at;

    Instant after(Instant now) {
      return at != null ? at : now.plus(in);
    }
  }

  @Command(name = "create", description = "Makes a key and prints it. It can never be shown again.")
  void create(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = USER) String name,
      @Option(names = "--name", paramLabel = "LABEL", defaultValue = "", description = "A label for people.")
          String label,
      @Option(
              names = "--scope",
              paramLabel = "SCOPE",
              description = "What it may do: 'GET', '* /img/', 'POST /upload', or a permission of the application behind,"
                  + " 'images:write'; may be repeated. All unless said.")
          @Nullable
          List<String> scopes,
      @Option(
              names = "--network",
              paramLabel = "NETWORK",
              converter = Arguments.NetworkReader.class,
              description = "From where it may be used: 192.0.2.0/24; may be repeated. Where its user may call unless said.")
          @Nullable
          List<Cidr> networks,
      @ArgGroup(exclusive = true) @Nullable Expiry expiry) {
    root.withChange(
        "addKey",
        change -> {
          Stores stores = change.stores();
          User user = UsersCommand.find(stores.users(), name);
          Optional<Instant> end =
              Optional.ofNullable(expiry)
                  .map(said -> said.after(now()).truncatedTo(ChronoUnit.MILLIS));
          KeyTerms terms = new KeyTerms(
              label,
              scopes == null ? Set.of() : Set.copyOf(scopes),
              networks == null ? List.of() : networks,
              end);
          IssuedKey issued = stores.issuer().issue(user.id(), terms);
          change.enter("keys/" + issued.key().id(), Optional.empty(), Optional.of(json(issued.key())));
          show(change, issued, "Key " + issued.key().id() + " of " + user.name() + " is made. It is shown only this once.");
        });
  }

  @Command(name = "list", description = "Lists the keys of a user, oldest first.")
  void list(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = USER) String name) {
    root.withStores(
        stores -> {
          User user = UsersCommand.find(stores.users(), name);
          Table table = new Table("ID", "KEY", "NAME", "STATE", "SCOPES", "CREATED", "LAST USED", "EXPIRES", "REPLACES");
          ObjectNode json = Answers.json();
          ArrayNode rows = json.putArray("keys");
          List<ApiKey> keys = stores.keys().keysOf(user.id());
          Map<String, Instant> uses = stores.keys().lastUses(keys.stream().map(ApiKey::id).toList());
          for (ApiKey key : keys) {
            Optional<Instant> lastUse = Optional.ofNullable(uses.get(key.id()));
            table.row(
                key.id(),
                key.start().isEmpty() ? "-" : key.start() + "...",
                key.name().isEmpty() ? "-" : key.name(),
                state(key),
                key.scopes().isEmpty() ? "all" : String.join(", ", new TreeSet<>(key.scopes())),
                key.createdAt().toString(),
                lastUse.map(Instant::toString).orElse("never"),
                key.expiresAt().map(Instant::toString).orElse("never"),
                key.replaces().orElse("-"));
            rows.add(json(key).put("last_used_at", lastUse.map(Instant::toString).orElse(null)));
          }
          root.answer(table.toString(), rows.isEmpty() ? user.name() + " has no keys." : "", json);
        });
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
          Duration grace) {
    root.withChange(
        "rotateKey",
        change -> {
          Stores stores = change.stores();
          ApiKey before = find(stores, id);
          IssuedKey issued = stores.issuer().rotate(id, grace).orElseThrow(() -> missing(id));
          ApiKey after = find(stores, id);
          Instant end = after.expiresAt().orElseThrow();
          change.enter("keys/" + id, Optional.of(json(before)), Optional.of(json(after)));
          change.enter("keys/" + issued.key().id(), Optional.empty(), Optional.of(json(issued.key())));
          show(
              change,
              issued,
              "Key " + issued.key().id() + " is shown only this once. Key " + id + " works until " + end + ".");
        });
  }

  @Command(
      name = "import",
      description = {
        "Takes over keys that somebody else has made, by their hashes: SHA-256 as 64 hexadecimal digits, or bcrypt.",
        "FILE has a record a line, with commas between the values. The first line names the columns: user and hash, and if"
            + " wanted start, name, scopes, networks and expires_at; several scopes or networks have a ; between them. The"
            + " start of a key, 6 to 32 characters, is needed with bcrypt.",
        "All lines are imported, or none."
      })
  void importKeys(
      @Parameters(paramLabel = "FILE", description = "The file; UTF-8.") Path file,
      @Option(names = "--dry-run", description = "Checks everything and imports nothing.") boolean dryRun) {
    root.withStores(
        stores -> {
          ImportFile keys = read(root.surroundings().workingDirectory().resolve(file), stores);
          int count = keys.lines().size();
          String what = count + (count == 1 ? " key" : " keys");
          ObjectNode json = Answers.json().put("keys", count).put("dry_run", dryRun);
          if (dryRun) {
            root.answer("", what + " could be imported.", json);
          } else {
            root.change(
                stores,
                "importKeys",
                change -> {
                  add(keys, stores);
                  change.enter("keys", Optional.empty(), Optional.of(Answers.json().put("imported", count)));
                  change.answer("", what + " imported.", json);
                });
          }
        });
  }

  private ImportFile read(Path path, Stores stores) {
    ImportFile keys = new ImportFile(path, stores);
    try (Progress progress = Progress.start(root.surroundings(), keys::bytesRead, Files.size(path))) {
      keys.read();
    } catch (NoSuchFileException e) {
      throw new CommandFailure(Exit.FAILED, "there is no file " + e.getMessage(), "", e);
    } catch (IOException e) {
      throw new CommandFailure(Exit.FAILED, "cannot read " + path + ": " + e.getMessage(), "", e);
    }
    if (!keys.faults().isEmpty()) {
      throw new CommandFailure(
          "nothing is imported, since not all lines are in order:" + System.lineSeparator() + "  "
              + String.join(System.lineSeparator() + "  ", keys.faults()),
          "");
    }
    return keys;
  }

  private void add(ImportFile keys, Stores stores) {
    AtomicLong done = new AtomicLong();
    long bytes = keys.lines().stream().mapToLong(ImportFile.Line::bytes).sum();
    try (Progress progress = Progress.start(root.surroundings(), done::get, bytes)) {
      stores.keys().importKeys(() -> keys.lines().stream()
          .peek(line -> done.addAndGet(line.bytes()))
          .map(ImportFile.Line::key)
          .iterator());
    }
  }

  @Command(name = "peppers", description = "Says how many keys were digested with which pepper.")
  void peppers() {
    root.withStores(
        stores -> {
          Map<Integer, Long> counts = new TreeMap<>(stores.keys().keysByVersion());
          Set<Integer> known = new TreeSet<>();
          stores.peppers().all().forEach(pepper -> known.add(pepper.version()));
          known.forEach(version -> counts.putIfAbsent(version, 0L));
          Table table = new Table("PEPPER", "KEYS", "STATE");
          ObjectNode json = Answers.json();
          ArrayNode rows = json.putArray("peppers");
          counts.forEach((version, count) -> {
            String state = version == KeyDigest.UNPEPPERED ? "imported"
                : version == stores.peppers().inUse().version() ? "in use"
                : known.contains(version) ? "looked under" : "missing";
            table.row(version == KeyDigest.UNPEPPERED ? "-" : version.toString(), count.toString(), state);
            rows.addObject().put("pepper", version).put("keys", count).put("state", state);
          });
          root.answer(table.toString(), "", json);
        });
  }

  @Command(name = "revoke", description = "Deletes a key for good.")
  void revoke(@Parameters(paramLabel = "ID", description = ID) String id) {
    root.withChange(
        "deleteKey",
        change -> {
          ApiKey key = find(change.stores(), id);
          if (!change.stores().keys().deleteKey(id)) {
            throw missing(id);
          }
          change.enter("keys/" + id, Optional.of(json(key)), Optional.empty());
          change.answer("", "Key " + id + " is revoked.", json(key).put("deleted", true));
        });
  }

  @Command(name = "disable", description = "Switches a key off until it is enabled again.")
  void disable(@Parameters(paramLabel = "ID", description = ID) String id) {
    enabled(id, false);
  }

  @Command(name = "enable", description = "Undoes disable.")
  void enable(@Parameters(paramLabel = "ID", description = ID) String id) {
    enabled(id, true);
  }

  private void enabled(String id, boolean enabled) {
    root.withChange(
        "changeKey",
        change -> {
          ApiKey before = find(change.stores(), id);
          ApiKey key = before.withEnabled(enabled);
          if (!change.stores().keys().updateKey(key)) {
            throw missing(id);
          }
          change.enter("keys/" + id, Optional.of(json(before)), Optional.of(json(key)));
          change.answer("", "Key " + id + " is " + (enabled ? "enabled" : "disabled") + ".", json(key));
        });
  }

  private static void show(Change change, IssuedKey issued, String message) {
    ObjectNode json = Answers.json().put("key", issued.secret());
    json.setAll(json(issued.key()));
    change.answer(issued.secret() + System.lineSeparator(), message, json);
  }

  private static ApiKey find(Stores stores, String id) {
    return stores.keys().key(id).orElseThrow(() -> missing(id));
  }

  private static CommandFailure missing(String id) {
    return new CommandFailure("there is no key with the id " + id, "see: gatehouse keys list --user NAME");
  }

  private String state(ApiKey key) {
    return key.suspension().isPresent() ? key.suspension().get()
        : !key.enabled() ? "disabled"
        : key.expiredAt(now()) ? "expired" : "enabled";
  }

  private Instant now() {
    return root.surroundings().clock().instant();
  }

  private static ObjectNode json(ApiKey key) {
    ObjectNode json =
        Answers.json()
            .put("id", key.id())
            .put("user", key.user())
            .put("name", key.name())
            .put("start", key.start());
    ArrayNode scopes = json.putArray("scopes");
    new TreeSet<>(key.scopes()).forEach(scopes::add);
    ArrayNode networks = json.putArray("networks");
    key.networks().forEach(network -> networks.add(network.toString()));
    return json.put("enabled", key.enabled())
        .put("suspension", key.suspension().orElse(null))
        .put("created_at", key.createdAt().toString())
        .put("expires_at", key.expiresAt().map(Instant::toString).orElse(null))
        .put("replaces", key.replaces().orElse(null))
        .put("replaced_by", key.replacedBy().orElse(null));
  }
}
