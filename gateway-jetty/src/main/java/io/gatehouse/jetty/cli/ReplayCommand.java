package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.StoreException;
import io.gatehouse.core.settings.Settings;
import io.gatehouse.core.setup.Rehearsal;
import io.gatehouse.jetty.replay.Replay;
import io.gatehouse.jetty.replay.ReplayReport;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tries a plan out on the traffic of access logs. */
@Command(
    name = "replay",
    description = {
      "Decides the requests of access logs by the limits and quotas of --config, in memory and in the time of the logs,"
          + " and says what would have been refused. Nothing is spent and nothing is written.",
      "Reads the JSON access lines of Gatehouse and the Combined Log Format, plain or .gz."
    })
final class ReplayCommand implements Callable<Integer> {

  private static final int FAREWELL_SECONDS = 5;

  private final RootCommand root;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Access logs, in any order.")
  private List<Path> files = List.of();

  @Option(
      names = "--defaults",
      description = "Asks no database: every user has the limits and quotas of the settings.")
  private boolean defaults;

  @Option(
      names = "--enforce-shadows",
      description = "Decides as if the rules in the shadow were enforced, in the place of those of the same period.")
  private boolean enforceShadows;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many users are shown, 0 to 1000; ${DEFAULT-VALUE} unless said.")
  private int top = 10;

  @Spec private CommandSpec spec;

  ReplayCommand(RootCommand root) {
    this.root = root;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (top < 0 || top > 1000) {
      throw new ParameterException(spec.commandLine(), "--top: " + top + " (expected: 0 to 1000)");
    }
    Settings settings = root.settings().settings();
    List<Path> paths = files.stream().map(root.surroundings().workingDirectory()::resolve).toList();
    try (Rehearsal rehearsal = rehearsal(settings);
        Replay replay = new Replay(paths, rehearsal, reserved(settings), !settings.auth().required())) {
      CountDownLatch told = new CountDownLatch(1);
      // Ctrl-C ends the reading, and what was read until then is told before the process ends.
      Stop.after(
          () -> replay,
          running -> {
            try {
              tell(run(running));
            } finally {
              told.countDown();
            }
          },
          running -> {
            running.stop();
            awaitQuietly(told);
          });
    } catch (NoSuchFileException e) {
      throw new CommandFailure(Exit.FAILED, "there is no file " + e.getMessage(), "", e);
    } catch (IOException e) {
      throw new CommandFailure(Exit.FAILED, "cannot read the log: " + e.getMessage(), "", e);
    }
    return Exit.OK;
  }

  private Rehearsal rehearsal(Settings settings) {
    Rehearsal.Shadows shadows = enforceShadows ? Rehearsal.Shadows.ENFORCED : Rehearsal.Shadows.IN_THE_SHADOW;
    if (defaults) {
      return Rehearsal.ofDefaults(settings, shadows);
    }
    try {
      return Rehearsal.ofStores(settings, shadows);
    } catch (StoreException e) {
      throw new CommandFailure(
          Exit.UNAVAILABLE,
          e.getMessage(),
          "--defaults does without a database, and gives every user the limits of the settings",
          e);
    }
  }

  private ReplayReport run(Replay replay) {
    try (Progress progress = Progress.ofBytes(root.surroundings(), replay::bytesRead, replay.bytes())) {
      return replay.run(top);
    } catch (IOException e) {
      throw new CommandFailure(Exit.FAILED, "cannot read the log: " + e.getMessage(), "", e);
    }
  }

  /** The paths that a gateway with these settings answers itself; see GatewayServer. */
  private static Predicate<String> reserved(Settings settings) {
    String metrics = settings.observability().prometheusPath();
    List<String> health = List.of("/health", "/health/live", "/health/ready", "/health/backends");
    return path ->
        health.contains(path) || path.equals(metrics) || path.startsWith("/api/v1/") || path.startsWith("/_/");
  }

  private static void awaitQuietly(CountDownLatch told) {
    try {
      // No longer: a file may be a pipe that says nothing.
      told.await(FAREWELL_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(ReplayReport report) {
    if (report.requests() == 0 && report.complete()) {
      throw new CommandFailure(
          "no request in " + (files.size() == 1 ? "this file" : "these files") + ", "
              + report.lines().malformed() + " of " + report.lines().all() + " lines could not be understood",
          "expected: the JSON access lines of Gatehouse, or the Combined Log Format");
    }
    root.answer(ReplayText.of(report), message(report), json(report));
  }

  private static String message(ReplayReport report) {
    StringBuilder message = new StringBuilder();
    if (!report.complete()) {
      message.append("Broken off: only what was read until then is told.").append(System.lineSeparator());
    }
    ReplayReport.Lines lines = report.lines();
    if (lines.malformed() > 0) {
      message.append(lines.malformed()).append(lines.malformed() == 1 ? " line" : " lines")
          .append(" could not be understood:").append(System.lineSeparator());
      for (ReplayReport.BadLine bad : lines.shown()) {
        message.append("  ").append(bad.file()).append(':').append(bad.number()).append(": ").append(bad.reason())
            .append(System.lineSeparator());
      }
      if (lines.malformed() > lines.shown().size()) {
        message.append("  and ").append(lines.malformed() - lines.shown().size()).append(" more");
      }
    }
    return message.toString().stripTrailing();
  }

  private static ObjectNode json(ReplayReport report) {
    ObjectNode json = Answers.json().put("complete", report.complete());
    json.put("from", report.from().map(Object::toString).orElse(null));
    json.put("to", report.to().map(Object::toString).orElse(null));
    json.put("seconds", report.took().toMillis() / 1000.0);
    json.put("requests", report.requests()).put("passed", report.passed()).put("refused", report.refused());
    ObjectNode then = json.putObject("then");
    then.put("passed", report.requests() - report.refusedThen()).put("refused", report.refusedThen());
    ObjectNode statuses = then.putObject("statuses");
    report.statuses().forEach((status, count) -> statuses.put(Integer.toString(status), count));
    json.put("newly_refused", report.newlyRefused()).put("newly_passed", report.newlyPassed());
    ArrayNode refusals = json.putArray("refusals");
    for (ReplayReport.Refusals each : report.refusals()) {
      refusals.addObject().put("reason", each.reason()).put("rule", each.rule()).put("count", each.count());
    }
    ObjectNode shadows = json.putObject("shadows");
    report.shadows().forEach(shadows::put);
    ArrayNode users = json.putArray("users");
    for (ReplayReport.Caller each : report.users()) {
      users.addObject()
          .put("user", each.user())
          .put("name", each.name().isEmpty() ? null : each.name())
          .put("requests", each.requests())
          .put("refused", each.refused())
          .put("refused_then", each.refusedThen());
    }
    json.putNull("worst_minute");
    report.worstMinute().ifPresent(minute -> {
      ObjectNode worst = json.putObject("worst_minute");
      worst.put("start", minute.start().toString());
      worst.put("requests", minute.requests()).put("refused", minute.refused());
      ObjectNode rules = worst.putObject("by_rule");
      minute.byRule().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(each -> rules.put(each.getKey(), each.getValue()));
    });
    ReplayReport.Lines lines = report.lines();
    ObjectNode read = json.putObject("lines");
    read.put("all", lines.all()).put("other", lines.others()).put("own_paths", lines.own());
    read.put("out_of_order", report.outOfOrder()).put("malformed", lines.malformed());
    ArrayNode bad = read.putArray("first_malformed");
    for (ReplayReport.BadLine each : lines.shown()) {
      bad.addObject().put("file", each.file()).put("line", each.number()).put("reason", each.reason());
    }
    return json;
  }
}
