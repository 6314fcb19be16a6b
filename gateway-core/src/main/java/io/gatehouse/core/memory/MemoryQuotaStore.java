package io.gatehouse.core.memory;

import io.gatehouse.quota.Claim;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaDecision.Exhausted;
import io.gatehouse.quota.QuotaDecision.Granted;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts use in this process, exactly and under one lock that is held for a few map accesses.
 *
 * <p>Counts of periods that ended more than {@value #DAYS_KEPT} days ago are dropped, once a day, so that there are never
 * more than those of the last days and months; late settlements of yesterday's requests still find theirs. A count that
 * would pass {@link Long#MAX_VALUE} stays there.
 */
public final class MemoryQuotaStore implements QuotaStore {

  /** How long a count is kept after its period has ended everywhere on earth: {@value} days. */
  public static final int DAYS_KEPT = 3;

  private static final QuotaDecision GRANTED = new Granted();

  private final InstantSource clock;

  /** Guarded by this. */
  private final Map<QuotaKey, Count> counts = new HashMap<>();

  /** The day of the last cleaning. Guarded by this. */
  private LocalDate cleaned = LocalDate.MIN;

  /**
   * A store in which nothing was used yet.
   *
   * @param clock only says which counts are too old to be kept
   */
  public MemoryQuotaStore(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public synchronized long used(QuotaKey key) {
    Count count = counts.get(key);
    return count == null ? 0 : count.value;
  }

  @Override
  public synchronized long add(QuotaKey key, long amount) {
    long before = used(key);
    long after = Math.max(0, before + amount);
    if (amount > 0 && after < before) {
      after = Long.MAX_VALUE;
    }
    if (after != before) {
      put(key, after);
    }
    return after;
  }

  @Override
  public synchronized QuotaDecision addWithin(List<Claim> claims) {
    for (Claim claim : claims) {
      long used = used(claim.key());
      if (!claim.fits(used)) {
        return new Exhausted(claim, used);
      }
    }
    for (Claim claim : claims) {
      add(claim.key(), claim.amount());
    }
    return GRANTED;
  }

  private void put(QuotaKey key, long value) {
    Count count = counts.get(key);
    if (count == null) {
      count = new Count();
      counts.put(key, count);
      forgetThePast();
    }
    count.value = value;
  }

  /** Guarded by the store. */
  private static final class Count {
    private long value;
  }

  private void forgetThePast() {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    if (!today.equals(cleaned)) {
      cleaned = today;
      LocalDate kept = today.minusDays(DAYS_KEPT);
      counts.keySet().removeIf(key -> key.window().latestEnd(key.start()).isBefore(kept));
    }
  }
}
