package io.gatehouse.key;

import java.time.Instant;
import java.util.Objects;

/**
 * A tenant: the owner of keys, limits, quotas and address lists.
 *
 * @param id unique, made by the gateway, ordered by time of creation
 * @param name unique without regard to case, 1 to 100 characters, no control characters
 * @param enabled false while all their keys are switched off
 * @param createdAt when it was made
 */
public record User(String id, String name, boolean enabled, Instant createdAt) {

  /** The longest name, in characters: {@value}. */
  public static final int LONGEST_NAME = 100;

  public User {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(createdAt, "createdAt");
    if (name.isBlank() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "name: \"" + name.replaceAll("\\p{Cc}", "?") + "\" (expected: 1 to " + LONGEST_NAME
              + " characters, no control characters)");
    }
  }

  public User withEnabled(boolean value) {
    return new User(id, name, value, createdAt);
  }
}
