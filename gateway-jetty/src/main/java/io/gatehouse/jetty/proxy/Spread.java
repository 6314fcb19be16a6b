package io.gatehouse.jetty.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Lets those who waited in vain go on by themselves: a few at once and the others little by little, so that a backend does
 * not get all of them in one moment.
 */
final class Spread {

  private static final int AT_ONCE = 16;
  private static final long MILLIS = 10;

  private final List<Visit> visits;
  private final Scheduler scheduler;
  private int next;

  Spread(List<Visit> visits, Scheduler scheduler) {
    this.visits = new ArrayList<>(visits);
    this.scheduler = scheduler;
  }

  /** Lets the first go; one thread after the other. */
  void begin() {
    int end = Math.min(next + AT_ONCE, visits.size());
    while (next < end) {
      visits.get(next).alone("collapse-failed");
      next++;
    }
    if (next < visits.size()) {
      scheduler.schedule(this::begin, MILLIS, TimeUnit.MILLISECONDS);
    }
  }
}
