package io.gatehouse.key;

import java.util.Optional;

/**
 * Finds an API key by its digest. The one method to write to bring keys from elsewhere.
 *
 * <p>Any number of threads may call at once. May block, within the store's own timeout; the gateway caches what it
 * answers, "not found" included.
 */
@FunctionalInterface
public interface KeyStore {

  /**
   * The key with this digest, whether usable or not: disabled and expired keys are found. {@link ApiKey#enabled()} is
   * false when the key's user is switched off, too.
   *
   * @return empty only when the store knows that there is no such key
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  Optional<ApiKey> find(KeyDigest digest);
}
