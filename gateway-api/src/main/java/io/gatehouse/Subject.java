package io.gatehouse;

import java.util.Objects;

/**
 * Who calls.
 *
 * @param user the id of the user, the owner of limits, quotas and address lists
 * @param key the id of the credential; not a secret
 */
public record Subject(String user, String key) {
  public Subject {
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(key, "key");
  }
}
