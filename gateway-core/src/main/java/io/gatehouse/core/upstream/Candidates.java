package io.gatehouse.core.upstream;

import java.net.URI;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The backends that one pick may go to, as they stood when it looked: one loop over the pool without a lock. Belongs to
 * one thread.
 */
final class Candidates {

  final long now;

  private final Member[] members;
  private final int[] inFlight;
  private final int[] weights;
  private final boolean panic;
  private int size;

  private Candidates(int most, boolean panic, long now) {
    this.members = new Member[most];
    this.inFlight = new int[most];
    this.weights = new int[most];
    this.panic = panic;
    this.now = now;
  }

  /** Those of the pool that are enabled, of use, not full, and not among the tried. */
  static Candidates of(Pool pool, Set<URI> tried, long now) {
    List<Member> all = pool.members();
    Candidates candidates = new Candidates(all.size(), panic(pool, all, now), now);
    int most = pool.rules().breaker().maxRequests();
    for (int i = 0; i < all.size(); i++) {
      Member member = all.get(i);
      boolean free = candidates.panic ? member.enabled() : member.admits(now);
      if (free && !tried.contains(member.uri())) {
        int holds = member.inFlight();
        if (holds < most) {
          candidates.add(member, holds, member.effectiveWeight(now));
        }
      }
    }
    return candidates;
  }

  private static boolean panic(Pool pool, List<Member> all, long now) {
    int threshold = pool.rules().panicThreshold();
    if (threshold == 0) {
      return false;
    }
    int enabled = 0;
    int usable = 0;
    for (int i = 0; i < all.size(); i++) {
      Member member = all.get(i);
      if (member.enabled()) {
        enabled++;
        usable += member.usable(now) ? 1 : 0;
      }
    }
    return usable * 100 < threshold * enabled;
  }

  private void add(Member member, int holds, int weight) {
    members[size] = member;
    inFlight[size] = holds;
    weights[size] = weight;
    size++;
  }

  int size() {
    return size;
  }

  Member member(int index) {
    return members[index];
  }

  /** Requests that it held. */
  int inFlight(int index) {
    return inFlight[index];
  }

  /** Its weight in hundredths, less while it starts slowly. */
  int weight(int index) {
    return weights[index];
  }

  /** Compares two by the requests that they hold for their weight. */
  int compareLoad(int one, int other) {
    return Long.compare((long) inFlight[one] * weights[other], (long) inFlight[other] * weights[one]);
  }

  /** Keeps those that are loaded no more than this one, in their order. */
  void keepLeastLoaded(int least) {
    Member[] all = members.clone();
    int[] holds = inFlight.clone();
    int[] shares = weights.clone();
    int end = size;
    size = 0;
    for (int i = 0; i < end; i++) {
      if ((long) holds[i] * shares[least] == (long) holds[least] * shares[i]) {
        add(all[i], holds[i], shares[i]);
      }
    }
  }

  /**
   * Gives the request to one of them.
   *
   * @param unchanged only if it still holds as many requests as it did
   * @return null when it may not have it any more
   */
  @Nullable Turn take(int index, boolean unchanged, PoolBreaker.Pass pass) {
    return members[index].take(now, unchanged ? inFlight[index] : -1, panic, pass);
  }
}
