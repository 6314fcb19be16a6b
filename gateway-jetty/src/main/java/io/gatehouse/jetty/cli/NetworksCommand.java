package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.access.Cidr;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** One of the two lists of networks of a user: from where they may call, and from where not. */
@Command
final class NetworksCommand {

  private static final String NETWORK = "A network or an address: 192.0.2.0/24, 2001:db8::1.";
  private static final Columns TABLE = new Columns().with("NETWORK", row -> row.asText());

  private final RootCommand root;
  private final String path;
  private final String whenEmpty;

  private NetworksCommand(RootCommand root, String path, String whenEmpty) {
    this.root = root;
    this.path = path;
    this.whenEmpty = whenEmpty;
  }

  /** From where users may call. */
  static NetworksCommand allowed(RootCommand root) {
    return new NetworksCommand(root, "users/{id}/whitelist", " may call from everywhere that is not denied.");
  }

  /** From where users may not call, whatever else is said. */
  static NetworksCommand denied(RootCommand root) {
    return new NetworksCommand(root, "users/{id}/denylist", " is denied no network.");
  }

  @Command(name = "list", description = "Lists the networks of a user.")
  void list(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER)
          String name) {
    root.ask(api -> {
      ObjectNode user = api.user(name);
      tell(user, api.ask(ask("GET", user), () -> Api.noUser(name)));
    });
  }

  @Command(name = "add", description = "Adds networks to those there are.")
  void add(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Parameters(
              arity = "1..*",
              paramLabel = "NETWORK",
              converter = Arguments.NetworkReader.class,
              description = NETWORK)
          List<Cidr> networks,
      @Mixin DryRun dryRun) {
    edit(name, dryRun, texts -> networks.forEach(network -> texts.add(network.toString())));
  }

  @Command(name = "remove", description = "Takes networks out of those there are.")
  void remove(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Parameters(
              arity = "1..*",
              paramLabel = "NETWORK",
              converter = Arguments.NetworkReader.class,
              description = NETWORK)
          List<Cidr> networks,
      @Mixin DryRun dryRun) {
    edit(name, dryRun, texts -> networks.forEach(network -> {
      if (!texts.remove(network.toString())) {
        throw CommandFailure.missing("the network " + network + " is not in the list of " + name, "");
      }
    }));
  }

  @Command(name = "set", description = "Replaces all networks of the list.")
  void set(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Parameters(
              arity = "1..*",
              paramLabel = "NETWORK",
              converter = Arguments.NetworkReader.class,
              description = NETWORK)
          List<Cidr> networks,
      @Mixin DryRun dryRun) {
    edit(name, dryRun, texts -> {
      texts.clear();
      networks.forEach(network -> texts.add(network.toString()));
    });
  }

  @Command(name = "clear", description = "Takes all networks out of the list.")
  void clear(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Mixin DryRun dryRun) {
    edit(name, dryRun, TreeSet::clear);
  }

  private void edit(String name, DryRun dryRun, Consumer<TreeSet<String>> change) {
    root.ask(api -> {
      ObjectNode user = api.user(name);
      api.edit(
          () -> ask("GET", user),
          () -> ask("PUT", user),
          document -> {
            TreeSet<String> texts = new TreeSet<>();
            document.path("networks").forEach(network -> texts.add(network.asText()));
            change.accept(texts);
            ArrayNode networks = document.putArray("networks");
            texts.forEach(networks::add);
          },
          dryRun,
          () -> Api.noUser(name),
          kept -> tell(user, kept));
    });
  }

  private Ask ask(String method, JsonNode user) {
    return Ask.of(method, path, user.path("id").asText());
  }

  private void tell(JsonNode user, ObjectNode networks) {
    JsonNode rows = networks.path("networks");
    root.answer(TABLE.table(rows), rows.isEmpty() ? user.path("name").asText() + whenEmpty : "", networks);
  }
}
