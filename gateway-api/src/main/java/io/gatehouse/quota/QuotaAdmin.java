package io.gatehouse.quota;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** A quota policy that can be changed. A change is durable and atomic when the call returns. */
public interface QuotaAdmin extends QuotaPolicy {

  /**
   * Replaces all quotas of an owner.
   *
   * @param quotas empty to go back to the gateway's defaults; an empty list to lift all quotas
   * @throws IllegalArgumentException when two quotas have the same meter, window and enforcement
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  void replaceQuotas(String owner, Optional<List<Quota>> quotas);

  /**
   * Replaces all quotas that a key has beside those of its user.
   *
   * @param lineage of the key ({@link io.gatehouse.key.ApiKey#lineage})
   * @param quotas empty when the key is to have none
   * @throws IllegalArgumentException when two quotas have the same meter, window and enforcement, one is of
   *     {@link Meter#STORED_BYTES}, or no key has that lineage
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  void replaceKeyQuotas(String lineage, List<Quota> quotas);

  /**
   * Sets when an owner's days and months begin. A period whose first day changes with it is counted from zero.
   *
   * @param calendar empty to go back to the gateway's
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  void replaceCalendar(String owner, Optional<BillingCalendar> calendar);

  /**
   * Ends counts and begins new ones, {@link QuotaKey#anew}, in their place. One that was ended already stays so: two who
   * do it at once do it once.
   *
   * @param owner the id of a user, or {@link QuotaOwner#text} of a key
   * @param counts of the owner, as they are counted now
   * @throws IllegalArgumentException when one is of another owner
   * @throws io.gatehouse.StoreException when the store cannot answer
   */
  void beginAnew(String owner, Collection<QuotaKey> counts);
}
