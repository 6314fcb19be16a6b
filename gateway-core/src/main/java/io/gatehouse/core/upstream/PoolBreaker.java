package io.gatehouse.core.upstream;

import io.gatehouse.core.upstream.CircuitBreaker.State;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The breaker of a whole pool: opens when too large a share of the answers of the last {@value #SLOTS} seconds were
 * faults, so that a service that is down is not asked by every client and a client is told at once. When its time is
 * over a few trials pass: the first that is no fault closes it, the first fault opens it again. The window of buckets is
 * Hystrix's.
 *
 * <p>One short lock per pick and per verdict; none where the share is 0.
 */
final class PoolBreaker {

  static final int SLOTS = 10;

  private static final long SLOT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Supplier<CircuitBreaker> rules;
  private final long startNanos;

  // Guarded by this.
  private final int[] answers = new int[SLOTS];
  private final int[] faults = new int[SLOTS];
  private long slot;
  private State state = State.CLOSED;
  private long untilNanos;
  private int trials;

  /** What became of asking to pass. */
  enum Pass {
    REFUSED,
    PASSED,
    /** Passed as a trial, which is owed to {@link #trialOver}. */
    TRIAL
  }

  /** @param rules those that hold when they are asked for */
  PoolBreaker(Supplier<CircuitBreaker> rules, long startNanos) {
    this.rules = rules;
    this.startNanos = startNanos;
  }

  Pass pass(long now) {
    if (rules.get().failureShare() == 0) {
      return Pass.PASSED;
    }
    synchronized (this) {
      if (current(now) == State.CLOSED) {
        return Pass.PASSED;
      }
      if (state == State.OPEN || trials >= rules.get().trialRequests()) {
        return Pass.REFUSED;
      }
      trials++;
      return Pass.TRIAL;
    }
  }

  synchronized void trialOver() {
    trials--;
  }

  /** Hears of a request that passed. */
  void heard(boolean fault, boolean trial, long now) {
    if (rules.get().failureShare() == 0) {
      return;
    }
    synchronized (this) {
      State before = current(now);
      if (before == State.HALF_OPEN && trial) {
        if (fault) {
          open(now);
        } else {
          close();
        }
      } else if (before == State.CLOSED) {
        count(fault, now);
      }
    }
  }

  synchronized State state(long now) {
    return current(now);
  }

  /** How long it stays open; zero when it is not. */
  synchronized Duration left(long now) {
    return current(now) == State.OPEN ? Duration.ofNanos(untilNanos - now) : Duration.ZERO;
  }

  private State current(long now) {
    if (rules.get().failureShare() == 0 && state != State.CLOSED) {
      close();
    }
    if (state == State.OPEN && untilNanos - now <= 0) {
      state = State.HALF_OPEN;
    }
    return state;
  }

  private void count(boolean fault, long now) {
    turnTo((now - startNanos) / SLOT_NANOS);
    int index = (int) (slot % SLOTS);
    answers[index]++;
    if (fault) {
      faults[index]++;
      long all = Arrays.stream(answers).asLongStream().sum();
      long bad = Arrays.stream(faults).asLongStream().sum();
      if (all >= rules.get().minRequests() && bad * 100 >= all * rules.get().failureShare()) {
        open(now);
      }
    }
  }

  private void turnTo(long current) {
    for (long next = Math.max(slot + 1, current - SLOTS + 1); next <= current; next++) {
      answers[(int) (next % SLOTS)] = 0;
      faults[(int) (next % SLOTS)] = 0;
    }
    slot = Math.max(slot, current);
  }

  private void open(long now) {
    state = State.OPEN;
    untilNanos = now + rules.get().openFor().toNanos();
  }

  private void close() {
    state = State.CLOSED;
    Arrays.fill(answers, 0);
    Arrays.fill(faults, 0);
  }
}
