package io.gatehouse.examples.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What came of one run. */
final class Figures {

  private final List<List<Long>> bySecond = new ArrayList<>();
  private final List<Long> latencies = new ArrayList<>();
  private int errors;
  private int retries;
  private int unanswered;
  private long firstReceived;
  private long received;
  private long outMillis = -1;

  Figures() {
    for (int i = 0; i < Scenario.SECONDS; i++) {
      bySecond.add(new ArrayList<>());
    }
  }

  /** A request that began then was answered well. */
  void answered(long beganNanos, long nanos) {
    latencies.add(nanos);
    bySecond.get((int) (beganNanos / Timeline.SECOND)).add(nanos);
  }

  void failed() {
    errors++;
  }

  void repeated() {
    retries++;
  }

  /** Tells when the first backend was out for the first time. */
  void out(long nanos) {
    if (outMillis < 0) {
      outMillis = nanos / Timeline.MILLI;
    }
  }

  void end(int open, long firstBackend, long allBackends) {
    unanswered = open;
    firstReceived = firstBackend;
    received = allBackends;
  }

  int errors() {
    return errors;
  }

  int retries() {
    return retries;
  }

  /** Requests that were not over when the run was. */
  int unanswered() {
    return unanswered;
  }

  /** Which share of all attempts the first backend got, in per cent. */
  double firstShare() {
    return 100.0 * firstReceived / received;
  }

  /** When the first backend was out, in ms since the beginning; -1: never. */
  long outMillis() {
    return outMillis;
  }

  /** In ms. */
  long percentile(double share) {
    return percentile(latencies, share);
  }

  /** The 99th percentile of the requests that began in each second, in ms; 0 where there were none. */
  long[] worstBySecond() {
    return bySecond.stream().mapToLong(second -> percentile(second, 0.99)).toArray();
  }

  private static long percentile(List<Long> nanos, double share) {
    if (nanos.isEmpty()) {
      return 0;
    }
    long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    return sorted[(int) Math.min(sorted.length - 1, (long) (share * sorted.length))] / Timeline.MILLI;
  }
}
