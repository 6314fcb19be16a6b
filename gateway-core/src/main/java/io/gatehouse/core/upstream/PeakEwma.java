package io.gatehouse.core.upstream;

import io.gatehouse.Inbound;
import java.util.function.IntUnaryOperator;

/**
 * Peak EWMA, as Finagle has it: of two backends drawn by weight, the one where a request is expected to be over sooner:
 * its {@link PeakLatency} times the requests that it would hold, those it has already taken for its weight. The first
 * drawn stands unless the second is a tenth better, so that backends that are equally fast share by weight. One that was
 * never heard of is tried with one request and given no second before it answers.
 */
final class PeakEwma implements Choice {

  /** What a backend costs that holds requests and was never heard of: more than any that was. */
  private static final double UNHEARD = Double.MAX_VALUE / 1e9;

  /** What the second must be better by. */
  private static final double BETTER = 0.9;

  private final IntUnaryOperator random;

  /**
   * @param random gives a number from 0 to below its argument, to many threads at once
   */
  PeakEwma(IntUnaryOperator random) {
    this.random = random;
  }

  @Override
  public int choose(Candidates among, Inbound request) {
    if (among.size() == 1) {
      return 0;
    }
    int first = PowerOfTwo.draw(among, -1, random);
    int second = PowerOfTwo.draw(among, first, random);
    double weights = among.weight(first) + among.weight(second);
    return cost(among, second, weights) < BETTER * cost(among, first, weights) ? second : first;
  }

  private static double cost(Candidates among, int index, double weights) {
    PeakLatency latency = among.member(index).latency();
    int holds = among.inFlight(index);
    double each = latency.known() ? latency.at(among.now()) : holds == 0 ? 0 : UNHEARD;
    return each * (1 + holds * weights / (2 * among.weight(index)));
  }
}
