package io.gatehouse;

import io.gatehouse.access.Cidr;
import io.gatehouse.limit.Charge;
import io.gatehouse.quota.Quota;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What one caller may do, compiled once and shared by all their requests: immutable, and cheap to ask.
 *
 * @param subject who calls
 * @param charges what each request costs, against every limit that applies, shadows too; empty: no limit
 * @param quotas what may be used in a day or month; shadows too; empty: no quota, use is counted all the same
 * @param networks from where they may call; empty: from everywhere
 * @param scopes what they may call, each {@code METHOD} or {@code METHOD /path-prefix} with {@code *} for any method;
 *     empty: everything
 * @param responseHeaders fields that belong into every answer to this caller, by name
 */
public record Entitlement(
    Subject subject,
    List<Charge> charges,
    List<Quota> quotas,
    List<Cidr> networks,
    Set<String> scopes,
    Map<String, String> responseHeaders) {

  /** Without fields for the answer. */
  public Entitlement(
      Subject subject, List<Charge> charges, List<Quota> quotas, List<Cidr> networks, Set<String> scopes) {
    this(subject, charges, quotas, networks, scopes, Map.of());
  }

  public Entitlement {
    Objects.requireNonNull(subject, "subject");
    charges = List.copyOf(charges);
    quotas = List.copyOf(quotas);
    networks = List.copyOf(networks);
    scopes = Set.copyOf(scopes);
    responseHeaders = Map.copyOf(responseHeaders);
  }
}
