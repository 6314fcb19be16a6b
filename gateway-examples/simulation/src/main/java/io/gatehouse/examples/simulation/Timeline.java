package io.gatehouse.examples.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes from one thing that happens to the next; what happens at the same time happens in order. */
final class Timeline {

  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000 * MILLI;

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private long now;
  private long number;

  private record Event(long at, long number, Runnable deed) {}

  /** In nanoseconds since the beginning. */
  long now() {
    return now;
  }

  void after(long nanos, Runnable deed) {
    events.add(new Event(now + nanos, number++, deed));
  }

  /** Lets everything happen until then. */
  void runUntil(long end) {
    while (!events.isEmpty() && events.peek().at() <= end) {
      Event event = events.remove();
      now = event.at();
      event.deed().run();
    }
    now = end;
  }
}
