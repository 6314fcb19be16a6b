package io.gatehouse.examples.benchmarks.proxy;

import java.util.ArrayList;
import java.util.List;

/** A table in Markdown whose columns are padded, so that it can be read as it is. */
final class Table {

  private final List<List<String>> rows = new ArrayList<>();

  /** The first column is of words, all others are of numbers. */
  Table(String... head) {
    rows.add(List.of(head));
  }

  void add(List<String> row) {
    rows.add(List.copyOf(row));
  }

  @Override
  public String toString() {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], Math.max(4, row.get(i).length()));
      }
    }
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < rows.size(); r++) {
      for (int i = 0; i < columns; i++) {
        String cell = rows.get(r).get(i);
        String padding = " ".repeat(widths[i] - cell.length());
        text.append("| ").append(i == 0 ? cell + padding : padding + cell).append(' ');
      }
      text.append("|\n");
      if (r == 0) {
        for (int i = 0; i < columns; i++) {
          text.append('|').append("-".repeat(widths[i] + 1)).append(i == 0 ? '-' : ':');
        }
        text.append("|\n");
      }
    }
    return text.toString();
  }
}
