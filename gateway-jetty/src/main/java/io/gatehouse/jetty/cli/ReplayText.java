package io.gatehouse.jetty.cli;

import io.gatehouse.jetty.replay.ReplayReport;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A report of a replay for people. */
final class ReplayText {

  private static final String END = System.lineSeparator();

  private ReplayText() {}

  /** The lines, each with its end. */
  static String of(ReplayReport report) {
    StringBuilder text = new StringBuilder();
    text.append(count(report.requests())).append(" requests");
    report.from().ifPresent(from -> text.append(" from ").append(from));
    report.to().ifPresent(to -> text.append(" to ").append(to));
    text.append(END).append(END);

    Table sum = new Table("", "PLAN", "SHARE", "THEN", "SHARE");
    row(sum, "passed", report.passed(), report.requests() - report.refusedThen(), report.requests());
    row(sum, "refused", report.refused(), report.refusedThen(), report.requests());
    text.append(sum).append(END);
    text.append(count(report.newlyRefused())).append(" passed then and would be refused, ")
        .append(count(report.newlyPassed())).append(" were refused and would pass.").append(END);
    text.append("Really answered: ").append(statuses(report)).append('.').append(END);

    Table refusals = new Table("REFUSED BY", "REASON", "REQUESTS", "SHARE");
    for (ReplayReport.Refusals each : report.refusals()) {
      refusals.row(
          each.rule().isEmpty() ? "-" : each.rule(),
          each.reason(),
          count(each.count()),
          share(each.count(), report.requests()));
    }
    part(text, refusals);

    Table shadows = new Table("IN THE SHADOW", "WOULD REFUSE", "SHARE");
    report.shadows().forEach(
        (rule, count) -> shadows.row(rule, count(count), share(count, report.requests())));
    part(text, shadows);

    Table users = new Table("USER", "NAME", "REQUESTS", "REFUSED", "SHARE", "REFUSED THEN");
    for (ReplayReport.Caller each : report.users()) {
      users.row(
          each.user(),
          each.name().isEmpty() ? "-" : each.name(),
          count(each.requests()),
          count(each.refused()),
          share(each.refused(), each.requests()),
          count(each.refusedThen()));
    }
    part(text, users);

    report.worstMinute().ifPresent(minute -> text.append(END)
        .append("Worst minute: ").append(minute.start()).append(", ").append(count(minute.refused())).append(" of ")
        .append(count(minute.requests())).append(" refused (").append(rules(minute)).append(").").append(END));
    text.append(notes(report));
    return text.toString();
  }

  private static void row(Table table, String what, long plan, long then, long all) {
    table.row(what, count(plan), share(plan, all), count(then), share(then, all));
  }

  private static void part(StringBuilder text, Table table) {
    String rows = table.toString();
    if (!rows.isEmpty()) {
      text.append(END).append(rows);
    }
  }

  private static String statuses(ReplayReport report) {
    return report.statuses().entrySet().stream()
        .map(each -> each.getKey() + " x " + count(each.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String rules(ReplayReport.Minute minute) {
    return minute.byRule().entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
        .map(each -> each.getKey() + " " + count(each.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String notes(ReplayReport report) {
    StringBuilder notes = new StringBuilder();
    if (report.lines().own() > 0) {
      notes.append(count(report.lines().own())).append(" for health, metrics or administration were left out. ");
    }
    if (report.outOfOrder() > 0) {
      notes.append(count(report.outOfOrder())).append(" came too late to be sorted. ");
    }
    return notes.isEmpty() ? "" : END + notes.toString().strip() + END;
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String share(long part, long all) {
    return all == 0 ? "-" : String.format(Locale.ROOT, "%.1f%%", 100.0 * part / all);
  }
}
