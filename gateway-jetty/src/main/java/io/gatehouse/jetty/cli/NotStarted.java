package io.gatehouse.jetty.cli;

import io.gatehouse.core.settings.Settings;
import java.io.IOException;
import java.net.BindException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in the words of an operator why a gateway cannot be started. */
final class NotStarted {

  /** Where Jetty names the address that it could not have. */
  private static final Pattern PORT = Pattern.compile(":([0-9]{1,5})$");

  private NotStarted() {}

  static CommandFailure because(IOException e, Settings settings) {
    int port = port(e, settings.server().port());
    boolean admin =
        port != settings.server().port()
            && settings.admin().listen().filter(listen -> listen.getPort() == port).isPresent();
    return because(
        e,
        port,
        "choose another one: "
            + (admin
                ? "admin.listen in the settings, or GATEHOUSE_ADMIN_LISTEN=127.0.0.1:N"
                : "server.port in the settings, or GATEHOUSE_SERVER_PORT=N"));
  }

  /**
   * The failure to start.
   *
   * @param help how to choose another port
   */
  static CommandFailure because(IOException e, int port, String help) {
    return bind(e)
        .map(
            bind ->
                new CommandFailure(
                    Exit.UNAVAILABLE, "cannot listen on port " + port(e, port) + ": " + bind.getMessage(), help, e))
        .orElseGet(() -> new CommandFailure(Exit.UNAVAILABLE, "cannot start: " + e.getMessage(), "", e));
  }

  /** Why an address could not be had, if that was the reason. */
  static Optional<BindException> bind(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindException bind) {
        return Optional.of(bind);
      }
    }
    return Optional.empty();
  }

  private static int port(IOException e, int otherwise) {
    Matcher named = PORT.matcher(String.valueOf(e.getMessage()));
    return named.find() ? Integer.parseInt(named.group(1)) : otherwise;
  }
}
