package io.gatehouse.key;

import java.util.List;
import java.util.Optional;

/**
 * Keeps users. A change is durable and atomic when the call returns. All methods may block, may be called by many
 * threads, and throw {@link io.gatehouse.StoreException} when the store cannot answer.
 */
public interface UserAdmin extends Tenants {

  /**
   * Adds a user.
   *
   * @throws IllegalArgumentException when the id or the name is taken
   */
  void addUser(User user);

  Optional<User> user(String id);

  @Override
  default Optional<String> tenantOf(String user) {
    return user(user).flatMap(User::tenant);
  }

  /** The user with this name, compared without case. */
  Optional<User> userNamed(String name);

  /**
   * A page of users, oldest first.
   *
   * @param after the id after which to begin; empty for the first page
   * @param most how many at the most, 1 or more
   */
  List<User> users(String after, int most);

  /**
   * Replaces name, state and tenant of a user. False when there is no such user.
   *
   * @throws IllegalArgumentException when the new name is taken
   */
  boolean updateUser(User user);

  /** Deletes a user with all keys, limits, quotas and networks; what was used stays counted. False when there was none. */
  boolean deleteUser(String id);
}
