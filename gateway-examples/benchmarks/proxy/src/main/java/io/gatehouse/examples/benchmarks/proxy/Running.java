package io.gatehouse.examples.benchmarks.proxy;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** A contender that runs. */
final class Running {

  private static final Duration START = Duration.ofSeconds(90);

  private final Contender contender;
  private final Child child;
  private final double startMillis;
  private final long idleBytes;
  private final Optional<Allocations> allocations;

  private Running(
      Contender contender, Child child, double startMillis, long idleBytes, Optional<Allocations> allocations) {
    this.contender = contender;
    this.child = child;
    this.startMillis = startMillis;
    this.idleBytes = idleBytes;
    this.allocations = allocations;
  }

  /**
   * Starts it some times, always until the first request has been answered through it; the last one stays.
   *
   * @param starts how often, at least once
   */
  static Running start(Workplace workplace, Contender contender, int starts) {
    double[] millis = new double[starts];
    for (int i = 0; i < starts - 1; i++) {
      try (Child child = child(workplace, contender)) {
        millis[i] = firstAnswer(child, contender);
      }
    }
    Child child = child(workplace, contender);
    millis[starts - 1] = firstAnswer(child, contender);
    Arrays.sort(millis);
    long idle = Account.of(child.pids()).residentBytes();
    Optional<Allocations> allocations =
        contender.jdk().map(jdk -> workplace.keep(Allocations.in(child.pid())));
    return new Running(contender, child, millis[starts / 2], idle, allocations);
  }

  private static Child child(Workplace workplace, Contender contender) {
    return Child.start(workplace, contender.name(), contender.command(), contender.output());
  }

  private static double firstAnswer(Child child, Contender contender) {
    try {
      long answered =
          Probe.await(contender.port(), new Body("1k"), contender.firstKey(), START, child::requireAlive);
      return (answered - child.startedNanos()) / 1e6;
    } catch (IllegalStateException e) {
      throw new IllegalStateException("it does not start. " + e.getMessage() + "\n" + child.endOfLog(), e);
    }
  }

  /** Puts a load on it and sees what that takes. */
  Round measure(Scenario scenario, int number, Load load, OwnLoad paced, long millis) {
    child.requireAlive();
    Account before = Account.of(child.pids());
    long allocated = allocations.map(Allocations::bytes).orElse(0L);
    Answers answers = scenario.paced()
        ? paced.pace(contender, scenario.body(), scenario.connections(), millis, scenario.perSecond())
        : load.saturate(contender, scenario.body(), scenario.connections(), millis);
    child.requireAlive();
    long allocatedAfter = allocations.map(Allocations::bytes).orElse(-1L);
    Account after = Account.of(child.pids());
    return new Round(
        scenario,
        contender.name(),
        number,
        answers,
        before,
        after,
        allocatedAfter < 0 ? -1 : allocatedAfter - allocated);
  }

  Contender contender() {
    return contender;
  }

  long pid() {
    return child.pid();
  }

  /** From the start of the process to the end of the first answer through it, the median of all starts. */
  double startMillis() {
    return startMillis;
  }

  /** Its memory after the first answer. */
  long idleBytes() {
    return idleBytes;
  }
}
