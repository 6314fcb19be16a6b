package io.gatehouse.key;

import java.util.List;
import java.util.Objects;

/**
 * A key, and the secrets that sign URLs in its name.
 *
 * @param key enabled only if its user is as well
 * @param secrets at most {@link SigningSecretAdmin#MOST_SECRETS}, oldest first; none when it signs no URLs
 */
public record SigningKey(ApiKey key, List<SigningSecret> secrets) {
  public SigningKey {
    Objects.requireNonNull(key, "key");
    secrets = List.copyOf(secrets);
  }
}
