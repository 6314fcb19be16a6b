package io.gatehouse.jetty.cli;

import io.gatehouse.core.tls.PemException;
import io.gatehouse.core.tls.Trust;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Which gateway is asked and how, as options and environment say; options go before. */
final class Connection {

  private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(60);

  private final Surroundings surroundings;
  private final @Nullable URI server;
  private final @Nullable String tokenFile;
  private final @Nullable Path caFile;
  private final Duration timeout;

  Connection(
      Surroundings surroundings,
      @Nullable URI server,
      @Nullable String tokenFile,
      @Nullable Path caFile,
      @Nullable Duration timeout) {
    this.surroundings = surroundings;
    this.server = server;
    this.tokenFile = tokenFile;
    this.caFile = caFile;
    this.timeout = timeout == null ? USUAL_TIMEOUT : timeout;
  }

  /** The gateway that was named; empty: none was. */
  Optional<URI> server() {
    return server != null ? Optional.of(valid(server)) : variable(Names.SERVER).map(URI::create).map(Connection::valid);
  }

  private static URI valid(URI named) {
    boolean http = "http".equalsIgnoreCase(named.getScheme()) || "https".equalsIgnoreCase(named.getScheme());
    if (!http || named.getHost() == null || named.getRawQuery() != null || named.getRawFragment() != null) {
      throw new CommandFailure(
          Exit.USAGE, "server: " + named + " (expected: an address such as https://gateway:8081)", "");
    }
    return named;
  }

  /** The token that was said; empty: none was. */
  Optional<String> token() {
    if (tokenFile != null) {
      return Optional.of(surroundings.text(tokenFile));
    }
    Optional<String> file = variable(Names.TOKEN_FILE);
    return file.isPresent() ? file.map(surroundings::text) : variable(Names.TOKEN);
  }

  /** The way to a gateway, with the token that was said. */
  ServerWay way(URI to) {
    String token =
        token()
            .orElseThrow(
                () -> new CommandFailure(
                    Exit.USAGE,
                    "no administrator's token for " + to,
                    "--token-file FILE, or " + Names.TOKEN_FILE + " or " + Names.TOKEN + " in the environment"));
    return way(to, token);
  }

  ServerWay way(URI to, String token) {
    if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new CommandFailure(Exit.USAGE, "the token is none (expected: one line of visible characters)", "");
    }
    return new ServerWay(to, token, trust(), timeout);
  }

  private @Nullable SSLContext trust() {
    Optional<Path> file =
        Optional.ofNullable(caFile).or(() -> variable(Names.CA_FILE).map(Path::of));
    try {
      return file.isEmpty() ? null : Trust.of(surroundings.workingDirectory().resolve(file.get())).context();
    } catch (PemException e) {
      throw new CommandFailure(Exit.FAILED, e.getMessage(), "", e);
    }
  }

  private Optional<String> variable(String name) {
    Map<String, String> environment = surroundings.environment();
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }
}
