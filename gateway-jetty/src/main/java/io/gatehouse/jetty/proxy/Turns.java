package io.gatehouse.jetty.proxy;

import io.gatehouse.Inbound;
import io.gatehouse.upstream.Balancer.Pick;
import java.net.URI;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whose turn it is to answer one request. The first repetition is free, or else the death of one backend of two would
 * fail all the requests that it held but a fifth; further ones need leave from the budget, and so does every one for a
 * faulty answer: the request itself may be what it is about.
 *
 * <p>For one thread at a time, which each attempt passes on to the next: the one that races another is given its turn
 * under the lock of that, and of two that race the last one left goes on.
 */
final class Turns {

  private final Forwarding forwarding;
  private final Inbound inbound;
  private final Set<URI> tried = new HashSet<>();
  private int given;
  private boolean staleForgiven;

  /**
   * One backend's turn.
   *
   * @param whenSettled is to be run when it is over
   * @param fresh whether on a connection of its own, because those in the pool are in doubt
   */
  record Turn(Pick pick, Runnable whenSettled, boolean fresh) {}

  Turns(Forwarding forwarding, Inbound inbound) {
    this.forwarding = forwarding;
    this.inbound = inbound;
  }

  /** The first one; empty when no backend can take the request. */
  Optional<Turn> first() {
    given++;
    return pick().map(pick -> new Turn(pick, () -> {}, false));
  }

  /**
   * One to take the place of the last; empty if that may not be or there is nobody.
   *
   * @param firstIsFree whether the first repetition needs no leave from the budget
   */
  Optional<Turn> after(Attempt last, boolean firstIsFree) {
    if (given >= forwarding.settings().mostAttempts()) {
      return Optional.empty();
    }
    boolean free = firstIsFree && given == 1;
    if (!free && !forwarding.budget().tryTake()) {
      return Optional.empty();
    }
    Runnable giveBack = free ? () -> {} : forwarding.budget()::giveBack;
    tried.add(last.backend());
    Optional<Pick> next = pick();
    boolean fresh = next.isEmpty() && last.stale() && !staleForgiven;
    if (fresh) {
      staleForgiven = true;
      tried.remove(last.backend());
      next = pick();
    }
    if (next.isEmpty()) {
      giveBack.run();
      tried.remove(last.backend());
      return Optional.empty();
    }
    given++;
    return Optional.of(new Turn(next.get(), giveBack, fresh));
  }

  /** One to race a slow one; always needs leave from the budget. Empty if that may not be or there is nobody. */
  Optional<Turn> beside(Attempt slow) {
    if (given >= forwarding.settings().mostAttempts() || !forwarding.budget().tryTake()) {
      return Optional.empty();
    }
    tried.add(slow.backend());
    Optional<Pick> next = pick();
    if (next.isEmpty()) {
      forwarding.budget().giveBack();
      tried.remove(slow.backend());
      return Optional.empty();
    }
    given++;
    tried.add(next.get().upstream().uri());
    return Optional.of(new Turn(next.get(), forwarding.budget()::giveBack, false));
  }

  private Optional<Pick> pick() {
    return forwarding.balancer().pick(inbound, tried);
  }
}
