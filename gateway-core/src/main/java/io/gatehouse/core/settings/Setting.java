package io.gatehouse.core.settings;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One thing that can be set.
 *
 * @param path where it stands in the file: {@code server.port}; {@code []} for any element: {@code backends[].url}
 * @param type how its value is written
 * @param fallback the default, as a file would write it; null when it must be set
 * @param meaning one sentence for an operator
 */
record Setting<T>(String path, Type<T> type, @Nullable String fallback, String meaning) {

  static final String PREFIX = "GATEHOUSE_";

  private static final Pattern INDEX = Pattern.compile("\\[(\\d*)]");

  /** Its name in the environment, with {@code N} for the number of an element: {@code GATEHOUSE_BACKENDS_N_URL}. */
  String environmentName() {
    return environmentName(path);
  }

  /** The path of this setting in one element. */
  String at(int index) {
    return path.replace("[]", "[" + index + "]");
  }

  static String environmentName(String path) {
    String flat = INDEX.matcher(path).replaceAll(index -> "_" + (index.group(1).isEmpty() ? "N" : index.group(1)));
    return PREFIX + flat.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /** The path with every number of an element left out. */
  static String template(String path) {
    return INDEX.matcher(path).replaceAll("[]");
  }
}
