package io.gatehouse.key;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The owner of keys, limits, quotas and address lists.
 *
 * @param id unique, made by the gateway, ordered by time of creation
 * @param name unique without regard to case, 1 to 100 characters, no control characters
 * @param enabled false while all their keys are switched off
 * @param createdAt when it was made
 * @param tenant the name of the tenant that it belongs to and shares limits with: 1 to 64 letters, digits, dots,
 *     underscores and hyphens, the first a letter or digit; compared exactly; empty: none
 */
public record User(String id, String name, boolean enabled, Instant createdAt, Optional<String> tenant) {

  /** The longest name, in characters: {@value}. */
  public static final int LONGEST_NAME = 100;

  private static final Pattern TENANT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  public User {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(createdAt, "createdAt");
    if (name.isBlank() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "name: \"" + name.replaceAll("\\p{Cc}", "?") + "\" (expected: 1 to " + LONGEST_NAME
              + " characters, no control characters)");
    }
    tenant.ifPresent(
        value -> {
          if (!isTenant(value)) {
            throw new IllegalArgumentException(
                "tenant: \"" + value.replaceAll("\\p{Cc}", "?") + "\" (expected: 1 to 64 letters, digits, ., _ and -)");
          }
        });
  }

  /** A user of no tenant. */
  public User(String id, String name, boolean enabled, Instant createdAt) {
    this(id, name, enabled, createdAt, Optional.empty());
  }

  /** Whether a tenant may be called so. */
  public static boolean isTenant(String text) {
    return TENANT.matcher(text).matches();
  }

  public User withEnabled(boolean value) {
    return new User(id, name, value, createdAt, tenant);
  }
}
