package io.gatehouse.contract;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A clock that stands still until it is told to go on: an {@link InstantSource} for dates, and {@link #nanoTime()} for
 * intervals. Any number of threads may read and set it.
 */
public final class SettableClock implements InstantSource {

  /** What {@link #instant()} says at first: the start of a day and of a month, in a year without surprises. */
  public static final Instant START = Instant.parse("2026-06-01T00:00:00Z");

  private final long startNanos;
  private final AtomicLong elapsedNanos = new AtomicLong();

  /** A clock whose nanoseconds start at 0. */
  public SettableClock() {
    this(0);
  }

  /**
   * A clock whose nanoseconds start anywhere, as those of {@link System#nanoTime} may: negative, or so near to
   * {@link Long#MAX_VALUE} that they overflow soon.
   */
  public SettableClock(long startNanos) {
    this.startNanos = startNanos;
  }

  @Override
  public Instant instant() {
    return START.plusNanos(elapsedNanos.get());
  }

  /** Nanoseconds that only mean something by their difference; they wrap around. */
  public LongSupplier nanoTime() {
    return () -> startNanos + elapsedNanos.get();
  }

  /** Goes on by this much; back when it is negative. */
  public void advance(Duration by) {
    elapsedNanos.addAndGet(by.toNanos());
  }
}
