package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** When the days and months of users begin. */
@Command(name = "calendar", description = "Says when the days and months of a user begin.")
final class CalendarCommand {

  private static final String PATH = "users/{id}/calendar";

  private final RootCommand root;

  CalendarCommand(RootCommand root) {
    this.root = root;
  }

  @Command(name = "show", description = "Shows the calendar that holds.")
  void show(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER)
          String name) {
    root.ask(api -> {
      ObjectNode user = api.user(name);
      tell(user, api.ask(Ask.of("GET", PATH, user.path("id").asText()), () -> Api.noUser(name)));
    });
  }

  @Command(name = "set", description = "Gives a user a calendar of their own.")
  void set(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Option(
              names = "--time-zone",
              required = true,
              paramLabel = "ZONE",
              description = "Where days begin: UTC, Europe/Berlin.")
          String zone,
      @Option(
              names = "--billing-day",
              paramLabel = "DAY",
              description = "The day of the month on which months begin, 1 to 31; 1 unless said.")
          @Nullable
          Integer billingDay,
      @Mixin DryRun dryRun) {
    ObjectNode document = Answers.json().put("time_zone", zone);
    if (billingDay != null) {
      document.put("billing_day", billingDay);
    }
    root.ask(api -> {
      ObjectNode user = api.user(name);
      api.change(
          Ask.of("PUT", PATH, user.path("id").asText()).document(document),
          dryRun,
          () -> Api.noUser(name),
          kept -> tell(user, kept));
    });
  }

  @Command(name = "reset", description = "Goes back to the calendar of the configuration.")
  void reset(
      @Option(names = {"-u", "--user"}, required = true, paramLabel = "NAME", description = UsersCommand.USER) String name,
      @Mixin DryRun dryRun) {
    root.ask(api -> {
      ObjectNode user = api.user(name);
      String id = user.path("id").asText();
      api.change(
          Ask.of("DELETE", PATH, id),
          dryRun,
          () -> Api.noUser(name),
          gone -> tell(user, api.ask(Ask.of("GET", PATH, id))));
    });
  }

  private void tell(JsonNode user, ObjectNode calendar) {
    String whose = calendar.path("own").asBoolean() ? "a calendar of its own" : "the calendar of the configuration";
    root.answer(Columns.sheet(calendar), "The user " + user.path("name").asText() + " has " + whose + ".", calendar);
  }
}
