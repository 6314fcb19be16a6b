package io.gatehouse.key;

import java.util.List;
import java.util.Map;

/**
 * A store of signing secrets that can be changed. A change is durable and atomic when the call returns, and
 * is told as a change of the key's user. All methods may block, may be called by many threads, and throw
 * {@link io.gatehouse.StoreException} when the store cannot answer. Secrets go with their key.
 */
public interface SigningSecretAdmin extends SigningSecretStore {
  /** How many secrets a key has at the most, so that one can take the place of the other: {@value}. */
  int MOST_SECRETS = 2;

  /** The secrets of a key, oldest first; none when there is no such key. */
  List<SigningSecret> secretsOf(String key);

  /**
   * Adds a secret.
   *
   * @return false when its key has {@link #MOST_SECRETS} already; nothing was changed
   * @throws IllegalArgumentException when its id is there already, or its key is not there
   */
  boolean addSecret(SigningSecret secret);

  /** Deletes a secret of a key for good. False when that key has none with this id. */
  boolean deleteSecret(String key, String id);

  /**
   * Replaces what is sealed of a secret that is there and of a lower {@link SigningSecret#version()}; changes
   * nothing of what it signs, and is told to nobody. False when there is none such.
   */
  boolean reseal(SigningSecret secret);

  /** How many secrets there are of every version of peppers; versions without are left out. */
  Map<Integer, Long> secretsByVersion();
}
