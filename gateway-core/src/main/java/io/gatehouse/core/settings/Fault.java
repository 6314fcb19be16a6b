package io.gatehouse.core.settings;

/**
 * One thing that is wrong with the settings. Never quotes a secret; its texts are short, and hold no line ends or other
 * control characters, whatever a file holds.
 *
 * @param source the file as it was named, or {@code env NAME}
 * @param line from 1; 0 when the source has no lines or the fault is with the whole of it
 * @param column from 1, in characters; 0 like {@code line}
 * @param path of the setting: {@code backends[1].weight}; empty when the fault is with no setting in particular
 * @param message what was found, and what was expected
 * @param hint what would probably be right; empty when there is no good guess
 */
public record Fault(String source, int line, int column, String path, String message, String hint) {

  private static final int LONGEST = 300;

  public Fault {
    path = onOneLine(path);
    message = onOneLine(message);
    hint = onOneLine(hint);
  }

  private static String onOneLine(String text) {
    String line = text.replaceAll("[\\p{Cc}\\p{Cf}\u2028\u2029]", "?");
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
  }

  /** One line: {@code gatehouse.yaml:3:9: server.prot: unknown setting (did you mean server.port?)}. */
  @Override
  public String toString() {
    var text = new StringBuilder(source);
    if (line > 0) {
      text.append(':').append(line).append(':').append(column);
    }
    text.append(": ");
    if (!path.isEmpty()) {
      text.append(path).append(": ");
    }
    text.append(message);
    if (!hint.isEmpty()) {
      text.append(" (").append(hint).append(')');
    }
    return text.toString();
  }
}
