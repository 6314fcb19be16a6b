package io.gatehouse.examples.benchmarks.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResultsTest {

  private static final Scenario SCENARIO = Scenario.saturating(new Body("1k"), 32);
  private static final int REQUESTS = 1_000;

  private final Results results = new Results();

  @Test
  void the_median_is_over_the_rounds_of_one_contender_and_scenario() {
    add("a", 1, 10, 0);
    add("a", 2, 30, 0);
    add("a", 3, 11, 0);
    add("b", 1, 500, 0);

    assertThat(results.median(SCENARIO, "a", Round::cpuMicros)).hasValue(11);
    assertThat(results.median(SCENARIO, "b", Round::cpuMicros)).hasValue(500);
    assertThat(results.median(Scenario.saturating(new Body("1m"), 32), "a", Round::cpuMicros)).isEmpty();
  }

  @Test
  void a_ratio_compares_rounds_that_followed_each_other() {
    add("a", 1, 10, 0);
    add("b", 1, 20, 0);
    add("a", 2, 100, 0); // the machine is slow now, for both
    add("b", 2, 200, 0);

    assertThat(results.ratio(SCENARIO, "a", "b", Round::cpuMicros).orElseThrow()).isCloseTo(0.5, within(1e-9));
  }

  @Test
  void a_round_with_errors_is_told_and_counts_for_nothing() {
    add("a", 1, 10, 0);
    add("a", 2, 1, 3);
    add("a", 3, 10, 0);

    assertThat(results.median(SCENARIO, "a", Round::cpuMicros)).hasValue(10);
    assertThat(results.faulty(SCENARIO, "a")).isEqualTo(1);
    assertThat(results.rounds()).hasSize(3);
  }

  @Test
  void a_round_whose_bodies_are_too_short_is_not_good() {
    Answers empty = new Answers(REQUESTS, 0, REQUESTS * 200L, 1_000_000, new Answers.Latency(1, 2, 3, 4));

    assertThat(round("a", 1, 10, empty).good()).isFalse();
  }

  @Test
  void the_bars_say_whether_they_are_met() {
    add("gatehouse", 1, 30, 0);
    add("spring-cloud-gateway", 1, 60, 0);
    add("nginx", 1, 10, 0);

    String bars = Bars.of(results, List.of(), "").orElseThrow();

    assertThat(bars.lines().filter(line -> line.contains("Spring Cloud Gateway")))
        .singleElement().asString().contains("0.50", "bar");
    assertThat(bars.lines().filter(line -> line.contains("nginx")))
        .singleElement().asString().contains("3.00", "missed");
  }

  private void add(String contender, int number, long cpuMicrosEach, long errors) {
    Answers answers =
        new Answers(REQUESTS, errors, REQUESTS * 1_200L, 1_000_000, new Answers.Latency(100, 200, 300, 400));
    results.add(round(contender, number, cpuMicrosEach, answers));
  }

  private static Round round(String contender, int number, long cpuMicrosEach, Answers answers) {
    Account before = new Account(1_000, 0, 0, 0);
    Account after = new Account(1_000 + cpuMicrosEach * REQUESTS, 0, 0, 0);
    return new Round(SCENARIO, contender, number, answers, before, after, -1);
  }
}
