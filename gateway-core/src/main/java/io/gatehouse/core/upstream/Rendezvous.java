package io.gatehouse.core.upstream;

import io.gatehouse.Inbound;

/**
 * Rendezvous hashing with bounded load: every request with the same key goes to the same backend, for the sake of what
 * that has cached, unless it is busy already. Each backend scores {@code -weight / ln(hash(key, backend))}, and the best
 * score wins (Thaler and Ravishankar 1998; weights after Mosharaf and Schindelhauer), so that a backend that comes or
 * goes moves only the keys that are or were its own. No backend holds more than {@value #BOUND} per cent of its fair
 * share of the requests under way (Mirrokni, Thorup and Zadimoghaddam 2016); the next best score takes what goes beyond.
 *
 * <p>Costs a hash and a logarithm per backend. The hash is no secret: who chooses keys can aim at one backend, and the
 * bound is what limits that.
 */
final class Rendezvous implements Choice {

  /** Per cent of a fair share: {@value}. HAProxy recommends 125 to 200 for its {@code hash-balance-factor}. */
  static final int BOUND = 125;

  private static final double UNIT = 0x1.0p-52;

  private final HashKey key;

  Rendezvous(HashKey key) {
    this.key = key;
  }

  @Override
  public int choose(Candidates among, Inbound request) {
    long hash = mix(HashKey.hash(key.of(request)));
    long holds = 1;
    long weights = 0;
    for (int i = 0; i < among.size(); i++) {
      holds += among.inFlight(i);
      weights += among.weight(i);
    }
    int best = -1;
    double bestScore = 0;
    for (int i = 0; i < among.size(); i++) {
      double most = (double) holds * BOUND * among.weight(i) / (100.0 * weights);
      double score = score(among.weight(i), mix(hash ^ among.member(i).seed()));
      if (among.inFlight(i) < Math.ceil(most) && score > bestScore) {
        best = i;
        bestScore = score;
      }
    }
    return best;
  }

  /** More than 0, because the hash as a number is more than 0 and less than 1. */
  private static double score(int weight, long hash) {
    double unit = ((hash >>> 12) + 0.5) * UNIT;
    // Strict, so that all nodes send a key to the same backend, whatever their processors are.
    return -weight / StrictMath.log(unit);
  }

  /** The finisher of SplitMix64: every bit of the result depends on every bit given. */
  static long mix(long bits) {
    long z = bits + 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
