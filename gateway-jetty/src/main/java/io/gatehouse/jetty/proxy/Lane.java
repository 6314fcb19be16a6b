package io.gatehouse.jetty.proxy;

import io.gatehouse.core.upstream.FairQueue;
import io.gatehouse.core.upstream.RetryBudget;
import io.gatehouse.upstream.Balancer;
import java.util.Objects;
import java.util.Optional;

/**
 * One way to backends.
 *
 * @param balancer picks the backends
 * @param budget for second and further attempts; lanes to the same backends share one
 * @param settings how to forward
 * @param rewriting what changes on the way
 * @param queue where requests wait for their turn; lanes to the same backends share one; empty: nobody waits
 * @param caching how answers are kept; empty: not at all
 */
public record Lane(
    Balancer balancer,
    RetryBudget budget,
    ProxySettings settings,
    Rewriting rewriting,
    Optional<FairQueue> queue,
    Optional<Caching> caching) {

  /** Where nobody waits and no answers are kept. */
  public Lane(Balancer balancer, RetryBudget budget, ProxySettings settings, Rewriting rewriting) {
    this(balancer, budget, settings, rewriting, Optional.empty(), Optional.empty());
  }

  public Lane {
    Objects.requireNonNull(balancer, "balancer");
    Objects.requireNonNull(budget, "budget");
    Objects.requireNonNull(settings, "settings");
    Objects.requireNonNull(rewriting, "rewriting");
    Objects.requireNonNull(queue, "queue");
    Objects.requireNonNull(caching, "caching");
  }
}
