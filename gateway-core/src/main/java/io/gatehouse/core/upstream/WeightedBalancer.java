package io.gatehouse.core.upstream;

import io.gatehouse.Inbound;
import io.gatehouse.upstream.Balancer;
import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

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
 * <p>Empty when every backend is unhealthy, drains, or was tried. One balancer of this kind per pool: the
 * accounts are the pool's.
 */
public final class WeightedBalancer implements Balancer {

  private final Pool pool;

  public WeightedBalancer(Pool pool) {
    this.pool = Objects.requireNonNull(pool, "pool");
  }

  @Override
  public Optional<Pick> pick(Inbound request, Set<URI> tried) {
    Member member = next(tried);
    if (member == null) {
      return Optional.empty();
    }
    long now = pool.nanos();
    member.taken(now);
    return Optional.of(new Turn(member, now));
  }

  private @Nullable Member next(Set<URI> tried) {
    synchronized (pool) {
      List<Member> members = pool.members();
      Member richest = null;
      long gained = 0;
      for (int i = 0; i < members.size(); i++) {
        Member member = members.get(i);
        if (!member.usable() || tried.contains(member.uri())) {
          continue;
        }
        int weight = member.upstream().weight();
        member.turn += weight;
        gained += weight;
        if (richest == null || member.turn > richest.turn) {
          richest = member;
        }
      }
      if (richest != null) {
        richest.turn -= gained;
      }
      return richest;
    }
  }

  private static final class Turn implements Pick {

    private final Member member;
    private final Upstream upstream;
    private final long pickedNanos;
    private final AtomicBoolean over = new AtomicBoolean();

    Turn(Member member, long pickedNanos) {
      this.member = member;
      this.pickedNanos = pickedNanos;
      upstream = member.upstream();
    }

    @Override
    public Upstream upstream() {
      return upstream;
    }

    // No status is a failure of the backend: with 502 and 504 imgproxy speaks of the source of the image.
    @Override
    public void answered(int status, Duration elapsed) {
      if (over.compareAndSet(false, true)) {
        member.answered();
      }
    }

    @Override
    public void failed(Throwable cause) {
      if (over.compareAndSet(false, true)) {
        member.failed(cause, pickedNanos);
      }
    }

    @Override
    public void abandoned() {
      if (over.compareAndSet(false, true)) {
        member.released();
      }
    }
  }
}
