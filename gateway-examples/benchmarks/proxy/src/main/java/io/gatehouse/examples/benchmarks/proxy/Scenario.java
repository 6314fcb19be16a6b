package io.gatehouse.examples.benchmarks.proxy;

import java.util.Locale;

/**
 * What is asked of all contenders alike.
 *
 * @param perSecond how often in a second; 0: as often as it can be answered
 */
record Scenario(Body body, int connections, double perSecond) {

  static Scenario saturating(Body body, int connections) {
    return new Scenario(body, connections, 0);
  }

  boolean paced() {
    return perSecond > 0;
  }

  String text() {
    String pace = paced() ? String.format(Locale.ROOT, ", %,.0f requests a second", perSecond) : "";
    return body.text() + ", " + connections + " connections" + pace;
  }

  /** For names of files. */
  String slug() {
    return body.name() + "-" + connections + (paced() ? "-paced" : "");
  }
}
