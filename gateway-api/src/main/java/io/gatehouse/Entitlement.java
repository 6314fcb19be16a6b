package io.gatehouse;

import io.gatehouse.access.AddressRules;
import io.gatehouse.access.Cidr;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.EndpointCharges;
import io.gatehouse.quota.KeyQuotas;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaPeriods;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What one caller may do, compiled once and shared by all their requests: immutable, and cheap to ask.
 *
 * @param subject who calls
 * @param charges what a request costs that no endpoint covers, against every limit that applies, shadows too; empty: no
 *     limit
 * @param quotas what may be used in a day or month, or held; shadows too; empty: no quota, requests and bytes are
 *     counted all the same
 * @param periods in which periods that is counted; empty: in those of the gateway
 * @param addresses from where they may call
 * @param scopes what they may call, each {@code METHOD} or {@code METHOD /path-prefix} with {@code *} for any method;
 *     when there are none of these, everything. Words that begin with a small letter, such as {@code images:write}, are
 *     permissions of the application behind, and have no say in what may be called
 * @param responseHeaders fields that belong into every answer to this caller, by name
 * @param endpoints what requests for certain endpoints cost instead; the first that covers a request holds
 * @param tenant the tenant that the caller belongs to; empty: none
 * @param plan the name of the plan that the caller is on; empty: none
 * @param options what that plan says besides, by name ({@link io.gatehouse.plan.Plan#options})
 * @param keyQuotas the quotas of the key alone, beside those of its user; empty: it has none
 */
public record Entitlement(
    Subject subject,
    List<Charge> charges,
    List<Quota> quotas,
    Optional<QuotaPeriods> periods,
    AddressRules addresses,
    Set<String> scopes,
    Map<String, String> responseHeaders,
    List<EndpointCharges> endpoints,
    Optional<String> tenant,
    Optional<String> plan,
    Map<String, String> options,
    Optional<KeyQuotas> keyQuotas) {

  /** Without quotas of the key alone. */
  public Entitlement(
      Subject subject,
      List<Charge> charges,
      List<Quota> quotas,
      Optional<QuotaPeriods> periods,
      AddressRules addresses,
      Set<String> scopes,
      Map<String, String> responseHeaders,
      List<EndpointCharges> endpoints,
      Optional<String> tenant,
      Optional<String> plan,
      Map<String, String> options) {
    this(
        subject, charges, quotas, periods, addresses, scopes, responseHeaders, endpoints, tenant, plan, options,
        Optional.empty());
  }

  /** On no plan. */
  public Entitlement(
      Subject subject,
      List<Charge> charges,
      List<Quota> quotas,
      Optional<QuotaPeriods> periods,
      AddressRules addresses,
      Set<String> scopes,
      Map<String, String> responseHeaders,
      List<EndpointCharges> endpoints,
      Optional<String> tenant) {
    this(
        subject, charges, quotas, periods, addresses, scopes, responseHeaders, endpoints, tenant, Optional.empty(),
        Map.of());
  }

  /**
   * In the periods of the gateway; without endpoints and tenant.
   *
   * @param networks from where they may call; empty: from everywhere
   */
  public Entitlement(
      Subject subject,
      List<Charge> charges,
      List<Quota> quotas,
      List<Cidr> networks,
      Set<String> scopes,
      Map<String, String> responseHeaders) {
    this(
        subject,
        charges,
        quotas,
        Optional.empty(),
        AddressRules.within(networks),
        scopes,
        responseHeaders,
        List.of(),
        Optional.empty());
  }

  /** As above, and without fields for the answer. */
  public Entitlement(
      Subject subject, List<Charge> charges, List<Quota> quotas, List<Cidr> networks, Set<String> scopes) {
    this(subject, charges, quotas, networks, scopes, Map.of());
  }

  public Entitlement {
    Objects.requireNonNull(subject, "subject");
    charges = List.copyOf(charges);
    quotas = List.copyOf(quotas);
    Objects.requireNonNull(periods, "periods");
    Objects.requireNonNull(addresses, "addresses");
    scopes = Set.copyOf(scopes);
    responseHeaders = Map.copyOf(responseHeaders);
    endpoints = List.copyOf(endpoints);
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(plan, "plan");
    options = Map.copyOf(options);
    Objects.requireNonNull(keyQuotas, "keyQuotas");
  }
}
