package io.gatehouse.examples.benchmarks.proxy;

/**
 * One contender under one load, once.
 *
 * @param number counts from 1 within its scenario; those of one number follow each other directly
 * @param before of the process, when the load began
 * @param after the same, when it was over
 * @param allocatedBytes by it meanwhile; negative: it is none of Java
 */
record Round(
    Scenario scenario,
    String contender,
    int number,
    Answers answers,
    Account before,
    Account after,
    long allocatedBytes) {

  /** Whether all requests were answered with 200 and the whole body. One that is not so counts for nothing. */
  boolean good() {
    return answers.errors() == 0
        && answers.requests() > 0
        && answers.bytes() >= answers.requests() * scenario.body().bytes();
  }

  double cpuMicros() {
    return (double) (after.cpuMicros() - before.cpuMicros()) / answers.requests();
  }

  double switches() {
    return (double) (after.switches() - before.switches()) / answers.requests();
  }

  double allocated() {
    return (double) allocatedBytes / answers.requests();
  }
}
