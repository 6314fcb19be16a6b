package io.gatehouse.core.settings;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the name that was probably meant. Names are compared in snake_case, by the number of letters to change, add,
 * drop or swap with a neighbour (optimal string alignment, after Damerau 1964).
 */
public final class Nearest {

  private Nearest() {}

  /** The closest candidate, or empty when none is close: at most one letter in three may differ, and at most three. */
  public static Optional<String> of(String name, Collection<String> candidates) {
    String wanted = snake(name);
    int closest = Math.min(3, wanted.length() / 3) + 1;
    String nearest = null;
    for (String candidate : candidates) {
      int distance = distance(wanted, snake(candidate));
      if (distance < closest) {
        closest = distance;
        nearest = candidate;
      }
    }
    return Optional.ofNullable(nearest).or(() -> begun(wanted, candidates));
  }

  /** The only candidate that the name begins, or that begins the name: {@code warn} for {@code warning}. */
  private static Optional<String> begun(String wanted, Collection<String> candidates) {
    List<String> begun = candidates.stream().filter(candidate -> {
      String other = snake(candidate);
      return Math.min(wanted.length(), other.length()) >= 3 && (wanted.startsWith(other) || other.startsWith(wanted));
    }).toList();
    return begun.size() == 1 ? Optional.of(begun.get(0)) : Optional.empty();
  }

  /** {@code readTimeout}, {@code read-timeout} and {@code READ_TIMEOUT} are all {@code read_timeout}. */
  static String snake(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replace('-', '_').toLowerCase(Locale.ROOT);
  }

  static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(last[j], row[j - 1]));
        if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      beforeLast = last;
      last = row;
    }
    return last[b.length()];
  }
}
