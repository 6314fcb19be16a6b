package io.gatehouse.key;

import java.util.Optional;

/**
 * Finds a key by its id, with the secrets that sign URLs in its name.
 *
 * <p>Any number of threads may call at once. May block, within the store's own timeout; the gateway caches
 * what it answers, "not found" included.
 */
@FunctionalInterface
public interface SigningSecretStore {
  /**
   * The key with this id, whether usable or not; {@link ApiKey#enabled()} is false when its user is switched
   * off, too.
   *
   * @return empty only when the store knows that there is no such key
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  Optional<SigningKey> signingKey(String id);
}
