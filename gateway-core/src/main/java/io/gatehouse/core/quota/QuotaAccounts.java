package io.gatehouse.core.quota;

import io.gatehouse.event.Crossing;
import io.gatehouse.event.CrossingLog;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaAdmin;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.QuotaPeriods;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * What users, and keys with quotas of their own, have used in the running periods, and how that is begun anew: for
 * administration. Any number of threads; blocks as its stores do, and throws {@link io.gatehouse.StoreException} with
 * them.
 */
public final class QuotaAccounts {

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

    /** In the first hundredth of a period, it is too early for a forecast. */
    private static final double LEAST_SHARE = 0.01;

    public Account {
      crossings = List.copyOf(crossings);
    }

    /**
     * What will have been used when the period ends, if it goes on as it did: what was used divided by the share of the
     * period that is over.
     *
     * @return at most 2^53; empty for what has no period, and in its first hundredth
     */
    public OptionalLong forecastAt(Instant now) {
      if (ends.isEmpty()) {
        return OptionalLong.empty();
      }
      double whole = Duration.between(begins, ends.get()).toMillis();
      double share = Math.min(1, Duration.between(begins, now).toMillis() / whole);
      return share < LEAST_SHARE
          ? OptionalLong.empty()
          : OptionalLong.of((long) Math.min(1L << 53, Math.ceil(used / share)));
    }
  }

  /** In which periods a user's use is counted. */
  public QuotaPeriods periodsOf(String user) {
    return plan.periodsOf(user);
  }

  /** What is counted for a user: requests and bytes in any case, all else where a quota names it. */
  public List<Account> accountsOf(String user) {
    return accountsOf(QuotaOwner.ofUser(user));
  }

  /** What is counted for an owner: of a user as {@link #accountsOf(String)}, of a key what its quotas name. */
  public List<Account> accountsOf(QuotaOwner owner) {
    Instant now = clock.instant();
    List<Quota> quotas = plan.quotasOf(owner);
    QuotaPeriods periods = plan.periodsOf(owner);
    List<QuotaKey> keys = new ArrayList<>();
    for (Meter meter : Meter.values()) {
      for (Window window : Window.values()) {
        boolean always = owner.lineage().isEmpty()
            && (meter == Meter.REQUESTS || meter == Meter.BYTES)
            && window != Window.LIFETIME;
        if (always || quota(quotas, meter, window).isPresent()) {
          keys.add(periods.keyAt(now, owner.text(), meter, window));
        }
      }
    }
    Map<QuotaKey, List<Crossing>> crossed =
        crossings.crossings(keys).stream().collect(Collectors.groupingBy(Crossing::key));
    return keys.stream().map(key -> account(key, quotas, periods, crossed.getOrDefault(key, List.of()), now)).toList();
  }

  private Account account(
      QuotaKey key, List<Quota> quotas, QuotaPeriods periods, List<Crossing> crossed, Instant now) {
    Optional<Quota> quota = quota(quotas, key.meter(), key.window());
    return new Account(
        key,
        quota,
        counts.used(key),
        periods.calendar().beginningOf(key.start()),
        Optional.of(periods.restAt(now, key.window())).filter(rest -> !rest.isZero()).map(now::plus),
        // What was noticed of a smaller quota is not crossed any more.
        crossed.stream()
            .filter(each -> quota.isPresent() && each.used() >= quota.get().level(each.percent()))
            .toList());
  }

  /**
   * Begins to count anew, from zero, what an owner has used in the running periods; on all nodes as soon as they hear
   * of it. A user's counts are begun anew without those of single keys. Until then, and for requests that have begun,
   * the old counts go on and end without a trace. What is stored is not used up and stays.
   *
   * @param meter which one; empty: all
   * @param window which one; empty: all
   */
  public void reset(QuotaOwner owner, Optional<Meter> meter, Optional<Window> window) {
    Instant now = clock.instant();
    QuotaPeriods periods = plan.periodsOf(owner);
    List<QuotaKey> keys = new ArrayList<>();
    for (Meter each : Meter.values()) {
      for (Window of : List.of(Window.DAY, Window.MONTH)) {
        if (each.isTransferred() && meter.orElse(each) == each && window.orElse(of) == of) {
          keys.add(periods.keyAt(now, owner.text(), each, of));
        }
      }
    }
    policy.beginAnew(owner.text(), keys);
  }

  private static Optional<Quota> quota(List<Quota> quotas, Meter meter, Window window) {
    return quotas.stream()
        .filter(quota -> quota.meter() == meter && quota.window() == window && !quota.isShadow())
        .findFirst();
  }
}
