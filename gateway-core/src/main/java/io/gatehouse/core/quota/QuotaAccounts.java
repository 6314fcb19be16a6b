package io.gatehouse.core.quota;

import io.gatehouse.event.Crossing;
import io.gatehouse.event.CrossingLog;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaPeriods;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What users have used in the running periods, and the changes of quotas that touch it: for administration. Any number of
 * threads; blocks as its stores do, and throws {@link io.gatehouse.StoreException} with them.
 */
public final class QuotaAccounts {

  /** The highest threshold there is, in percent. */
  private static final int ALL = 100;

  private final QuotaStore counts;
  private final QuotaAdmin policy;
  private final QuotaPlan plan;
  private final CrossingLog crossings;
  private final InstantSource clock;

  /**
   * Accounts.
   *
   * @param plan over the same policy
   */
  public QuotaAccounts(
      QuotaStore counts, QuotaAdmin policy, QuotaPlan plan, CrossingLog crossings, InstantSource clock) {
    this.counts = counts;
    this.policy = policy;
    this.plan = plan;
    this.crossings = crossings;
    this.clock = clock;
  }

  /**
   * One count in its running period.
   *
   * @param quota the one with a say, if there is one
   * @param used 0 or more
   * @param begins when its period began
   * @param ends when its period ends; empty when it never does
   * @param crossings the thresholds of it that were crossed, the lowest first
   */
  public record Account(
      QuotaKey key,
      Optional<Quota> quota,
      long used,
      Instant begins,
      Optional<Instant> ends,
      List<Crossing> crossings) {

    public Account {
      crossings = List.copyOf(crossings);
    }
  }

  /** In which periods a user's use is counted. */
  public QuotaPeriods periodsOf(String user) {
    return plan.periodsOf(user);
  }

  /** What is counted for a user: requests and bytes in any case, all else where a quota names it. */
  public List<Account> accountsOf(String user) {
    Instant now = clock.instant();
    List<Quota> quotas = plan.quotasOf(user);
    QuotaPeriods periods = plan.periodsOf(user);
    List<QuotaKey> keys = new ArrayList<>();
    for (Meter meter : Meter.values()) {
      for (Window window : Window.values()) {
        boolean always = (meter == Meter.REQUESTS || meter == Meter.BYTES) && window != Window.LIFETIME;
        if (always || quota(quotas, meter, window).isPresent()) {
          keys.add(periods.keyAt(now, user, meter, window));
        }
      }
    }
    Map<QuotaKey, List<Crossing>> crossed =
        crossings.crossings(keys).stream().collect(Collectors.groupingBy(Crossing::key));
    return keys.stream().map(key -> new Account(
        key,
        quota(quotas, key.meter(), key.window()),
        counts.used(key),
        periods.calendar().beginningOf(key.start()),
        Optional.of(periods.restAt(now, key.window())).filter(rest -> !rest.isZero()).map(now::plus),
        crossed.getOrDefault(key, List.of()))).toList();
  }

  /** Replaces the quotas of a user, as {@link QuotaAdmin#replaceQuotas}, and re-arms thresholds. */
  public void replaceQuotas(String user, Optional<List<Quota>> quotas) {
    policy.replaceQuotas(user, quotas);
    quotasChanged(user);
  }

  /**
   * Re-arms thresholds after a user came to have other quotas: those of the running periods that are not crossed any more
   * will be told again.
   */
  public void quotasChanged(String user) {
    Instant now = clock.instant();
    QuotaPeriods periods = plan.periodsOf(user);
    for (Quota quota : plan.quotasOf(user)) {
      if (!quota.isShadow()) {
        QuotaKey key = periods.keyAt(now, user, quota.meter(), quota.window());
        crossings.forgetAbove(key, percentUsed(quota, counts.used(key)));
      }
    }
  }

  /**
   * Begins to count anew, from zero, what a user has used in the running periods; on all nodes as soon as they hear of
   * it. Until then, and for requests that have begun, the old counts go on and end without a trace. What is stored is not
   * used up and stays.
   *
   * @param meter which one; empty: all
   * @param window which one; empty: all
   */
  public void reset(String user, Optional<Meter> meter, Optional<Window> window) {
    Instant now = clock.instant();
    QuotaPeriods periods = plan.periodsOf(user);
    List<QuotaKey> keys = new ArrayList<>();
    for (Meter each : Meter.values()) {
      for (Window of : List.of(Window.DAY, Window.MONTH)) {
        if (each.isTransferred() && meter.orElse(each) == each && window.orElse(of) == of) {
          keys.add(periods.keyAt(now, user, each, of));
        }
      }
    }
    policy.beginAnew(user, keys);
  }

  private static int percentUsed(Quota quota, long used) {
    int percent = ALL;
    while (percent > 0 && quota.level(percent) > used) {
      percent--;
    }
    return percent;
  }

  private static Optional<Quota> quota(List<Quota> quotas, Meter meter, Window window) {
    return quotas.stream()
        .filter(quota -> quota.meter() == meter && quota.window() == window && !quota.isShadow())
        .findFirst();
  }
}
