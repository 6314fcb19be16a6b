package io.gatehouse.core.settings;

/**
 * Where a value comes from.
 *
 * @param source a file, {@code env NAME}, or {@code default}
 * @param line from 1; 0 when the source has no lines
 * @param column from 1; 0 like {@code line}
 */
record Origin(String source, int line, int column) {

  static final Origin DEFAULT = new Origin("default", 0, 0);

  static Origin environment(String name) {
    return new Origin("env " + name, 0, 0);
  }

  Fault fault(String path, String message, String hint) {
    return new Fault(source, line, column, path, message, hint);
  }

  @Override
  public String toString() {
    return line > 0 ? source + ":" + line : source;
  }
}
