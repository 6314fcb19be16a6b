package io.gatehouse.examples.benchmarks.proxy;

/**
 * What came of a load.
 *
 * @param requests those that were answered, well or not
 * @param errors answers that were none of 200 and those that did not come: connections that failed, time that ran out
 * @param bytes all that came, heads included
 * @param micros how long it took
 * @param latency of all requests
 */
record Answers(long requests, long errors, long bytes, long micros, Latency latency) {

  /** Percentiles of the time between a request and the end of its answer, in microseconds. */
  record Latency(long p50, long p99, long p999, long most) {}

  double perSecond() {
    return requests * 1e6 / micros;
  }
}
