package io.gatehouse.core.settings;

import java.util.Map;
import java.util.function.Function;

/**
 * How values of one kind are written.
 *
 * @param shape how the text stands in YAML
 * @param expected what a text must be, in words: {@code 0 to 65535}
 * @param schema what it must be, as members of a JSON Schema
 * @param reader makes the value of a text
 * @param writer the text that is read as the value
 */
record Type<T>(
    Shape shape, String expected, Map<String, Object> schema, Reader<T> reader, Function<T, String> writer) {

  /** How a text stands in YAML. */
  enum Shape {
    /** One scalar. */
    PLAIN,
    /** One scalar that must not be shown. */
    SECRET,
    /** A sequence, or one scalar with commas. */
    LIST(","),
    /** A mapping, or one scalar with a line {@code name: value} for each of its entries. */
    MAP("\n");

    /** What stands between elements where they are one text. */
    final String separator;

    Shape() {
      this("");
    }

    Shape(String separator) {
      this.separator = separator;
    }
  }

  /** Makes a value of a text. */
  @FunctionalInterface
  interface Reader<T> {
    T read(String text) throws BadValue;
  }

  T read(String text) throws BadValue {
    return reader.read(text);
  }

  /** Whether a text is one of its values. */
  boolean reads(String text) {
    try {
      reader.read(text);
      return true;
    } catch (BadValue e) {
      return false;
    }
  }

  String write(T value) {
    return writer.apply(value);
  }
}
