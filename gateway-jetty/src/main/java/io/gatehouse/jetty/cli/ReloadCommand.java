package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gatehouse.core.settings.Fault;
import io.gatehouse.core.settings.Secret;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsException;
import io.gatehouse.core.setup.DataDirectory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
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

  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** The gateway may have to wait for its database, and for names of backends. */
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RootCommand root;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "Where administration of the gateway is; by default on this machine, as the settings say.")
  private @Nullable URI url;

  ReloadCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() throws InterruptedException {
    Settings settings = root.settings().settings();
    URI target = (url != null ? url : local(settings)).resolve("/api/v1/reload");
    HttpResponse<String> response = post(target, token(settings));
    JsonNode body = json(response.body());
    if (response.statusCode() == 200) {
      root.answer(text(body), "", body);
      return Exit.OK;
    }
    if (response.statusCode() == 409) {
      throw new SettingsException(faults(body));
    }
    throw new CommandFailure(
        target + " answered " + response.statusCode() + ": " + body.path("detail").asText("no gateway"),
        response.statusCode() == 401
            ? "the gateway was started with another admin.token or data_dir than these settings say"
            : "");
  }

  /** Where administration is as the settings say, seen from this machine. */
  private static URI local(Settings settings) {
    Optional<InetSocketAddress> own = settings.admin().listen();
    boolean secure = own.isPresent() ? settings.admin().tls() : settings.server().tls().isPresent();
    String host = own.map(InetSocketAddress::getHostString).orElse(settings.server().host());
    int port = own.map(InetSocketAddress::getPort).orElse(settings.server().port());
    if (port == 0) {
      throw new CommandFailure("the settings do not say on which port the gateway is", "name it with --url");
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

  private static HttpResponse<String> post(URI target, String token) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(target)
            .timeout(ANSWER)
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    try {
      return HttpClient.newBuilder().connectTimeout(CONNECT).version(HttpClient.Version.HTTP_1_1).build()
          .send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new CommandFailure(
          Exit.UNAVAILABLE,
          "the gateway at " + target.resolve("/") + " cannot be asked: " + e,
          "is it running? --url names another place; on its own machine kill -HUP does the same",
          e);
    }
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

  private static JsonNode json(String body) {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return Answers.json(); // of something else than a gateway
    }
  }
}
