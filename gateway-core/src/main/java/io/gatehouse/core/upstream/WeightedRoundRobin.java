package io.gatehouse.core.upstream;

import io.gatehouse.Inbound;

/**
 * Smooth weighted round robin, as nginx has it: every backend that may be used gains its weight, the richest
 * is picked (the first among equals) and pays what all of them gained. Weights 5:1:1 give AABACAA, over and
 * over: shares are exact over every cycle and no backend is hit in bursts.
 *
 * <p>The invariant is that what is gained is paid at once, so that the accounts always sum to the same. Under
 * concurrency that holds only if a whole round is one step, hence one lock around a loop over the backends:
 * some tens of nanoseconds. Backends that drain, are unhealthy, or were tried for this request neither gain
 * nor pay.
 *
 * <p>The accounts are the pool's: one of this kind per pool.
 */
final class WeightedRoundRobin implements Choice {

  @Override
  public int choose(Candidates among, Inbound request) {
    return next(among);
  }

  @Override
  public boolean goesByLoad() {
    return false;
  }

  synchronized int next(Candidates among) {
    int richest = 0;
    long gained = 0;
    for (int i = 0; i < among.size(); i++) {
      Member member = among.member(i);
      member.turn += among.weight(i);
      gained += among.weight(i);
      if (member.turn > among.member(richest).turn) {
        richest = i;
      }
    }
    among.member(richest).turn -= gained;
    return richest;
  }
}
