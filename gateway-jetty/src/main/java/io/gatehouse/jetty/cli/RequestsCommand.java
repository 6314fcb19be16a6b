package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Single requests of the request log. */
@Command(name = "requests", description = "Shows single requests of the request log.")
final class RequestsCommand {

  private static final Columns TABLE =
      new Columns()
          .with("TIME", "time")
          .with("STATUS", "status")
          .with("METHOD", "method")
          .with("TARGET", "target")
          .with("KEY", "key")
          .with("CLIENT", "client")
          .with("REFUSED", "refused")
          .with("RULE", "rule")
          .with("MS", "duration_ms");

  private final RootCommand root;

  RequestsCommand(RootCommand root) {
    this.root = root;
  }

  /** The options that say which requests. */
  static final class Which {

    @Option(names = {"-u", "--user"}, paramLabel = "NAME", description = "Of this user, by name or id.")
    private @Nullable String user;

    @Option(names = "--key", paramLabel = "ID", description = "Of the key with this id.")
    private @Nullable String key;

    @Option(names = "--status", paramLabel = "STATUS", description = "With this status, or of this class: 429, 4xx.")
    private @Nullable String status;

    @Mixin private Between between = new Between();

    Between between() {
      return between;
    }

    /** The user's id, when one was named. */
    @Nullable String userId(Api api) {
      return user == null ? null : api.userId(user);
    }

    Ask ask(@Nullable String userId) {
      return between.addTo(Ask.get("requests").query("user", userId).query("key", key).query("status", status));
    }
  }

  @Command(name = "list", description = "Lists requests, newest first; of the last 24 hours unless said.")
  void list(
      @Mixin Which which,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "50",
              description = "How many at the most; ${DEFAULT-VALUE} unless said. For very many: gatehouse export requests.")
          long limit) {
    root.ask(api -> {
      String user = which.userId(api);
      ObjectNode requests = api.rows(() -> which.ask(user), "requests", limit);
      JsonNode rows = requests.path("requests");
      root.answer(TABLE.table(rows), rows.isEmpty() ? "There are no such requests in the log." : "", requests);
    });
  }
}
