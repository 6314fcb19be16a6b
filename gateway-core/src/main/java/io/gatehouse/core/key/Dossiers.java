package io.gatehouse.core.key;

import io.gatehouse.key.ApiKey;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.key.KeyStore;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Where all that is known of keys comes from. Any number of threads; blocks as the stores do. */
public interface Dossiers {

  /**
   * What is known of the key with this digest.
   *
   * @return empty when no key has it; the key in it is enabled only if its user is as well
   * @throws io.gatehouse.StoreException when a store cannot answer
   */
  Optional<Dossier> find(KeyDigest digest);

  /**
   * What is known of a key that was found by other means.
   *
   * @param key enabled only if its user is as well
   * @throws io.gatehouse.StoreException when a store cannot answer
   */
  Dossier of(ApiKey key);

  /**
   * Asks one store for the key and then others for the rest.
   *
   * @param rest reads all else; may block and throw as the stores do
   */
  static Dossiers of(KeyStore keys, Function<ApiKey, Dossier> rest) {
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(rest, "rest");
    return new Dossiers() {
      @Override
      public Optional<Dossier> find(KeyDigest digest) {
        return keys.find(digest).map(rest);
      }

      @Override
      public Dossier of(ApiKey key) {
        return rest.apply(key);
      }
    };
  }
}
