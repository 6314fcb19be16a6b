package io.gatehouse.admin;

import io.gatehouse.key.User;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What is known of somebody who administers. Not a secret: the token cannot be made from it.
 *
 * @param id unique, made by the gateway, ordered by time of creation
 * @param name a label for people, 1 to {@value io.gatehouse.key.User#LONGEST_NAME} characters, no control characters
 * @param role what they may do
 * @param tenant whose users they administer: there with {@link Role#TENANT}, and with no other role
 * @param start the first characters of the token, for people to recognise it
 * @param createdAt when it was made, in milliseconds
 */
public record Administrator(
    String id, String name, Role role, Optional<String> tenant, String start, Instant createdAt) {

  public Administrator {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(start, "start");
    Objects.requireNonNull(createdAt, "createdAt");
    if (name.isBlank() || name.length() > User.LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "name: " + name.length() + " characters (expected: 1 to " + User.LONGEST_NAME + ", no control characters)");
    }
    if (tenant.isPresent() != (role == Role.TENANT)) {
      throw new IllegalArgumentException("tenant: " + tenant.orElse("none") + " (expected: one with the role TENANT only)");
    }
    if (tenant.isPresent() && !User.isTenant(tenant.get())) {
      throw new IllegalArgumentException("tenant: (expected: 1 to 64 letters, digits, ., _ and -)");
    }
  }

  public Administrator withStart(String value) {
    return new Administrator(id, name, role, tenant, value, createdAt);
  }
}
