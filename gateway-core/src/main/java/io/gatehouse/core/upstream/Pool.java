package io.gatehouse.core.upstream;

import io.gatehouse.upstream.Upstream;
import java.net.URI;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * The backends that requests may go to, each with its health. A backend is known by its URI: while that
 * stays, its health and its turn stay, too, whatever happens to weight and state.
 *
 * <p>Any number of threads may call at once. Nothing here blocks.
 */
public final class Pool {

  private volatile PoolRules rules;
  private final InstantSource instants;
  private final LongSupplier nanoTime;

  private final PoolBreaker breaker;
  private final WeightedRoundRobin turns = new WeightedRoundRobin();

  private volatile List<Member> members = List.of();
  private volatile Runnable watcher = () -> {};

  /** An empty pool on the system's clocks; all rules but the check are the default. */
  public Pool(HealthCheck check) {
    this(PoolRules.DEFAULT.with(check));
  }

  /** An empty pool on the system's clocks. */
  public Pool(PoolRules rules) {
    this(rules, InstantSource.system(), System::nanoTime);
  }

  /** An empty pool on the given clocks: one for dates, one for intervals. */
  public Pool(PoolRules rules, InstantSource instants, LongSupplier nanoTime) {
    this.rules = Objects.requireNonNull(rules, "rules");
    this.instants = Objects.requireNonNull(instants, "instants");
    this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
    this.breaker = new PoolBreaker(() -> this.rules.breaker(), nanoTime.getAsLong());
  }

  /**
   * Makes these the backends, in this order, in one step. Requests under way are not touched, also when their
   * backend is not among them.
   *
   * @throws IllegalArgumentException when two have the same URI; nothing was changed
   */
  public void replace(List<Upstream> upstreams) {
    synchronized (this) {
      Map<URI, Member> known = new HashMap<>();
      members.forEach(member -> known.put(member.uri(), member));
      Map<URI, Upstream> seen = new HashMap<>();
      for (Upstream upstream : upstreams) {
        if (seen.put(upstream.uri(), upstream) != null) {
          throw new IllegalArgumentException(
              "upstreams: " + upstream.uri() + " twice (expected: every URI once)");
        }
      }
      boolean inUse = !members.isEmpty();
      members = upstreams.stream().map(upstream -> {
        Member member = known.get(upstream.uri());
        if (member == null) {
          return new Member(this, upstream, inUse);
        }
        member.become(upstream);
        return member;
      }).toList();
    }
    stir();
  }

  /**
   * Judges by other rules from now on. What is known of the backends stays: health, ejections, requests under way. When
   * the check is another, each backend is probed at once.
   */
  public void become(PoolRules changed) {
    synchronized (this) {
      boolean otherCheck = !rules.check().equals(changed.check());
      rules = changed;
      if (otherCheck) {
        members.forEach(Member::probeAtOnce);
      }
    }
    stir();
  }

  /** How every backend stands, in the order given to {@link #replace}. */
  public List<Standing> standings() {
    return members.stream().map(Member::standing).toList();
  }

  /** The backends; a list that never changes. */
  List<Member> members() {
    return members;
  }

  /** How the breaker of the whole pool stands; those of the backends are in {@link #standings}. */
  public CircuitBreaker.State breakerState() {
    return breaker.state(nanos());
  }

  PoolBreaker breaker() {
    return breaker;
  }

  /** The one choice of this kind, whose accounts are the pool's, however many balancers there are one after the other. */
  WeightedRoundRobin turns() {
    return turns;
  }

  PoolRules rules() {
    return rules;
  }

  HealthCheck check() {
    return rules.check();
  }

  /** Whether another backend than this is of use. */
  boolean hasOther(Member but, long now) {
    for (Member member : members) {
      if (member != but && member.usable(now)) {
        return true;
      }
    }
    return false;
  }

  /** Ejects a backend, whose lock the caller holds, unless too many would then be. Returns whether it did. */
  boolean eject(Member member, long now) {
    synchronized (this) {
      int ejected = 0;
      for (Member other : members) {
        ejected += other != member && other.ejected(now) ? 1 : 0;
      }
      int most = Math.max(1, members.size() * rules.outliers().maxEjectedShare() / 100);
      if (ejected >= most || !hasOther(member, now)) {
        return false;
      }
      member.eject(now);
      return true;
    }
  }

  InstantSource instants() {
    return instants;
  }

  long nanos() {
    return nanoTime.getAsLong();
  }

  /** Has {@code wake} called, on any thread, when a probe may have become due earlier than planned. */
  void watch(Runnable wake) {
    watcher = wake;
  }

  void stir() {
    watcher.run();
  }
}
