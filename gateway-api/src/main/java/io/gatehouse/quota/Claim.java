package io.gatehouse.quota;

import java.util.Objects;

/**
 * What one request wants to add to one count.
 *
 * @param key the count
 * @param amount 0 or more
 * @param most what the count may reach; {@link Long#MAX_VALUE} when it is only counted
 */
public record Claim(QuotaKey key, long amount, long most) {
  public Claim {
    Objects.requireNonNull(key, "key");
    if (amount < 0 || most < 0) {
      throw new IllegalArgumentException("amount, most: " + amount + ", " + most + " (expected: 0 or more)");
    }
  }

  /** Whether it fits into a count that holds {@code used}. */
  public boolean fits(long used) {
    return used <= most && amount <= most - used;
  }
}
