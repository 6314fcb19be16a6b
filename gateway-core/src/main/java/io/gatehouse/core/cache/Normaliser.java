package io.gatehouse.core.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes fields of requests alike that ask for the same, before they are compared and forwarded: whoever changes a field
 * without need would otherwise have each of its spellings made and kept. What is normal stays as it is. Any number of threads; must not block.
 */
@FunctionalInterface
public interface Normaliser {

  /**
   * The value to take instead of one.
   *
   * @param name in lower case
   * @param value all values of the field with commas between them; null when it is absent
   * @return null when there is to be no such field
   */
  @Nullable String normal(String name, @Nullable String value);

  /** All but {@code Accept-Encoding} stays as it is; of that, the codings in use, in one order and without weights. */
  Normaliser ENCODINGS = (name, value) ->
      value == null || !name.equals("accept-encoding") ? value : encodings(value);

  private static @Nullable String encodings(String value) {
    String lower = value.toLowerCase(Locale.ROOT);
    if (lower.contains("*") || lower.contains("identity")) {
      // It may say that an answer without coding is not wanted, which the codings alone would not.
      return value;
    }
    List<String> kept = new ArrayList<>();
    for (String coding : List.of("zstd", "br", "gzip", "deflate")) {
      for (String element : lower.split(",")) {
        String[] parts = element.split(";");
        if (parts[0].strip().equals(coding) && !isZero(parts)) {
          kept.add(coding);
          break;
        }
      }
    }
    return kept.isEmpty() ? null : String.join(", ", kept);
  }

  private static boolean isZero(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].strip().matches("q\\s*=\\s*0(\\.0*)?")) {
        return true;
      }
    }
    return false;
  }
}
