package io.gatehouse.jetty.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** How rows of JSON become a table for people. Filled first, then used. */
final class Columns {

  /** What stands where there is nothing. */
  static final String NONE = "-";

  private final List<String> heads = new ArrayList<>();
  private final List<Function<JsonNode, String>> cells = new ArrayList<>();

  /** A column with the value of a field. */
  Columns with(String head, String field) {
    return with(head, row -> text(row.path(field)));
  }

  Columns with(String head, Function<JsonNode, String> cell) {
    heads.add(head);
    cells.add(cell);
    return this;
  }

  /** The lines of a table, each with its end; nothing when there is no row. */
  String table(Iterable<JsonNode> rows) {
    Table table = new Table(heads.toArray(String[]::new));
    for (JsonNode row : rows) {
      table.row(cells.stream().map(cell -> cell.apply(row)).toArray(String[]::new));
    }
    return table.toString();
  }

  /** A value as people read it. */
  static String text(JsonNode value) {
    if (value.isArray()) {
      List<String> texts = new ArrayList<>();
      value.forEach(each -> texts.add(text(each)));
      return texts.isEmpty() ? NONE : String.join(", ", texts);
    }
    if (value.isObject()) {
      return value.isEmpty() ? NONE : value.toString();
    }
    String text = value.isNull() ? "" : value.asText();
    return text.isEmpty() ? NONE : text;
  }

  /** Whether something is so, as people read it. */
  static String yes(JsonNode value) {
    return value.asBoolean() ? "yes" : NONE;
  }

  /** The fields of one thing, one a line. */
  static String sheet(JsonNode thing) {
    int widest = 0;
    for (var names = thing.fieldNames(); names.hasNext(); ) {
      widest = Math.max(widest, names.next().length());
    }
    StringBuilder text = new StringBuilder();
    int width = widest + 2;
    thing.properties().forEach(field -> text
        .append(field.getKey())
        .append(" ".repeat(width - field.getKey().length()))
        .append(text(field.getValue()))
        .append(System.lineSeparator()));
    return text.toString();
  }
}
