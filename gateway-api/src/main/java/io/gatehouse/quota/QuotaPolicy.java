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

  /**
   * The quotas that a key has beside those of its user, at most one enforced and one in the shadow for each meter and
   * window, and none of {@link Meter#STORED_BYTES}; none unless this is implemented.
   *
   * @param lineage of the key ({@link io.gatehouse.key.ApiKey#lineage})
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  default List<Quota> keyQuotasOf(String lineage) {
    return List.of();
  }

  /**
   * When the owner's days and months begin; none has a calendar of its own unless this is implemented.
   *
   * @return empty when the gateway's calendar applies
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  default Optional<BillingCalendar> calendarOf(String owner) {
    return Optional.empty();
  }

  /**
   * The counts that were begun anew, of the running periods at least and each once; none unless this is implemented.
   *
   * @param owner as in the keys of the counts, {@link QuotaKey#owner}
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  default List<QuotaKey> resetsOf(String owner) {
    return List.of();
  }
}
