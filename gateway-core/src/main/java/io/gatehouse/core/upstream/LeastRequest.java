package io.gatehouse.core.upstream;

import io.gatehouse.Inbound;

/**
 * Weighted least request: the backend that holds the fewest requests for its weight; equals take turns by smooth
 * weighted round robin, so that an idle pool is shared by weight, too. This is nginx's {@code least_conn}, and Envoy's
 * least request where all backends are looked at and not two of them.
 *
 * <p>Two threads that look at once do not both take the last place: a request is given only to a backend that holds what
 * it held when it was chosen. The lock of the round robin is taken only among equals.
 */
final class LeastRequest implements Choice {

  private final WeightedRoundRobin turns = new WeightedRoundRobin();

  @Override
  public int choose(Candidates among, Inbound request) {
    int least = 0;
    int equals = 1;
    for (int i = 1; i < among.size(); i++) {
      int compared = among.compareLoad(i, least);
      if (compared < 0) {
        least = i;
        equals = 1;
      } else if (compared == 0) {
        equals++;
      }
    }
    if (equals == 1) {
      return least;
    }
    among.keepLeastLoaded(least);
    return turns.next(among);
  }
}
