package io.gatehouse.examples.benchmarks.proxy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** All rounds of a run, and what follows from them. Only rounds without errors count. */
final class Results {

  private final List<Round> rounds = new ArrayList<>();

  void add(Round round) {
    rounds.add(round);
  }

  List<Round> rounds() {
    return List.copyOf(rounds);
  }

  /** In the order in which they were run. */
  Set<Scenario> scenarios() {
    Set<Scenario> scenarios = new LinkedHashSet<>();
    rounds.forEach(round -> scenarios.add(round.scenario()));
    return scenarios;
  }

  /** Rounds of a contender that count. */
  List<Round> good(Scenario scenario, String contender) {
    return rounds.stream().filter(round -> is(round, scenario, contender) && round.good()).toList();
  }

  /** How many rounds of a contender do not count. */
  long faulty(Scenario scenario, String contender) {
    return rounds.stream().filter(round -> is(round, scenario, contender) && !round.good()).count();
  }

  private static boolean is(Round round, Scenario scenario, String contender) {
    return round.scenario().equals(scenario) && round.contender().equals(contender);
  }

  /** The median over the rounds; empty when none counts. */
  OptionalDouble median(Scenario scenario, String contender, ToDoubleFunction<Round> figure) {
    return median(good(scenario, contender).stream().mapToDouble(figure));
  }

  /**
   * How many times as much the first has as the second: the median of the ratios of rounds that followed each other, so
   * that a machine which changes its pace between rounds changes nothing.
   */
  OptionalDouble ratio(Scenario scenario, String first, String second, ToDoubleFunction<Round> figure) {
    List<Round> others = good(scenario, second);
    return median(good(scenario, first).stream()
        .flatMapToDouble(one -> others.stream()
            .filter(other -> other.number() == one.number())
            .mapToDouble(other -> figure.applyAsDouble(one) / figure.applyAsDouble(other))));
  }

  private static OptionalDouble median(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    int half = sorted.length / 2;
    if (sorted.length == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2);
  }
}
