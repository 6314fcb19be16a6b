package io.gatehouse.core.upstream;

import java.util.concurrent.TimeUnit;

/**
 * How long a backend takes to answer, as Finagle's peak EWMA has it: a longer time than expected is believed at once, a
 * shorter one little by little, with a weight that grows with the time since the last. Without news it fades, so that
 * whoever was slow is tried again.
 */
final class PeakLatency {

  /** After this without news a third is left of it: 10 s. */
  static final long DECAY_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** What a failure counts for, if it took no longer: 1 s. Otherwise whoever fails fastest would look best. */
  static final long FAILURE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Written under this, read without. */
  private volatile Sample sample = new Sample(false, 0, 0);

  private record Sample(boolean known, double nanos, long stamp) {

    /** What is left of it. The clock of another thread may be a little behind. */
    double at(long now) {
      return nanos * StrictMath.exp(-(double) Math.max(0, now - stamp) / DECAY_NANOS);
    }
  }

  synchronized void observe(long elapsedNanos, long now) {
    Sample old = sample;
    double left = StrictMath.exp(-(double) Math.max(0, now - old.stamp) / DECAY_NANOS);
    double nanos = !old.known || elapsedNanos > old.at(now)
        ? elapsedNanos
        : old.nanos * left + elapsedNanos * (1 - left);
    sample = new Sample(true, nanos, now);
  }

  /** It took longer than this, nobody knows how much. */
  synchronized void atLeast(long elapsedNanos, long now) {
    if (!sample.known || elapsedNanos > sample.at(now)) {
      sample = new Sample(true, elapsedNanos, now);
    }
  }

  /** False until something was observed. */
  boolean known() {
    return sample.known;
  }

  /** In nanoseconds. */
  double at(long now) {
    return sample.at(now);
  }
}
