package io.gatehouse.examples.benchmarks.proxy;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Horizontal bars as SVG, readable on a light and on a dark page. */
final class BarChart {

  private static final int WIDTH = 760;
  private static final int LABELS = 190;
  private static final int NUMBERS = 80;
  private static final int ROW = 26;
  private static final int BAR = 16;
  private static final int TITLE = 40;

  private final String title;
  private final Map<String, Double> bars = new LinkedHashMap<>();

  BarChart(String title) {
    this.title = title;
  }

  void add(String name, double value) {
    bars.put(name, value);
  }

  @Override
  public String toString() {
    double most = bars.values().stream().mapToDouble(Double::doubleValue).max().orElse(1);
    int height = TITLE + bars.size() * ROW + 10;
    StringBuilder svg = new StringBuilder();
    svg.append(String.format(Locale.ROOT, """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" font-family="sans-serif" font-size="13">
        <rect width="100%%" height="100%%" fill="#ffffff"/>
        <text x="10" y="24" font-size="15" fill="#1f2430">%s</text>
        """, WIDTH, height, escaped(title)));
    int y = TITLE;
    for (Map.Entry<String, Double> bar : bars.entrySet()) {
      double width = Math.max(1, (WIDTH - LABELS - NUMBERS) * bar.getValue() / most);
      String color = bar.getKey().startsWith("gatehouse") ? "#2563a8" : "#9aa5b4";
      svg.append(String.format(Locale.ROOT, """
          <text x="%d" y="%d" text-anchor="end" fill="#1f2430">%s</text>
          <rect x="%d" y="%d" width="%.1f" height="%d" rx="2" fill="%s"/>
          <text x="%.1f" y="%d" fill="#1f2430">%s</text>
          """,
          LABELS - 8, y + BAR - 3, escaped(bar.getKey()),
          LABELS, y, width, BAR, color,
          LABELS + width + 6, y + BAR - 3, number(bar.getValue())));
      y += ROW;
    }
    return svg.append("</svg>\n").toString();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
