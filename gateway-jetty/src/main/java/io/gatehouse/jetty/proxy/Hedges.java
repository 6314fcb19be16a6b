package io.gatehouse.jetty.proxy;

import java.util.concurrent.atomic.LongAdder;

/** How often a second backend was asked because the first was slow, and how often it answered first. Any thread. */
final class Hedges {

  private final LongAdder begun = new LongAdder();
  private final LongAdder won = new LongAdder();

  void began() {
    begun.increment();
  }

  void won() {
    won.increment();
  }

  /** Ever growing. */
  long begunEver() {
    return begun.sum();
  }

  /** Ever growing. */
  long wonEver() {
    return won.sum();
  }
}
