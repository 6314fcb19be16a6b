package io.gatehouse.core.upstream;

import java.time.Duration;

/**
 * How much a backend is given at once, and when the whole pool is left in peace. A backend's own breaker opens when the
 * backend is ejected ({@link OutlierDetection}); when its time is over it is half open and gets a few trial requests: the
 * first that is no fault closes it, the first fault opens it again.
 *
 * @param maxRequests requests at one backend at once, those that wait for a connection included, 1 or more
 * @param trialRequests requests at once while a breaker is half open, 1 or more
 * @param failureShare which share of the pool's answers within 10 s must be faults to open the pool's breaker, in per
 *     cent, 1 to 100; 0: it never opens
 * @param minRequests answers within 10 s below which no share is taken, 1 or more
 * @param openFor how long the pool's breaker stays open, more than zero
 */
public record CircuitBreaker(
    int maxRequests, int trialRequests, int failureShare, int minRequests, Duration openFor) {

  /** 1024 requests, 3 trials; the pool's breaker never opens. */
  public static final CircuitBreaker DEFAULT = new CircuitBreaker(1024, 3, 0, 20, Duration.ofSeconds(5));

  /** How a breaker stands. */
  public enum State {
    CLOSED,
    /** Nothing passes. */
    OPEN,
    /** A few pass, to see. */
    HALF_OPEN
  }

  public CircuitBreaker {
    Check.within(maxRequests, 1, Integer.MAX_VALUE, "maxRequests");
    Check.within(trialRequests, 1, Integer.MAX_VALUE, "trialRequests");
    Check.within(failureShare, 0, 100, "failureShare");
    Check.within(minRequests, 1, Integer.MAX_VALUE, "minRequests");
    Check.positive(openFor, "openFor");
  }
}
