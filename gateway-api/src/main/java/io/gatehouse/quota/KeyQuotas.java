package io.gatehouse.quota;

import java.util.List;
import java.util.Objects;

/**
 * The quotas that a key has beside those of its user. A request has to fit into both, in one decision.
 *
 * @param owner the key whose use they limit
 * @param quotas at least one, not of {@link Meter#STORED_BYTES}; shadows too
 * @param periods under which keys that is counted
 */
public record KeyQuotas(QuotaOwner owner, List<Quota> quotas, QuotaPeriods periods) {

  public KeyQuotas {
    if (owner.lineage().isEmpty()) {
      throw new IllegalArgumentException("owner: the user " + owner.user() + " (expected: a key)");
    }
    if (quotas.isEmpty() || quotas.stream().anyMatch(quota -> !quota.meter().isTransferred())) {
      throw new IllegalArgumentException("quotas: " + quotas + " (expected: at least one, not of STORED_BYTES)");
    }
    quotas = List.copyOf(quotas);
    Objects.requireNonNull(periods, "periods");
  }
}
