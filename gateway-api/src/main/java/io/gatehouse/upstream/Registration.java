package io.gatehouse.upstream;

import java.time.Duration;
import java.util.Objects;

/**
 * A backend that is kept only while it says that it is there.
 *
 * @param upstream the backend
 * @param ttl how long it is believed after it was last heard of, more than zero
 * @param left how much of that was left when the store was asked; zero or less: it was not heard of in time
 */
public record Registration(Upstream upstream, Duration ttl, Duration left) {

  public Registration {
    Objects.requireNonNull(upstream, "upstream");
    if (ttl.isZero() || ttl.isNegative()) {
      throw new IllegalArgumentException("ttl: " + ttl + " (expected: more than zero)");
    }
    Objects.requireNonNull(left, "left");
  }

  /** Whether it was heard of in time. */
  public boolean live() {
    return !left.isZero() && !left.isNegative();
  }
}
