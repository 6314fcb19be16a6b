package io.gatehouse.key;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A key store that can be changed. A change is durable when the call returns, and atomic: it happened or it did not.
 * All methods may block, may be called by many threads, and throw {@link io.gatehouse.StoreException} when the store
 * cannot answer.
 */
public interface KeyAdmin extends KeyStore, KeyUpgrades, KeyUses {

  /**
   * Adds a key.
   *
   * @throws IllegalArgumentException when its id or digest is there already, or its user is not there
   */
  void addKey(ApiKey key, KeyDigest digest);

  /**
   * Adds keys that somebody else has made: all of them or none.
   *
   * @param keys walked once
   * @throws IllegalArgumentException as {@link #addKey}, or when a start is taken among those of {@link SlowHash}es;
   *     nothing was added
   */
  void importKeys(Iterable<ImportedKey> keys);

  /**
   * Adds {@code fresh} and gives {@code old} its new state in one step, for rotation.
   *
   * @throws IllegalArgumentException as {@link #addKey}, or when {@code old} is not there; nothing was changed
   */
  void rotateKey(ApiKey old, ApiKey fresh, KeyDigest digest);

  /** The key with this id, with its own {@link ApiKey#enabled()} whatever its user's. */
  Optional<ApiKey> key(String id);

  /** All keys of a user, oldest first. */
  List<ApiKey> keysOf(String user);

  /** Replaces what is known of a key; its id, user, start and image stay. False when there is no such key. */
  boolean updateKey(ApiKey key);

  /** Deletes a key for good. False when there was none. */
  boolean deleteKey(String id);

  /**
   * How many keys there are of every version of digests; of {@link KeyDigest#UNPEPPERED} also those of which only a
   * {@link SlowHash} is known. Versions without keys are left out.
   */
  Map<Integer, Long> keysByVersion();
}
