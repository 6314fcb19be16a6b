package io.gatehouse.core.sql;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps callers from queueing at a database that is away: after a failure nobody passes for a while, then one
 * caller passes to see, and what it finds counts for all.
 *
 * <p>Any number of threads may call; nobody waits.
 */
final class Breaker {

  private final long restNanos;
  private final LongSupplier nanoTime;

  /** Guarded by this, as all below. */
  private boolean open;

  private boolean probing;
  private long nextProbe;

  Breaker(Duration rest, LongSupplier nanoTime) {
    this.restNanos = rest.toNanos();
    this.nanoTime = nanoTime;
  }

  /**
   * Whether the caller may try; if so, it owes one of {@link #answered()}, {@link #away()} and
   * {@link #unknown()}.
   */
  synchronized boolean tryPass() {
    if (!open) {
      return true;
    }
    if (probing || nanoTime.getAsLong() - nextProbe < 0) {
      return false;
    }
    probing = true;
    return true;
  }

  /** The database was there, whatever it said. */
  synchronized void answered() {
    open = false;
    probing = false;
  }

  /** The database could not be reached. */
  synchronized void away() {
    open = true;
    probing = false;
    nextProbe = nanoTime.getAsLong() + restNanos;
  }

  /** The caller gave up for a reason that says nothing about the database. */
  synchronized void unknown() {
    probing = false;
  }
}
