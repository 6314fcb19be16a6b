package io.gatehouse.key;

import java.util.Optional;

/** Says to which tenant a user belongs. May block; any number of threads may call at once. */
@FunctionalInterface
public interface Tenants {

  /**
   * The tenant of a user.
   *
   * @param user the id of a user
   * @return empty when the user is not there or belongs to none
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  Optional<String> tenantOf(String user);
}
