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

  private final HealthCheck check;
  private final InstantSource instants;
  private final LongSupplier nanoTime;

  private volatile List<Member> members = List.of();
  private volatile Runnable watcher = () -> {};

  /** An empty pool on the system's clocks. */
  public Pool(HealthCheck check) {
    this(check, InstantSource.system(), System::nanoTime);
  }

  /** An empty pool on the given clocks: one for dates, one for intervals. */
  public Pool(HealthCheck check, InstantSource instants, LongSupplier nanoTime) {
    this.check = Objects.requireNonNull(check, "check");
    this.instants = Objects.requireNonNull(instants, "instants");
    this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
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
      members = upstreams.stream().map(upstream -> {
        Member member = known.get(upstream.uri());
        if (member == null) {
          return new Member(this, upstream);
        }
        member.become(upstream);
        return member;
      }).toList();
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

  HealthCheck check() {
    return check;
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
