package io.gatehouse.examples.benchmarks.proxy;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** What Gatehouse wants to reach, and whether it did in this run. */
final class Bars {

  private static final double KB = 1_000;
  private static final double MB = 1_000_000;
  private static final ToDoubleFunction<Round> CPU = Round::cpuMicros;

  private final Results results;
  private final List<Running> running;
  private final List<Scenario> scenarios;
  private final Table table = new Table("what", "bar", "goal", "measured", "");
  private boolean empty = true;

  private Bars(Results results, List<Running> running) {
    this.results = results;
    this.running = running;
    this.scenarios = List.copyOf(results.scenarios());
  }

  /**
   * Those that this run can tell something about.
   *
   * @param suffix what names end with that run in this JDK; empty: there is but one
   */
  static Optional<String> of(Results results, List<Running> running, String suffix) {
    Bars bars = new Bars(results, running);
    bars.compare(suffix);
    bars.grow();
    return bars.empty ? Optional.empty() : Optional.of(bars.table.toString());
  }

  private void compare(String suffix) {
    String gatehouse = Kind.GATEHOUSE.text() + suffix;
    Optional<Scenario> small = saturating("1k", 32);
    small.ifPresent(scenario -> {
      String where = "CPU a request, " + scenario.text() + ", against ";
      atMost(where + "Spring Cloud Gateway", 0.60, 0.40,
          cpu(scenario, gatehouse, Kind.SPRING_CLOUD_GATEWAY.text() + suffix));
      atMost(where + "Jetty's ProxyServlet", 0.95, 0.65, cpu(scenario, gatehouse, Kind.JETTY.text() + suffix));
      atMost(where + "nginx", 2.5, 1.6, cpu(scenario, gatehouse, Kind.NGINX.text()));
      atMost("all policies over Gatehouse bare, us", 4, 2,
          difference(scenario, gatehouse, Kind.GATEHOUSE_BARE.text() + suffix));
      atMost("Redis and PostgreSQL over embedded", 1.10, 1.03,
          cpu(scenario, Kind.GATEHOUSE_SHARED.text() + suffix, gatehouse));
      atMost("kB allocated a request", 12, 6, results.median(scenario, gatehouse, round -> round.allocated() / KB));
    });
    saturating("1m", 32).ifPresent(scenario -> atLeast(
        "bytes for each CPU second, " + scenario.text() + ", against nginx", 0.5, 0.8,
        cpu(scenario, Kind.NGINX.text(), gatehouse)));
    scenarios.stream().filter(Scenario::paced).findFirst().ifPresent(scenario -> atMost(
        "p99, " + scenario.text() + ", against Spring Cloud Gateway", 0.7, 0.5,
        results.ratio(scenario, gatehouse, Kind.SPRING_CLOUD_GATEWAY.text() + suffix,
            round -> round.answers().latency().p99())));
    exactly("1k", 1000).ifPresent(scenario -> atMost(
        "MB resident, " + scenario.text(), 512, 300,
        results.median(scenario, gatehouse, round -> round.after().residentBytes() / MB)));
    start(gatehouse).ifPresent(own -> start(Kind.JETTY.text() + suffix).ifPresent(
        other -> atMost("start to the first answer, against Jetty", 1.2, 1.0, OptionalDouble.of(own / other))));
    start(gatehouse).ifPresent(own -> atMost("start to the first answer, s", 0.6, 0.6, OptionalDouble.of(own / 1_000)));
  }

  private void grow() {
    scenarios.stream().filter(scenario -> !scenario.paced()).findFirst().ifPresent(scenario -> {
      atMost("CPU a request with 100,000 tenants instead of 1", 1.3, 1.1, cpu(scenario, "tenants-100000", "tenants-1"));
      atMost("CPU a request with 200 backends instead of 2", 1.3, 1.1, cpu(scenario, "backends-200", "tenants-1"));
    });
  }

  private OptionalDouble cpu(Scenario scenario, String first, String second) {
    return results.ratio(scenario, first, second, CPU);
  }

  private OptionalDouble difference(Scenario scenario, String first, String second) {
    OptionalDouble more = results.median(scenario, first, CPU);
    OptionalDouble less = results.median(scenario, second, CPU);
    return more.isPresent() && less.isPresent()
        ? OptionalDouble.of(more.getAsDouble() - less.getAsDouble())
        : OptionalDouble.empty();
  }

  private Optional<Double> start(String contender) {
    return running.stream()
        .filter(each -> each.contender().name().equals(contender))
        .map(Running::startMillis)
        .findFirst();
  }

  /** The load of this body that has the number of connections, or else the smallest number that was run. */
  private Optional<Scenario> saturating(String body, int connections) {
    return exactly(body, connections).or(() -> scenarios.stream()
        .filter(scenario -> !scenario.paced() && scenario.body().name().equals(body))
        .min(Comparator.comparing(Scenario::connections)));
  }

  private Optional<Scenario> exactly(String body, int connections) {
    return scenarios.stream()
        .filter(each -> !each.paced() && each.body().name().equals(body) && each.connections() == connections)
        .findFirst();
  }

  private void atMost(String what, double bar, double goal, OptionalDouble measured) {
    measured.ifPresent(value -> add(what, bar, goal, value, value <= bar, value <= goal));
  }

  private void atLeast(String what, double bar, double goal, OptionalDouble measured) {
    measured.ifPresent(value -> add(what, bar, goal, value, value >= bar, value >= goal));
  }

  private void add(String what, double bar, double goal, double value, boolean met, boolean reached) {
    empty = false;
    table.add(List.of(what, number(bar), number(goal), number(value), reached ? "goal" : met ? "bar" : "missed"));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  }
}
