package io.gatehouse.core.settings;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Writes values so that {@link SettingsReader} reads the same again. */
final class Yaml {

  private Yaml() {}

  static String of(Type.Shape shape, String text) {
    return switch (shape) {
      case PLAIN -> scalar(text);
      case SECRET -> scalar(Secret.MASK);
      case LIST -> text.isEmpty() ? "[]"
          : Arrays.stream(text.split(",")).map(Yaml::scalar).collect(Collectors.joining(", ", "[", "]"));
      case MAP -> text.lines().map(Yaml::entry).collect(Collectors.joining(", ", "{", "}"));
    };
  }

  private static String entry(String line) {
    int colon = line.indexOf(": ");
    return scalar(line.substring(0, colon)) + ": " + scalar(line.substring(colon + 2));
  }

  private static String scalar(String text) {
    String escaped = Placeholders.escape(text);
    if (escaped.matches("[A-Za-z0-9/][A-Za-z0-9_./-]*") && !escaped.equalsIgnoreCase("null")) {
      return escaped;
    }
    var quoted = new StringBuilder("\"");
    for (char c : escaped.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f || c > '~') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
