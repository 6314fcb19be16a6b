package io.gatehouse.plan;

import java.util.Optional;

/** Says which plan a user is on. May block; any number of threads may call at once. */
@FunctionalInterface
public interface Plans {

  /**
   * The plan of a user, as it is now.
   *
   * @param user the id of a user
   * @return empty when the user is on none, or not there
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  Optional<Plan> planOf(String user);
}
