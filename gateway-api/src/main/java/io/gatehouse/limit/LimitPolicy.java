package io.gatehouse.limit;

import java.util.List;
import java.util.Optional;

/** Says which limits an owner has. May block; any number of threads may call at once. */
@FunctionalInterface
public interface LimitPolicy {

  /**
   * The limits of an owner, those that are enforced and those in the shadow each with a period of its own.
   *
   * @param owner the id of a user
   * @return empty when the owner has none of its own and the gateway's defaults apply; an empty list when it is not
   *     limited at all
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  Optional<List<Limit>> limitsOf(String owner);
}
