package io.gatehouse.core.key;

import io.gatehouse.key.ApiKey;

/**
 * A key at the one moment when its secret is known.
 *
 * @param key what is kept of it
 * @param secret the whole key, to be shown once
 */
public record IssuedKey(ApiKey key, String secret) {

  /** Without the secret. */
  @Override
  public String toString() {
    return "IssuedKey[" + key.id() + "]";
  }
}
