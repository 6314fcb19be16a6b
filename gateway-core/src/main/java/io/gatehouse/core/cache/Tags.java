package io.gatehouse.core.cache;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The words by which backends say what belongs together. Not for clients. */
public final class Tags {

  private static final int MOST = 64;

  private Tags() {}

  /** Whether a field is one of them. */
  public static boolean isField(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.equals("cache-tag") || lower.equals("surrogate-key");
  }

  /** Those of an answer, the first {@value #MOST}: {@code Cache-Tag} has commas between them, {@code Surrogate-Key} spaces. */
  static Set<String> of(Head head) {
    Set<String> tags = new HashSet<>();
    for (String name : List.of("cache-tag", "surrogate-key")) {
      String value = head.joined(name);
      if (value != null) {
        for (String tag : value.split("[,\\s]+")) {
          if (!tag.isEmpty() && tags.size() < MOST) {
            tags.add(tag);
          }
        }
      }
    }
    return tags;
  }
}
