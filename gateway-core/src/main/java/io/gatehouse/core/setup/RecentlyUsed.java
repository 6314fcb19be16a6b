package io.gatehouse.core.setup;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Remembers the answers that were asked for last. For one thread. */
final class RecentlyUsed<K, V> {

  private final Map<K, V> known;

  /** Remembers so many. */
  RecentlyUsed(int most) {
    known =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > most;
          }
        };
  }

  /** What is remembered, or else what {@code ask} says, which may throw. */
  V get(K key, Function<K, V> ask) {
    V value = known.get(key);
    if (value == null) {
      value = ask.apply(key);
      known.put(key, value);
    }
    return value;
  }
}
