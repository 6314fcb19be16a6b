package io.gatehouse.examples.simulation;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** All scenarios with all balancers: a page with their figures, and a plot for each scenario. */
final class Report {

  /** The name of the page among the {@link #files}. */
  static final String PAGE = "report.md";

  private static final String[] COLOURS = {"#d1495b", "#00798c", "#edae49", "#30638e", "#7a5195"};
  private static final int WIDTH = 760;
  private static final int HEIGHT = 300;
  private static final int LEFT = 60;
  private static final int TOP = 20;
  private static final int PLOT_WIDTH = 520;
  private static final int PLOT_HEIGHT = 240;
  private static final int MOST_DECADES = 5;

  private Report() {}

  /** The page and the plots by their names. */
  static Map<String, String> files() {
    Map<String, String> files = new LinkedHashMap<>();
    StringBuilder page = new StringBuilder("""
        # The balancers in simulation

        Made by `gateway-examples/simulation`; the build fails when it does not come out the same. %d backends of 8 workers
        each get %d requests a second for %d s; a request is 20 to 60 ms of work, so that the pool is busy by 38 %% (by
        73 %% where work is uneven). Pool, health checks, ejection and balancers are those of the gateway with their defaults,
        on a simulated clock; backends and proxy are simulated. Something happens to the first of the backends.

        `errors`: what clients saw. `open`: requests that were not over at the end. `repeated`: given to another backend.
        `share`: which part of all attempts the first backend got. `out`: when it was first out.
        """.formatted(Scenario.BACKENDS, Scenario.PER_SECOND, Scenario.SECONDS));
    for (Scenario scenario : Scenario.ALL) {
      Map<Algorithm, Figures> figures = new EnumMap<>(Algorithm.class);
      for (Algorithm algorithm : Algorithm.values()) {
        figures.put(algorithm, Run.of(scenario, algorithm));
      }
      page.append("\n## ").append(scenario.name()).append("\n\n").append(scenario.sentence())
          .append("\n\n![99th percentile by second](").append(scenario.name()).append(".svg)\n\n")
          .append("| balancer | errors | open | repeated | p50 ms | p99 ms | max ms | share % | out s |\n")
          .append("|---|---|---|---|---|---|---|---|---|\n");
      figures.forEach((algorithm, found) -> page.append(row(algorithm, found)));
      files.put(scenario.name() + ".svg", plot(scenario, figures));
    }
    files.put(PAGE, page.toString());
    return files;
  }

  private static String row(Algorithm algorithm, Figures found) {
    String out = found.outMillis() < 0 ? "" : String.format(Locale.ROOT, "%.2f", found.outMillis() / 1000.0);
    return String.format(Locale.ROOT, "| %s | %d | %d | %d | %d | %d | %d | %.1f | %s |%n", algorithm.setting(),
        found.errors(), found.unanswered(), found.retries(), found.percentile(0.5), found.percentile(0.99),
        found.percentile(1), found.firstShare(), out).replace("\r", "");
  }

  /** The 99th percentile of each second, on a scale of powers of ten from 1 ms. */
  private static String plot(Scenario scenario, Map<Algorithm, Figures> figures) {
    StringBuilder svg = new StringBuilder();
    svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ").append(WIDTH).append(' ').append(HEIGHT)
        .append("\" font-family=\"sans-serif\" font-size=\"12\">\n")
        .append("<title>").append(scenario.name()).append(": 99th percentile by second</title>\n")
        .append("<rect width=\"").append(WIDTH).append("\" height=\"").append(HEIGHT).append("\" fill=\"white\"/>\n");
    for (int decade = 0; decade <= MOST_DECADES; decade++) {
      int y = TOP + PLOT_HEIGHT - decade * PLOT_HEIGHT / MOST_DECADES;
      String label = decade < 3 ? (int) Math.pow(10, decade) + " ms" : (int) Math.pow(10, decade - 3) + " s";
      svg.append("<path d=\"M").append(LEFT).append(' ').append(y).append('H').append(LEFT + PLOT_WIDTH)
          .append("\" stroke=\"#ddd\"/><text x=\"").append(LEFT - 6).append("\" y=\"").append(y + 4)
          .append("\" text-anchor=\"end\">").append(label).append("</text>\n");
    }
    for (int second = 0; second <= Scenario.SECONDS; second += 10) {
      svg.append("<text x=\"").append(x(second)).append("\" y=\"").append(TOP + PLOT_HEIGHT + 18)
          .append("\" text-anchor=\"middle\">").append(second).append(" s</text>\n");
    }
    figures.forEach((algorithm, found) -> {
      String colour = COLOURS[algorithm.ordinal()];
      svg.append("<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"").append(colour).append("\" points=\"");
      long[] worst = found.worstBySecond();
      for (int second = 0; second < worst.length; second++) {
        svg.append(second == 0 ? "" : " ").append(x(second)).append(',').append(y(worst[second]));
      }
      int legend = TOP + 12 + algorithm.ordinal() * 20;
      svg.append("\"/>\n<text x=\"").append(LEFT + PLOT_WIDTH + 12).append("\" y=\"").append(legend)
          .append("\" fill=\"").append(colour).append("\">").append(algorithm.setting()).append("</text>\n");
    });
    return svg.append("</svg>\n").toString();
  }

  private static int x(int second) {
    return LEFT + second * PLOT_WIDTH / Scenario.SECONDS;
  }

  private static long y(long millis) {
    double decades = Math.min(MOST_DECADES, StrictMath.log10(Math.max(1, millis)));
    return TOP + PLOT_HEIGHT - Math.round(decades * PLOT_HEIGHT / MOST_DECADES);
  }
}
