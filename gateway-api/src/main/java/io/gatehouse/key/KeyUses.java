package io.gatehouse.key;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Remembers when keys were used last, to the minute. All methods may block, may be called by many threads, and throw
 * {@link io.gatehouse.StoreException} when the store cannot answer.
 */
public interface KeyUses {

  /**
   * Notes uses by the ids of the keys. Of two moments of one key the later is kept, so a note may come late or twice; keys
   * that are not there are passed over.
   */
  void noteUses(Map<String, Instant> uses);

  /** When keys were used last, by their ids; keys that never were are left out. */
  Map<String, Instant> lastUses(Collection<String> keys);

  /**
   * The digests of the keys that were used last, the latest first.
   *
   * @param most how many at the most, 1 or more
   */
  List<KeyDigest> usedLast(int most);
}
