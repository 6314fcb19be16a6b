package io.gatehouse.key;

import java.util.Collection;
import java.util.List;

/**
 * Moves keys from an older image to a newer one, once their text is known. All methods may block, may be called by many
 * threads, and throw {@link io.gatehouse.StoreException} when the store cannot answer.
 */
public interface KeyUpgrades {

  /**
   * The keys of which only a {@link SlowHash} is known and whose start is one of these, the longest start first. Their
   * {@link ApiKey#enabled()} is as {@link KeyStore#find} says.
   */
  List<ImportedKey> slowlyHashed(Collection<String> starts);

  /**
   * Gives a key a new digest in the place of its image, if that is of a lower {@link KeyDigest#version()} or a
   * {@link SlowHash}. Changes nothing of what is known of the key.
   *
   * @return false when there is no such key, or its digest is as new already
   */
  boolean upgrade(String id, KeyDigest fresh);
}
