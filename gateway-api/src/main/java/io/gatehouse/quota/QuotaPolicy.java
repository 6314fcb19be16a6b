package io.gatehouse.quota;

import java.util.List;
import java.util.Optional;

/** Says which quotas an owner has. May block; any number of threads may call at once. */
@FunctionalInterface
public interface QuotaPolicy {

  /**
   * The quotas of an owner, at most one enforced and one in the shadow for each meter and window.
   *
   * @param owner the id of a user
   * @return empty when the owner has none of its own and the gateway's defaults apply; an empty list when nothing is
   *     limited
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  Optional<List<Quota>> quotasOf(String owner);
}
