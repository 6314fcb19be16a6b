package io.gatehouse.jetty.cli;

import io.gatehouse.core.settings.Effective;
import io.gatehouse.core.settings.ObservabilitySettings;
import io.gatehouse.core.settings.ObservabilitySettings.LogFormat;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.settings.SettingsSource;
import io.gatehouse.jetty.log.Logging;
import io.gatehouse.jetty.server.GatewayServer;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Runs the gateway until it is asked to stop. */
@Command(
    name = "run",
    description = {
      "Runs the gateway.",
      "SIGTERM and Ctrl-C stop it: new connections are refused, requests under way get server.shutdown_timeout, and"
          + " the exit code is 0. SIGHUP has the settings read again."
    })
final class RunCommand implements Callable<Integer> {

  private final RootCommand root;

  RunCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() throws InterruptedException {
    long began = System.nanoTime();
    SettingsSource source = root.source();
    Effective effective = source.read();
    Settings settings = effective.settings();
    ObservabilitySettings log = settings.observability();
    boolean json = root.output() == Answers.Format.JSON;
    root.surroundings()
        .log()
        .start(
            log.logLevel().name().toLowerCase(Locale.ROOT),
            Logging.Format.valueOf(log.logFormat().name()),
            json ? Logging.Target.STANDARD_ERROR : Logging.Target.STANDARD_OUTPUT);
    Stop.after(
        () -> start(source, effective),
        server -> {
          try (Hangup hangup = Hangup.does(() -> server.configuration().tryReload("SIGHUP"))) {
            greet(Greeting.of(server, System.nanoTime() - began), log.logFormat());
            server.join();
          }
        },
        GatewayServer::close);
    return Exit.OK;
  }

  private void greet(Greeting greeting, LogFormat format) {
    boolean text =
        format == LogFormat.TEXT || format == LogFormat.AUTO && root.surroundings().terminal();
    if (text || root.output() == Answers.Format.JSON) {
      root.answer(greeting.text(), "", greeting.json());
    } else {
      greeting.log();
      root.answer(greeting.token(), "", greeting.json());
    }
  }

  private static GatewayServer start(SettingsSource source, Effective effective) {
    try {
      return GatewayServer.start(source, effective);
    } catch (IOException e) {
      throw NotStarted.because(e, effective.settings());
    }
  }
}
