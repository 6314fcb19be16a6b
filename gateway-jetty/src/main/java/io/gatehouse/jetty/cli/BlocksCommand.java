package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.Enforcement;
import io.gatehouse.access.Block;
import io.gatehouse.access.Cidr;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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

/** Who is kept out. */
@Command(name = "blocks", description = "Keeps networks, countries, keys and users out, and lets them in again.")
final class BlocksCommand {

  private static final String ID = "The id of the block, as blocks list shows it.";
  private static final String ONE = "blocks/{id}";
  private static final String FORCE = "Even if that keeps out the address from which this is asked.";

  private static final Columns TABLE =
      new Columns()
          .with("ID", "id")
          .with("KIND", "kind")
          .with("VALUE", "value")
          .with("ENFORCEMENT", "enforcement")
          .with("SOURCE", "source")
          .with("STRIKES", "strikes")
          .with("CREATED", "created_at")
          .with("EXPIRES", row -> row.path("expires_at").isTextual() ? row.path("expires_at").asText() : "never")
          .with("REASON", "reason");

  private final RootCommand root;

  @Spec private CommandSpec spec;

  BlocksCommand(RootCommand root) {
    this.root = root;
  }

  /** Who is kept out, said in one of several ways. */
  static final class Whom {

    @Parameters(
        index = "0",
        paramLabel = "NETWORK",
        converter = Arguments.NetworkReader.class,
        description = "A network or an address: 203.0.113.0/24.")
    private @Nullable Cidr network;

    @Option(names = "--country", paramLabel = "CODE", description = "A country, by its two letters: DE.")
    private @Nullable String country;

    @Option(names = "--key", paramLabel = "ID", description = "A key, by its id.")
    private @Nullable String key;

    @Option(names = {"-u", "--user"}, paramLabel = "NAME", description = UsersCommand.USER)
    private @Nullable String user;

    void addTo(ObjectNode document, Api api) {
      if (network != null) {
        document.put("kind", "network").put("value", network.toString());
      } else if (country != null) {
        document.put("kind", "country").put("value", country.toUpperCase(Locale.ROOT));
      } else if (key != null) {
        document.put("kind", "key").put("value", key);
      } else {
        document.put("kind", "user").put("value", api.userId(String.valueOf(user)));
      }
    }
  }

  /** How long, said in one of several ways. */
  static final class HowLong {

    @Option(
        names = "--for",
        paramLabel = "DURATION",
        converter = Arguments.DurationReader.class,
        description = "For how long from now on: 1h, 7d.")
    private @Nullable Duration duration;

    @Option(
        names = "--until",
        paramLabel = "TIME",
        converter = Arguments.MomentReader.class,
        description = "Until when: 2027-01-31 (UTC), or 2027-01-31T12:00:00Z.")
    private @Nullable Instant until;

    @Option(names = "--for-good", description = "Until it is removed, as without any of these.")
    private boolean forGood;

    void addTo(ObjectNode document, Instant now) {
      Instant end = until != null ? until : duration != null ? now.plus(duration) : null;
      document.put("expires_at", end == null ? null : end.truncatedTo(ChronoUnit.MILLIS).toString());
    }
  }

  @Command(name = "list", description = "Lists who is kept out.")
  void list(
      @Option(names = "--kind", paramLabel = "KIND", description = "network, country, key or user.") Block.@Nullable Kind kind,
      @Option(names = "--source", paramLabel = "SOURCE", description = "administrator, or automatic: by the gateway itself.")
          Block.@Nullable Source source,
      @Option(names = "--enforcement", paramLabel = "HOW", description = "enforced or shadow.")
          @Nullable
          Enforcement enforcement) {
    root.ask(api -> {
      ObjectNode blocks =
          api.rows(
              () -> Ask.get("blocks")
                  .query("kind", name(kind))
                  .query("source", name(source))
                  .query("enforcement", name(enforcement)),
              "blocks",
              Long.MAX_VALUE);
      JsonNode rows = blocks.path("blocks");
      root.answer(TABLE.table(rows), rows.isEmpty() ? "Nobody is kept out." : "", blocks);
    });
  }

  private static @Nullable String name(@Nullable Enum<?> choice) {
    return choice == null ? null : choice.name().toLowerCase(Locale.ROOT);
  }

  @Command(name = "show", description = "Shows a block.")
  void show(@Parameters(paramLabel = "ID", description = ID) String id) {
    root.ask(api -> {
      ObjectNode block = api.ask(Ask.of("GET", ONE, id), () -> missing(id));
      root.answer(Columns.sheet(block), "", block);
    });
  }

  @Command(name = "add", description = "Keeps somebody out, at once on all nodes, and prints the id of the block.")
  void add(
      @ArgGroup(multiplicity = "1") Whom whom,
      @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for those who ask later.") @Nullable String reason,
      @ArgGroup(exclusive = true) @Nullable HowLong howLong,
      @Option(names = "--shadow", description = "Refuses nobody, and only counts whom it would.") boolean shadow,
      @Option(names = "--force", description = FORCE) boolean force,
      @Mixin DryRun dryRun) {
    ObjectNode document = Answers.json();
    if (reason != null) {
      document.put("reason", reason);
    }
    if (howLong != null) {
      howLong.addTo(document, now());
    }
    if (shadow) {
      document.put("enforcement", "shadow");
    }
    root.ask(api -> {
      whom.addTo(document, api);
      api.change(
          Ask.of("POST", "blocks").query("force", force ? true : null).document(document),
          dryRun,
          block -> root.answer(block.path("id").asText() + System.lineSeparator(), sentence(block), block));
    });
  }

  @Command(name = "change", description = "Changes for how long and why somebody is kept out, and whether.")
  void change(
      @Parameters(paramLabel = "ID", description = ID) String id,
      @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for those who ask later.") @Nullable String reason,
      @ArgGroup(exclusive = true) @Nullable HowLong howLong,
      @Option(names = "--enforcement", paramLabel = "HOW", description = "enforced or shadow.") @Nullable
          Enforcement enforcement,
      @Option(names = "--force", description = FORCE) boolean force,
      @Mixin DryRun dryRun) {
    ObjectNode document = Answers.json();
    if (reason != null) {
      document.put("reason", reason);
    }
    if (howLong != null) {
      howLong.addTo(document, now());
    }
    if (enforcement != null) {
      document.put("enforcement", name(enforcement));
    }
    if (document.isEmpty()) {
      throw new ParameterException(
          spec.subcommands().get("change"), "nothing to change (expected: at least one option)");
    }
    root.ask(api -> api.change(
        Ask.of("PATCH", ONE, id).query("force", force ? true : null).document(document),
        dryRun,
        () -> missing(id),
        block -> root.answer("", sentence(block), block)));
  }

  @Command(name = "remove", description = "Lets somebody in again.")
  void remove(@Parameters(paramLabel = "ID", description = ID) String id, @Mixin DryRun dryRun) {
    root.ask(api -> {
      ObjectNode block = api.ask(Ask.of("GET", ONE, id), () -> missing(id));
      api.change(
          Ask.of("DELETE", ONE, id),
          dryRun,
          () -> missing(id),
          gone -> root.answer("", "Block " + id + " is removed.", block.put("deleted", true)));
    });
  }

  private Instant now() {
    return root.surroundings().clock().instant();
  }

  private static String sentence(JsonNode block) {
    String end = block.path("expires_at").isTextual() ? " until " + block.path("expires_at").asText() : "";
    String how = block.path("enforcement").asText().equals("shadow") ? " would be kept out" : " is kept out";
    return "The " + block.path("kind").asText() + " " + block.path("value").asText() + how + end + ".";
  }

  private static CommandFailure missing(String id) {
    return CommandFailure.missing(
        "there is no block with the id " + id + ", or it has ended", "see: gatehouse blocks list");
  }
}
