package io.gatehouse.quota;

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
}
