package io.gatehouse.key;

import java.time.Instant;
import java.util.Objects;

/**
 * A secret with which the URLs of a key are signed, as it is kept: sealed, so that only who has the pepper
 * can open it.
 *
 * @param id unique, ordered by time of creation; not a secret
 * @param key the id of the key
 * @param version which pepper it was sealed with, 1 or more
 * @param sealed the sealed text
 * @param createdAt when it was made
 */
public record SigningSecret(String id, String key, int version, String sealed, Instant createdAt) {
  public SigningSecret {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(key, "key");
    if (version < 1) {
      throw new IllegalArgumentException("version: " + version + " (expected: 1 or more)");
    }
    Objects.requireNonNull(sealed, "sealed");
    Objects.requireNonNull(createdAt, "createdAt");
  }

  /** The same, sealed anew. */
  public SigningSecret resealed(int otherVersion, String otherSealed) {
    return new SigningSecret(id, key, otherVersion, otherSealed, createdAt);
  }

  /** Without what is sealed. */
  @Override
  public String toString() {
    return "SigningSecret[id=" + id + ", key=" + key + ", version=" + version + ", createdAt=" + createdAt + "]";
  }
}
