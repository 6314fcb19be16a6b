package io.gatehouse.examples.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the simulation says, and that the documentation says the same. */
class SimulationTest {

  private static final Path DOCS = Path.of("..", "..", "docs", "simulation");

  /** To write the report anew: {@code -Dgatehouse.simulation=write}; then read what has changed. */
  @Test
  void the_committed_report_and_plots_are_what_comes_out() throws IOException {
    Map<String, String> files = Report.files();

    if ("write".equals(System.getProperty("gatehouse.simulation"))) {
      Main.main(new String[] {DOCS.toString()});
    }
    for (Map.Entry<String, String> file : files.entrySet()) {
      assertThat(Files.readString(DOCS.resolve(file.getKey()))).as(file.getKey()).isEqualTo(file.getValue());
    }
  }

  @Test
  void a_backend_that_answers_nothing_costs_no_client_an_error_with_any_balancer_and_is_out_within_three_seconds() {
    for (Algorithm algorithm : Algorithm.values()) {
      Figures figures = Run.of(scenario("black-hole"), algorithm);

      assertThat(figures.errors()).as("%s", algorithm).isZero();
      assertThat(figures.outMillis()).as("%s", algorithm).isBetween(20_000L, 23_000L);
    }
  }

  @Test
  void least_request_keeps_a_slow_backend_from_slowing_the_pool() {
    Figures least = Run.of(scenario("slow"), Algorithm.LEAST_REQUEST);
    Figures robin = Run.of(scenario("slow"), Algorithm.WEIGHTED_ROUND_ROBIN);

    assertThat(least.percentile(0.99) * 5).isLessThan(robin.percentile(0.99));
    assertThat(least.firstShare()).isLessThan(robin.firstShare());
  }

  private static Scenario scenario(String name) {
    return Scenario.ALL.stream().filter(scenario -> scenario.name().equals(name)).findFirst().orElseThrow();
  }
}
