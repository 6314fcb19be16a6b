package io.gatehouse.core.upstream;

import java.time.Duration;

/** Refuses values that are out of their range, in the words that all refusals have. */
final class Check {

  private Check() {}

  static void positive(Duration value, String name) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: more than zero)");
    }
  }

  static void within(int value, int least, int most, String name) {
    if (value < least || value > most) {
      String expected = most == Integer.MAX_VALUE ? least + " or more" : least + " to " + most;
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }
}
