package io.gatehouse.core.settings;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prints the settings that hold as YAML, each with its origin behind it. Secrets are masked; but for them the text can
 * be read again and gives the same settings.
 */
public final class SettingsPrinter {

  private static final Pattern ELEMENT = Pattern.compile("(.*)\\[([0-9]+)]");
  private static final int ORIGIN_COLUMN = 56;

  private SettingsPrinter() {}

  public static String print(Effective effective) {
    var text = new StringBuilder();
    String[] before = {};
    for (Effective.Value value : effective.values()) {
      String[] names = value.path().split("\\.");
      int shared = shared(before, names);
      String lead = "";
      for (int depth = shared; depth < names.length - 1; depth++) {
        Matcher element = ELEMENT.matcher(names[depth]);
        if (!element.matches()) {
          text.append(indent(names, depth)).append(names[depth]).append(":\n");
        } else {
          if (element.group(2).equals("0")) {
            text.append("  ".repeat(depth)).append(element.group(1)).append(":\n");
          }
          lead = "  ".repeat(depth) + "  - ";
        }
      }
      String indent = !lead.isEmpty() ? lead : indent(names, names.length - 1);
      String line = indent + names[names.length - 1] + ": " + value.yaml();
      text.append(line).append(" ".repeat(Math.max(2, ORIGIN_COLUMN - line.length())))
          .append("# ").append(value.origin()).append('\n');
      before = names;
    }
    return text.toString();
  }

  /** What stands in an element of a list stands behind its hyphen. */
  private static String indent(String[] names, int depth) {
    boolean inElement = Arrays.stream(names, 0, depth).anyMatch(name -> name.endsWith("]"));
    return "  ".repeat(depth + (inElement ? 1 : 0));
  }

  private static int shared(String[] a, String[] b) {
    int shared = 0;
    while (shared < Math.min(a.length, b.length) - 1 && a[shared].equals(b[shared])) {
      shared++;
    }
    return shared;
  }
}
