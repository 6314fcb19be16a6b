package io.gatehouse.key;

import java.util.List;
import java.util.Objects;
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
  default List<User> users(String after, int most) {
    return users(Question.everybody().after(after), most);
  }

  /**
   * A page of the users that a question asks for.
   *
   * @param most how many at the most, 1 or more
   */
  List<User> users(Question question, int most);

  /** In which order users are told, by the time of their making. */
  enum Order {
    OLDEST,
    NEWEST
  }

  /**
   * Which users are asked for: those for which all holds that is said.
   *
   * @param namePrefix what the name begins with, compared without case; empty: any
   * @param tenant to which tenant they belong
   * @param enabled whether they are switched on
   * @param plan on which plan they are, or will be by a scheduled change
   * @param order which come first
   * @param after the id of the last one that is known already; empty: from the beginning
   */
  record Question(
      String namePrefix,
      Optional<String> tenant,
      Optional<Boolean> enabled,
      Optional<String> plan,
      Order order,
      String after) {

    public Question {
      Objects.requireNonNull(namePrefix, "namePrefix");
      Objects.requireNonNull(tenant, "tenant");
      Objects.requireNonNull(enabled, "enabled");
      Objects.requireNonNull(plan, "plan");
      Objects.requireNonNull(order, "order");
      Objects.requireNonNull(after, "after");
    }

    /** All users, oldest first. */
    public static Question everybody() {
      return new Question("", Optional.empty(), Optional.empty(), Optional.empty(), Order.OLDEST, "");
    }

    /** Those whose name begins so. */
    public Question named(String prefix) {
      return new Question(prefix, tenant, enabled, plan, order, after);
    }

    /** Those of one tenant. */
    public Question of(String tenant) {
      return new Question(namePrefix, Optional.of(tenant), enabled, plan, order, after);
    }

    /** Those that are switched on, or off. */
    public Question enabled(boolean value) {
      return new Question(namePrefix, tenant, Optional.of(value), plan, order, after);
    }

    /** Those who are on a plan, or will be by a scheduled change. */
    public Question on(String plan) {
      return new Question(namePrefix, tenant, enabled, Optional.of(plan), order, after);
    }

    public Question in(Order other) {
      return new Question(namePrefix, tenant, enabled, plan, other, after);
    }

    /** The page behind a user. */
    public Question after(String id) {
      return new Question(namePrefix, tenant, enabled, plan, order, id);
    }
  }

  /**
   * Replaces name, state and tenant of a user. False when there is no such user.
   *
   * @throws IllegalArgumentException when the new name is taken
   */
  boolean updateUser(User user);

  /** Deletes a user with all keys, limits, quotas and networks; what was used stays counted. False when there was none. */
  boolean deleteUser(String id);
}
