package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.core.settings.Fault;
import io.gatehouse.core.settings.Secret;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.setup.DataDirectory;
import io.gatehouse.jetty.admin.Reply;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Asks the gateway that runs with these settings to read them again. */
@Command(
    name = "reload",
    description = {
      "Has the running gateway read its settings again.",
      "They are checked here first. What only a restart can change is named, and waits. With faults nothing changes, and"
          + " the exit code is 78."
    })
final class ReloadCommand implements Callable<Integer> {

  private final RootCommand root;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The older name of --server; by default on this machine, as the settings say.")
  private @Nullable URI url;

  ReloadCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() {
    Connection connection = root.connection();
    Optional<URI> named = connection.server().or(() -> Optional.ofNullable(url));
    Optional<String> said = connection.token();
    // On the machine of the gateway its settings tell where it is, and are checked before it is asked.
    boolean bySettings = named.isEmpty() || said.isEmpty();
    Optional<Settings> settings = bySettings ? Optional.of(root.settings().settings()) : Optional.empty();
    URI target = named.orElseGet(() -> local(settings.orElseThrow()));
    String token = said.orElseGet(() -> token(settings.orElseThrow()));
    try (Way way = connection.way(target, token)) {
      Reply reply = new Api(way, root).reply(Ask.of("POST", "reload"));
      ObjectNode body = (ObjectNode) reply.document().orElseGet(Answers::json);
      if (reply.status() == 409 && body.path("type").asText().endsWith(":settings-faulty")) {
        throw new SettingsException(faults(body));
      }
      if (reply.status() != 200) {
        throw Refused.by(way, reply);
      }
      root.answer(text(body), "", body);
      return Exit.OK;
    }
  }

  /** Where administration is as the settings say, seen from this machine. */
  private static URI local(Settings settings) {
    Optional<InetSocketAddress> own = settings.admin().listen();
    boolean secure = own.isPresent() ? settings.admin().tls() : settings.server().tls().isPresent();
    String host = own.map(InetSocketAddress::getHostString).orElse(settings.server().host());
    int port = own.map(InetSocketAddress::getPort).orElse(settings.server().port());
    if (port == 0) {
      throw new CommandFailure("the settings do not say on which port the gateway is", "name it with --server");
    }
    boolean any = host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
    String shown = any ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
    return URI.create((secure ? "https://" : "http://") + shown + ":" + port);
  }

  private static String token(Settings settings) {
    return settings
        .admin()
        .token()
        .map(Secret::reveal)
        .or(() -> new DataDirectory(settings.dataDir()).known(DataDirectory.ADMIN_TOKEN))
        .orElseThrow(
            () -> new CommandFailure(
                "there is no administrator's token in " + settings.dataDir(),
                "run this with the settings, and as the user, of the gateway"));
  }

  /** What the gateway finds wrong, as it is told of settings that are read here. */
  private static List<Fault> faults(JsonNode body) {
    List<Fault> faults = new ArrayList<>();
    for (JsonNode error : body.path("errors")) {
      faults.add(
          new Fault(
              error.path("source").asText(),
              error.path("line").asInt(),
              error.path("column").asInt(),
              error.path("field").asText(),
              error.path("detail").asText(),
              error.path("hint").asText()));
    }
    return faults;
  }

  private static String text(JsonNode body) {
    StringBuilder text = new StringBuilder();
    text.append(body.path("changed").isEmpty() ? "nothing to change" : "changed:").append('\n');
    body.path("changed").forEach(name -> text.append("  ").append(name.asText()).append('\n'));
    if (!body.path("waiting_for_restart").isEmpty()) {
      text.append("waiting for a restart:\n");
      body.path("waiting_for_restart").forEach(name -> text.append("  ").append(name.asText()).append('\n'));
    }
    return text.toString();
  }
}
