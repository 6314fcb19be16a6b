package io.gatehouse.core.key;

import io.gatehouse.access.AddressRules;
import io.gatehouse.access.WhitelistStore;
import io.gatehouse.key.ApiKey;
import io.gatehouse.key.Tenants;
import io.gatehouse.plan.Plan;
import io.gatehouse.plan.Plans;
import io.gatehouse.limit.Level;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.LimitPolicy;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.QuotaPolicy;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the stores say of a key and its user, read once: enough to tell what the key may do by any rules of the gateway,
 * without asking the stores again. As a policy it answers for this key, its user and its tenant, whoever is named.
 *
 * @param tenant the tenant of the user
 * @param plan that the user is on
 * @param limits those of its own that key, user and tenant have; none for a level that has none
 * @param quotas the user's own; empty when the gateway's defaults apply
 * @param calendar the user's own; empty when the gateway's applies
 * @param keyQuotas the key's own, beside those of its user; empty: none
 * @param resets the counts of the user, and of the key if it has quotas, that were begun anew
 * @param addresses from where the key may be used
 */
public record Dossier(
    ApiKey key,
    Optional<String> tenant,
    Optional<Plan> plan,
    Map<Level, List<Limit>> limits,
    Optional<List<Quota>> quotas,
    List<Quota> keyQuotas,
    Optional<BillingCalendar> calendar,
    List<QuotaKey> resets,
    AddressRules addresses)
    implements LimitPolicy, QuotaPolicy {

  public Dossier {
    limits = Map.copyOf(limits);
    quotas = quotas.map(List::copyOf);
    keyQuotas = List.copyOf(keyQuotas);
    resets = List.copyOf(resets);
  }

  /**
   * Reads it. Blocks as the stores do.
   *
   * @throws io.gatehouse.StoreException when one of them cannot answer
   */
  public static Dossier read(
      ApiKey key, Tenants tenants, Plans plans, LimitPolicy limits, QuotaPolicy quotas, WhitelistStore networks) {
    String user = key.user();
    Optional<String> tenant = tenants.tenantOf(user);
    Map<Level, List<Limit>> own = new EnumMap<>(Level.class);
    limits.limitsOf(Level.KEY, key.lineage()).ifPresent(found -> own.put(Level.KEY, found));
    limits.limitsOf(Level.USER, user).ifPresent(found -> own.put(Level.USER, found));
    tenant.flatMap(name -> limits.limitsOf(Level.TENANT, name)).ifPresent(found -> own.put(Level.TENANT, found));
    List<Quota> keyQuotas = quotas.keyQuotasOf(key.lineage());
    List<QuotaKey> resets = new ArrayList<>(quotas.resetsOf(user));
    if (!keyQuotas.isEmpty()) {
      resets.addAll(quotas.resetsOf(QuotaOwner.ofKey(user, key.lineage()).text()));
    }
    return new Dossier(
        key,
        tenant,
        plans.planOf(user),
        own,
        quotas.quotasOf(user),
        keyQuotas,
        quotas.calendarOf(user),
        resets,
        new AddressRules(networks.deniedTo(user), networks.networksOf(user), key.networks()));
  }

  @Override
  public Optional<List<Limit>> limitsOf(Level level, String owner) {
    return Optional.ofNullable(limits.get(level));
  }

  @Override
  public Optional<List<Quota>> quotasOf(String owner) {
    return quotas;
  }

  @Override
  public List<Quota> keyQuotasOf(String lineage) {
    return keyQuotas;
  }

  @Override
  public Optional<BillingCalendar> calendarOf(String owner) {
    return calendar;
  }

  @Override
  public List<QuotaKey> resetsOf(String owner) {
    return resets.stream().filter(reset -> reset.owner().equals(owner)).toList();
  }
}
