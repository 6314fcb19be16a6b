package io.gatehouse.core.settings;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * Fills {@code ${NAME}} and {@code ${NAME:default}} from the environment; {@code $$} is a dollar. Works on single
 * values after the file was read, so that what is filled in can never become a key or a list.
 */
final class Placeholders {

  static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private Placeholders() {}

  static String fill(String text, Map<String, String> environment) throws BadValue {
    var filled = new StringBuilder();
    int from = 0;
    for (int dollar = text.indexOf('$'); dollar >= 0; dollar = text.indexOf('$', from)) {
      filled.append(text, from, dollar);
      if (text.startsWith("${", dollar)) {
        int end = text.indexOf('}', dollar);
        if (end < 0) {
          throw new BadValue("${ without }", "write $${ for the characters themselves");
        }
        filled.append(value(text.substring(dollar + 2, end), environment));
        from = end + 1;
      } else {
        filled.append('$');
        from = text.startsWith("$$", dollar) ? dollar + 2 : dollar + 1;
      }
    }
    return filled.append(text, from, text.length()).toString();
  }

  /** The text that {@link #fill} makes this one of. */
  static String escape(String text) {
    return text.replace("$", "$$");
  }

  private static String value(String inside, Map<String, String> environment) throws BadValue {
    int colon = inside.indexOf(':');
    String name = colon < 0 ? inside : inside.substring(0, colon);
    if (!NAME.matcher(name).matches()) {
      throw new BadValue("${...} without the name of an environment variable", "write ${NAME} or ${NAME:default}");
    }
    if (inside.startsWith(":-", Math.max(colon, 0))) {
      throw new BadValue("${" + name + ":-...} in the manner of shells", "write ${" + name + ":default}");
    }
    String value = environment.get(name);
    if (value != null) {
      return value;
    }
    if (colon < 0) {
      throw new BadValue(
          "environment variable " + name + " is not set", "set it, or write ${" + name + ":default}");
    }
    return inside.substring(colon + 1);
  }
}
