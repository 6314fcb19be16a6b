package io.gatehouse.event;

import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import java.time.Instant;
import java.util.Objects;

/**
 * A part of a quota was used up.
 *
 * @param key whose quota, and the period
 * @param percent the threshold, 1 to 100
 * @param most the quota
 * @param used what was used when it was noticed
 * @param at when it was noticed, in milliseconds
 */
public record Crossing(QuotaKey key, int percent, long most, long used, Instant at) {
  public Crossing {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(at, "at");
    if (percent < 1 || percent > 100) {
      throw new IllegalArgumentException("percent: " + percent + " (expected: 1 to 100)");
    }
    if (most < 0 || used < 0) {
      throw new IllegalArgumentException("most, used: " + most + ", " + used + " (expected: 0 or more)");
    }
  }

  /** From which amount on the threshold is crossed. */
  public long level() {
    return new Quota(key.meter(), key.window(), most).level(percent);
  }

  /**
   * Whether a crossing of the same key and threshold, kept earlier, says nothing of the quota that this one is of: it
   * was noticed at less than is needed now, and so of a quota that was smaller.
   */
  public boolean outdates(Crossing kept) {
    return kept.used < level();
  }
}
