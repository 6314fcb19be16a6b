package io.gatehouse.jetty.proxy;

import java.util.ArrayList;
import java.util.List;

/**
 * The attempts of one exchange that may yet answer: one, or two while a second one races a slow first. Whoever begins to
 * answer first wins, and the other is let go without a word against its backend. One that fails, or whose answer is worth
 * less than another's might be, gives way to the other; the last one left is answered or repeated as if it were alone.
 *
 * <p>Any number of threads. Attempts are called without the lock: they have their own, and take this one under it.
 */
final class Race {

  /** Guarded by this. */
  private final List<Attempt> runners = new ArrayList<>(2);

  /** From now on this one may answer. */
  synchronized void enter(Attempt attempt) {
    runners.add(attempt);
  }

  /** It may not any more: another attempt takes its place. */
  synchronized void leave(Attempt attempt) {
    runners.remove(attempt);
  }

  /**
   * Takes it out if there is another one that may answer, or has.
   *
   * @return false when it is the last
   */
  synchronized boolean giveWay(Attempt attempt) {
    boolean last = runners.size() == 1 && runners.contains(attempt);
    if (!last) {
      runners.remove(attempt);
    }
    return !last;
  }

  /** Whether the answer of this one is the client's; the other is let go then. */
  boolean win(Attempt attempt) {
    List<Attempt> losers;
    synchronized (this) {
      if (!runners.contains(attempt)) {
        return false;
      }
      if (runners.size() == 1) {
        return true;
      }
      losers = runners.stream().filter(runner -> runner != attempt).toList();
      runners.removeAll(losers);
    }
    losers.forEach(Attempt::outrun);
    return true;
  }

  /** Runs a short task if this one may answer; while it runs, nobody wins. */
  synchronized void during(Attempt attempt, Runnable task) {
    if (runners.contains(attempt)) {
      task.run();
    }
  }

  /** Those that may answer, in the order in which they began. */
  synchronized List<Attempt> runners() {
    return List.copyOf(runners);
  }
}
