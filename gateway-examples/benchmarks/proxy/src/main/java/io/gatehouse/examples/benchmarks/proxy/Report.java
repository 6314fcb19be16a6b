package io.gatehouse.examples.benchmarks.proxy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Writes down a run: tables for people, JSON for machines, plots, and a section of the documentation. */
final class Report {

  private static final double MB = 1_000_000;
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final Workplace workplace;
  private final Plan plan;
  private final String asked;
  private final Machine machine;
  private final Backends backends;
  private final Load load;
  private final List<Running> running;
  private final Results results;
  private final String name;
  private final Instant now = Instant.now();

  Report(
      Workplace workplace,
      Plan plan,
      String asked,
      Machine machine,
      Backends backends,
      Load load,
      List<Running> running,
      Results results,
      boolean growth) {
    this.workplace = workplace;
    this.plan = plan;
    this.asked = asked;
    this.machine = machine;
    this.backends = backends;
    this.load = load;
    this.running = List.copyOf(running);
    this.results = results;
    this.name = growth ? "growth" : "proxy";
  }

  /**
   * Writes everything below {@code target/results}, and the tables to standard output.
   *
   * @param docs whether the section and the plots go into the documentation as well
   */
  void write(boolean docs) {
    String section = section();
    System.out.println(section);
    write(workplace.result(name + ".md"), section);
    write(workplace.result(name + ".json"), json());
    for (Scenario scenario : results.scenarios()) {
      write(workplace.result(plot(scenario)), chart(scenario));
      if (docs) {
        write(workplace.docs("benchmarks/" + plot(scenario)), chart(scenario));
      }
    }
    if (docs) {
      Path page = workplace.docs("benchmarks.md");
      write(page, replaced(read(page), section));
    }
    Benchmark.say("Written to " + workplace.result(name + ".md").getParent() + ": " + name + ".md, .json and plots.");
  }

  /** The page with what stands between the two marks replaced. */
  private String replaced(String page, String section) {
    String begin = "<!-- " + name + " -->\n";
    String end = "<!-- /" + name + " -->";
    int from = page.indexOf(begin);
    int to = page.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalStateException("docs/benchmarks.md has no " + begin.strip() + " and " + end);
    }
    return page.substring(0, from + begin.length()) + "\n" + section + "\n" + page.substring(to);
  }

  private String section() {
    StringBuilder text = new StringBuilder();
    text.append(provenance());
    for (String suffix : suffixes()) {
      String jdk = suffix.replace("@", " on JDK ");
      Bars.of(results, running, suffix).ifPresent(
          bars -> text.append("\n### What was reached").append(jdk).append("\n\n").append(bars));
    }
    for (Scenario scenario : results.scenarios()) {
      text.append("\n### ").append(scenario.text()).append("\n\n");
      text.append("![").append(plotted(scenario)).append("](benchmarks/").append(plot(scenario)).append(")\n\n");
      text.append(table(scenario));
    }
    text.append("\n### Start and memory\n\n").append(starts());
    return text.toString();
  }

  private String provenance() {
    String versions = running.stream()
        .map(each -> each.contender().version())
        .distinct()
        .collect(Collectors.joining(", "));
    String jdks = plan.jdks().stream().map(Jdk::version).collect(Collectors.joining(" and "));
    return String.format(
        Locale.ROOT,
        """
        Measured %s on commit %s, by

        ```sh
        java -jar gateway-examples/benchmarks/proxy/target/proxy-benchmark.jar%s
        ```

        on %d processors, %s, %.0f GB, %s; load average before: %.2f. JDK %s, `%s`. Backends: %s. Load: %s. %s.
        Rounds: %d of %d s.
        """,
        DAY.format(now),
        commit(),
        asked.isEmpty() ? "" : " " + asked,
        machine.cores(),
        machine.processor(),
        machine.memoryBytes() / 1e9,
        machine.kernel(),
        machine.loadBefore(),
        jdks,
        String.join(" ", plan.flags()),
        backends.server(),
        load.version(),
        versions,
        plan.rounds(),
        plan.seconds());
  }

  private String commit() {
    String directory = workplace.docs("benchmarks.md").getParent().toString();
    String commit = Tools.firstLine("git", "-C", directory, "describe", "--always", "--dirty", "--exclude=*");
    return commit.startsWith("fatal") || commit.isEmpty() ? "unknown" : commit;
  }

  private TreeSet<String> suffixes() {
    TreeSet<String> suffixes = new TreeSet<>();
    for (Running each : running) {
      int at = each.contender().name().indexOf('@');
      if (at >= 0) {
        suffixes.add(each.contender().name().substring(at));
      }
    }
    if (suffixes.isEmpty()) {
      suffixes.add("");
    }
    return suffixes;
  }

  private Table table(Scenario scenario) {
    Table table = new Table("", "CPU us", "ratio", "req/s", "p50 us", "p99 us", "p99.9 us", "switches", "B allocated",
        "MB", "faulty");
    for (Running each : running) {
      String who = each.contender().name();
      List<String> row = new ArrayList<>(List.of(who));
      row.add(number("%.1f", scenario, who, Round::cpuMicros));
      row.add(text("%.2f", ratio(scenario, who)));
      row.add(number("%.0f", scenario, who, round -> round.answers().perSecond()));
      row.add(number("%.0f", scenario, who, round -> round.answers().latency().p50()));
      row.add(number("%.0f", scenario, who, round -> round.answers().latency().p99()));
      row.add(number("%.0f", scenario, who, round -> round.answers().latency().p999()));
      row.add(number("%.2f", scenario, who, Round::switches));
      row.add(each.contender().jdk().isPresent() ? number("%.0f", scenario, who, Round::allocated) : "");
      row.add(number("%.0f", scenario, who, round -> round.after().residentBytes() / MB));
      long faulty = results.faulty(scenario, who);
      boolean none = faulty == 0 && results.good(scenario, who).isEmpty(); // it has failed before
      row.add(none ? "all" : faulty == 0 ? "" : faulty + " of " + plan.rounds());
      table.add(row);
    }
    return table;
  }

  /** What Gatehouse with all policies costs in the same JDK, for each of it; or what growth costs beside the least. */
  private OptionalDouble ratio(Scenario scenario, String contender) {
    if (name.equals("growth")) {
      return results.ratio(scenario, contender, "tenants-1", Round::cpuMicros);
    }
    int at = contender.indexOf('@');
    String suffix = at < 0 ? suffixes().first() : contender.substring(at);
    return results.ratio(scenario, Kind.GATEHOUSE.text() + suffix, contender, Round::cpuMicros);
  }

  private Table starts() {
    Table table = new Table("", "ms to the first answer", "MB then", "MB at most");
    for (Running each : running) {
      long peak = results.rounds().stream()
          .filter(round -> round.contender().equals(each.contender().name()))
          .mapToLong(round -> round.after().peakBytes())
          .max()
          .orElse(0);
      table.add(List.of(
          each.contender().name(),
          String.format(Locale.ROOT, "%.0f", each.startMillis()),
          String.format(Locale.ROOT, "%.0f", each.idleBytes() / MB),
          String.format(Locale.ROOT, "%.0f", peak / MB)));
    }
    return table;
  }

  private String number(String format, Scenario scenario, String contender, ToDoubleFunction<Round> figure) {
    return text(format, results.median(scenario, contender, figure));
  }

  private static String text(String format, OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsDouble()) : "";
  }

  private String plot(Scenario scenario) {
    return name + "-" + scenario.slug() + ".svg";
  }

  private static String plotted(Scenario scenario) {
    return scenario.paced() ? "p99 in microseconds" : "CPU microseconds a request";
  }

  private String chart(Scenario scenario) {
    BarChart chart = new BarChart(plotted(scenario) + ": " + scenario.text());
    for (Running each : running) {
      String who = each.contender().name();
      ToDoubleFunction<Round> figure =
          scenario.paced() ? round -> round.answers().latency().p99() : Round::cpuMicros;
      results.median(scenario, who, figure).ifPresent(value -> chart.add(who, value));
    }
    return chart.toString();
  }

  private String json() {
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    ObjectNode root = mapper.createObjectNode();
    root.put("time", now.toString()).put("commit", commit()).put("options", asked);
    root.putPOJO("machine", machine);
    root.put("backends", backends.server()).put("load", load.version());
    root.putPOJO("jvm_flags", plan.flags());
    ArrayNode contenders = root.putArray("contenders");
    for (Running each : running) {
      contenders.addObject()
          .put("name", each.contender().name())
          .put("version", each.contender().version())
          .put("jdk", each.contender().jdk().map(Jdk::version).orElse(null))
          .put("start_millis", each.startMillis())
          .put("idle_bytes", each.idleBytes());
    }
    ArrayNode rounds = root.putArray("rounds");
    results.rounds().forEach(round -> rounds.add(json(mapper, round)));
    try {
      return mapper.writeValueAsString(root) + "\n";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode json(ObjectMapper mapper, Round round) {
    Answers answers = round.answers();
    ObjectNode json = mapper.createObjectNode()
        .put("contender", round.contender())
        .put("body", round.scenario().body().name())
        .put("connections", round.scenario().connections())
        .put("paced_per_second", round.scenario().perSecond())
        .put("round", round.number())
        .put("good", round.good())
        .put("requests", answers.requests())
        .put("errors", answers.errors())
        .put("bytes", answers.bytes())
        .put("micros", answers.micros())
        .put("p50_micros", answers.latency().p50())
        .put("p99_micros", answers.latency().p99())
        .put("p999_micros", answers.latency().p999())
        .put("max_micros", answers.latency().most())
        .put("cpu_micros", round.after().cpuMicros() - round.before().cpuMicros())
        .put("context_switches", round.after().switches() - round.before().switches())
        .put("resident_bytes", round.after().residentBytes())
        .put("peak_bytes", round.after().peakBytes());
    if (round.allocatedBytes() >= 0) {
      json.put("allocated_bytes", round.allocatedBytes());
    }
    return json;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    Contenders.write(file, text);
  }
}
