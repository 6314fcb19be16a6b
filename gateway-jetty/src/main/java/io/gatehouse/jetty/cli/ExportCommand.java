package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gatehouse.jetty.admin.Reply;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes what was counted and logged to a file, row by row: never more of it in memory than one answer of the API. */
@Command(
    name = "export",
    description = {
      "Writes history, violations, usage, requests or changes to a file or to standard output.",
      "A file is there under its name when it is whole, and not before. Of standard output the exit code tells whether it"
          + " was."
    })
final class ExportCommand {

  /** How long minutes of traffic and violations are kept. */
  private static final Duration KEPT = Duration.ofDays(35);

  /** How many rows of a history are asked for at once; the API gives 1,500. */
  private static final int ROWS_AT_ONCE = 1_000;

  private static final Duration SHORTEST = Duration.ofMinutes(1);

  private final RootCommand root;

  ExportCommand(RootCommand root) {
    this.root = root;
  }

  /** The options that say whose. */
  static final class Whose {

    @Option(names = {"-u", "--user"}, paramLabel = "NAME", description = "Of this user only, by name or id.")
    private @Nullable String user;

    @Option(names = "--tenant", paramLabel = "TENANT", description = "Of the users of this tenant only.")
    private @Nullable String tenant;
  }

  /** How far an export is: asked by the thread of the progress, told by the one that exports. */
  private static final class Course implements DoubleSupplier {

    /** Of the whole, 0 to 1; less than 0: nobody knows. */
    private volatile double share = -1;

    @Override
    public double getAsDouble() {
      return share;
    }

    /** So much of a span of time is done. */
    void reached(Instant from, Instant to, Duration done) {
      long whole = Duration.between(from, to).toMillis();
      share = whole <= 0 ? 1 : Math.min(1, Math.max(0, (double) done.toMillis() / whole));
    }
  }

  @FunctionalInterface
  private interface Work {
    void run(Api api, Export export, Course course);
  }

  @FunctionalInterface
  private interface OfUser {
    void run(String id, Course course);
  }

  @Command(name = "requests", description = "Writes single requests of the request log, newest first; of the last 24 hours"
      + " unless said.")
  void requests(@Mixin RequestsCommand.Which which, @Mixin Export.Target target) {
    List<String> columns = List.of(
        "time", "request_id", "trace_id", "user", "key", "client", "method", "target", "status", "refused", "rule",
        "backend", "request_bytes", "response_bytes", "duration_ms");
    export(target, columns, (api, export, course) -> {
      String user = which.userId(api);
      log(api, export, course, () -> which.ask(user), "requests");
    });
  }

  @Command(name = "audit", description = "Writes who changed what, newest first; of the last 30 days unless said.")
  void audit(@Mixin AuditCommand.Which which, @Mixin Export.Target target) {
    List<String> columns = List.of(
        "id", "time", "administrator", "name", "address", "request_id", "operation", "object", "before", "after");
    export(target, columns, (api, export, course) -> log(api, export, course, which::ask, "changes"));
  }

  private static void log(Api api, Export export, Course course, Supplier<Ask> list, String rows) {
    api.eachPage(list, rows, Long.MAX_VALUE, page -> {
      Instant from = Instant.parse(page.path("from").asText());
      Instant to = Instant.parse(page.path("to").asText());
      for (JsonNode row : page.path(rows)) {
        export.row((ObjectNode) row);
        course.reached(from, to, Duration.between(Instant.parse(row.path("time").asText()), to));
      }
    });
  }

  @Command(name = "usage", description = "Writes what users have used in the running periods.")
  void usage(@Mixin Whose whose, @Mixin Export.Target target) {
    List<String> columns =
        List.of("user", "meter", "window", "used", "most", "remaining", "over", "period_start", "resets_at");
    export(target, columns, (api, export, course) -> eachUser(api, whose, course, (id, any) ->
        ofUser(api.reply(Ask.of("GET", "users/{id}/usage", id)), api)
            .ifPresent(usage -> usage.path("usage").forEach(row -> export.row(with(id, row))))));
  }

  @Command(name = "history", description = "Writes what users have transferred; of the last 35 days unless said.")
  void history(
      @Mixin Whose whose,
      @Option(
              names = "--by",
              paramLabel = "LENGTH",
              defaultValue = "day",
              description = "The length of a row: minute, hour or day; ${DEFAULT-VALUE} unless said.")
          UsageCommand.By by,
      @Option(names = "--by-endpoint", description = "A row for each endpoint.") boolean grouped,
      @Mixin Between between,
      @Mixin Export.Target target) {
    List<String> columns = grouped
        ? List.of("user", "start", "endpoint", "requests", "request_bytes", "response_bytes", "errors")
        : List.of("user", "start", "requests", "request_bytes", "response_bytes", "errors");
    Instant to = to(between);
    Instant from = from(between, to);
    export(target, columns, (api, export, course) -> eachUser(api, whose, course, (id, of) -> {
      Supplier<Ask> ask =
          () -> Ask.of("GET", "users/{id}/usage/history", id)
              .query("by", by.text())
              .query("group", grouped ? "endpoint" : null);
      history(api, export, id, ask, by, from, to, of);
    }));
  }

  /** Asks for so many rows at once as may be; each span begins with a row, or one would be told twice. */
  private static void history(
      Api api,
      Export export,
      String user,
      Supplier<Ask> ask,
      UsageCommand.By by,
      Instant from,
      Instant to,
      Course course) {
    ChronoUnit unit = switch (by) {
      case MINUTE -> ChronoUnit.MINUTES;
      case HOUR -> ChronoUnit.HOURS;
      case DAY -> ChronoUnit.DAYS;
    };
    Optional<ObjectNode> first = ofUser(api.reply(ask.get().query("from", from).query("to", from)), api);
    if (first.isEmpty()) {
      return;
    }
    ZoneId zone = ZoneId.of(first.get().path("time_zone").asText());
    ZonedDateTime start = Instant.parse(first.get().path("from").asText()).atZone(zone);
    while (start.toInstant().isBefore(to)) {
      ZonedDateTime next = start.plus(ROWS_AT_ONCE, unit).truncatedTo(unit);
      Instant end = next.toInstant().isBefore(to) ? next.toInstant() : to;
      Optional<ObjectNode> rows = ofUser(api.reply(ask.get().query("from", start.toInstant()).query("to", end)), api);
      if (rows.isEmpty()) {
        return;
      }
      rows.get().path("history").forEach(row -> export.row(with(user, row)));
      course.reached(from, to, Duration.between(from, end));
      start = next;
    }
  }

  @Command(name = "violations", description = "Writes what was refused to users; of the last 35 days unless said.")
  void violations(@Mixin Whose whose, @Mixin Between between, @Mixin Export.Target target) {
    Instant to = to(between);
    Instant from = from(between, to).truncatedTo(ChronoUnit.MINUTES);
    List<String> columns = List.of("user", "minute", "key", "reason", "rule", "count");
    export(target, columns, (api, export, course) ->
        eachUser(api, whose, course, (id, of) -> violations(api, export, id, from, to, of)));
  }

  /** Asks for less time at once where the API says that there is too much. */
  private static void violations(Api api, Export export, String user, Instant from, Instant to, Course course) {
    Duration span = Duration.ofDays(1);
    Instant start = from;
    while (start.isBefore(to)) {
      Instant end = start.plus(span).isBefore(to) ? start.plus(span) : to;
      try {
        Ask ask = Ask.of("GET", "users/{id}/violations", user).query("from", start).query("to", end);
        Optional<ObjectNode> found = ofUser(api.reply(ask), api);
        if (found.isEmpty()) {
          return;
        }
        found.get().path("violations").forEach(row -> export.row(with(user, row)));
        course.reached(from, to, Duration.between(from, end));
        start = end;
        span = span.multipliedBy(2).compareTo(KEPT) < 0 ? span.multipliedBy(2) : KEPT;
      } catch (Refused e) {
        if (e.status() != 400 || span.compareTo(SHORTEST) <= 0) {
          throw e;
        }
        Duration half = Duration.ofMinutes(span.toMinutes() / 2);
        span = half.compareTo(SHORTEST) < 0 ? SHORTEST : half;
      }
    }
  }

  /** What is told of a user; empty when the user was deleted since the list was read. */
  private static Optional<ObjectNode> ofUser(Reply reply, Api api) {
    return reply.status() == 404 ? Optional.empty() : Optional.of(api.document(reply));
  }

  /** @param course that of the one user; of many nobody knows how many there are */
  private static void eachUser(Api api, Whose whose, Course course, OfUser work) {
    if (whose.user != null) {
      work.run(api.userId(whose.user), course);
      return;
    }
    api.eachPage(
        () -> Ask.get("users").query("tenant", whose.tenant),
        "users",
        Long.MAX_VALUE,
        page -> page.path("users").forEach(user -> work.run(user.path("id").asText(), new Course())));
  }

  private static ObjectNode with(String user, JsonNode row) {
    ObjectNode all = Answers.json().put("user", user);
    all.setAll((ObjectNode) row);
    return all;
  }

  private Instant to(Between between) {
    Instant said = between.to();
    return said != null ? said : root.surroundings().clock().instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private static Instant from(Between between, Instant to) {
    Instant said = between.from();
    return said != null ? said : to.minus(KEPT);
  }

  private void export(Export.Target target, List<String> columns, Work work) {
    root.ask(api -> {
      try (Export export = Export.open(root.surroundings(), target, columns)) {
        if (target.quiet()) {
          work.run(api, export, new Course());
        } else {
          shown(api, export, work);
        }
        export.complete();
        tell(target, export.rows());
      }
    });
  }

  private void shown(Api api, Export export, Work work) {
    Course course = new Course();
    try (Progress progress =
        Progress.of(
            root.surroundings(), seconds -> Progress.rowsLine(course.getAsDouble(), export.rows(), seconds))) {
      work.run(api, export, course);
    }
  }

  private void tell(Export.Target target, long rows) {
    if (target.toFile()) {
      String message = target.quiet() ? "" : rows + (rows == 1 ? " row" : " rows") + " in " + target.name() + ".";
      root.answer("", message, Answers.json().put("file", target.name()).put("rows", rows).put("complete", true));
    }
  }
}
