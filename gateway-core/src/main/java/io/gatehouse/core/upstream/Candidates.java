package io.gatehouse.core.upstream;

import java.net.URI;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The backends that one pick may go to, as they stood when it looked: one loop over the pool without a lock. Belongs to
 * one thread, and is used for one pick after the other.
 */
final class Candidates {

  private Member[] members = new Member[0];
  private int[] inFlight = new int[0];
  private int[] weights = new int[0];
  private long now;
  private boolean panic;
  private int size;

  /** Those of the pool that are enabled, of use, not full, and not among the tried; whoever was here before is gone. */
  void look(Pool pool, Set<URI> tried, long at) {
    List<Member> all = pool.members();
    if (members.length < all.size()) {
      members = new Member[all.size()];
      inFlight = new int[all.size()];
      weights = new int[all.size()];
    }
    size = 0;
    now = at;
    panic = panic(pool, all, at);
    int most = pool.rules().breaker().maxRequests();
    for (int i = 0; i < all.size(); i++) {
      Member member = all.get(i);
      boolean free = panic ? member.enabled() : member.admits(at);
      if (free && !tried.contains(member.uri())) {
        int holds = member.inFlight();
        if (holds < most) {
          add(member, holds, member.effectiveWeight(at));
        }
      }
    }
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

  /** When it was looked, on the pool's clock for intervals. */
  long now() {
    return now;
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
    long holds = inFlight[least];
    long weight = weights[least];
    int end = size;
    size = 0;
    for (int i = 0; i < end; i++) {
      if (inFlight[i] * weight == holds * weights[i]) {
        add(members[i], inFlight[i], weights[i]);
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
