package io.gatehouse.core.upstream;

import io.gatehouse.Inbound;
import java.util.function.IntUnaryOperator;

/**
 * The power of two choices (Mitzenmacher 1996): of two backends drawn by weight, the one that holds fewer requests for
 * its weight, the first drawn among equals. Nearly as even as looking at all, and nodes that know nothing of each other
 * do not all run to the same backend.
 */
final class PowerOfTwo implements Choice {

  private final IntUnaryOperator random;

  /**
   * @param random gives a number from 0 to below its argument, to many threads at once
   */
  PowerOfTwo(IntUnaryOperator random) {
    this.random = random;
  }

  @Override
  public int choose(Candidates among, Inbound request) {
    if (among.size() == 1) {
      return 0;
    }
    int first = draw(among, -1, random);
    int second = draw(among, first, random);
    return among.compareLoad(second, first) < 0 ? second : first;
  }

  /** Draws one by weight, but not the one at this index. */
  static int draw(Candidates among, int but, IntUnaryOperator random) {
    int all = 0;
    for (int i = 0; i < among.size(); i++) {
      all += i == but ? 0 : among.weight(i);
    }
    int left = random.applyAsInt(all);
    int drawn = -1;
    for (int i = 0; left >= 0; i++) {
      if (i != but) {
        left -= among.weight(i);
        drawn = i;
      }
    }
    return drawn;
  }
}
