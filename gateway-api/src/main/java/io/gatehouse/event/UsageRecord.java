package io.gatehouse.event;

import io.gatehouse.quota.QuotaKey;
import java.util.Objects;

/**
 * What one source has counted under one key since the source began. Both numbers only ever grow, so a record may be
 * written again, late, or out of order: the larger number is the true one.
 *
 * @param source who counted: one start of one node
 * @param key what was counted
 * @param added all that was added, 0 or more
 * @param returned all that was given back, 0 or more
 */
public record UsageRecord(String source, QuotaKey key, long added, long returned) {
  public UsageRecord {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(key, "key");
    if (added < 0 || returned < 0) {
      throw new IllegalArgumentException("added, returned: " + added + ", " + returned + " (expected: 0 or more)");
    }
  }
}
