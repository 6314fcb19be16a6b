package io.gatehouse.core.limit;

import io.gatehouse.StoreException;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.LeaseSource.Lease;
import io.gatehouse.limit.Limit;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of one bucket: how much of it is asked for here, and the lease it holds on it. The rules are those of
 * {@link LeasedRateLimiter}. All state is guarded by this; nothing here blocks but {@link Busy#await}.
 */
final class LeasedBucket {

  static final long LIFE_NANOS = Duration.ofMillis(LeasedRateLimiter.LIFE_MILLIS).toNanos();

  /** Demand is what was asked for in the last span of this length. */
  private static final long SPAN_NANOS = Duration.ofMillis(250).toNanos();

  /** A lease is to last so long. */
  private static final long REACH_NANOS = Duration.ofMillis(50).toNanos();

  /** A lease is refused until so much time's worth of permits is there for all nodes together. */
  private static final long LEAST_NANOS = Duration.ofMillis(20).toNanos();

  /** How a bucket meets a charge. */
  sealed interface Turn {}

  /** By asking the source for just this charge. */
  record Exact() implements Turn {}

  /** It was taken from the lease with this number; so much is left here and there. */
  record Covered(long serial, long remaining) implements Turn {}

  /**
   * By a new lease, which the caller is to ask for, alone; {@code kept} permits of the old one go into the charge. If it
   * leaves less than the least, the next one is not asked for within the pause.
   */
  record Refill(Lease lease, long kept, long pauseNanos) implements Turn {
    long missing() {
      return lease.charge().cost() - kept;
    }
  }

  /** Not at all for a while. */
  record Refused(Denied denied) implements Turn {}

  /** Another thread is asking for a new lease. */
  record Busy(CompletableFuture<Void> refill) implements Turn {
    /** Returns when it has an answer; throws when it has none. */
    void await() {
      try {
        refill.join();
      } catch (CompletionException e) {
        throw new StoreException("The lease that was waited for could not be had", e.getCause());
      }
    }
  }

  static final Exact EXACT = new Exact();

  private final String name;
  private final Duration period;

  private Limit limit;
  private long askedAt;
  private long spanStart;
  private long askedBefore;
  private long asked;

  private long serial;
  private long leasedAt;
  private long granted;
  private long balance;

  /** Left in the shared bucket when it was last heard of. */
  private long left;

  private @Nullable CompletableFuture<Void> refill;
  private @Nullable Denied refusal;
  private long refusedAt;
  private boolean retired;

  LeasedBucket(Charge charge, long now) {
    this.name = charge.bucket();
    this.limit = charge.limit();
    this.period = limit.period();
    this.askedAt = now;
    this.spanStart = now;
  }

  boolean is(Charge charge) {
    return name.equals(charge.bucket()) && period.equals(charge.limit().period());
  }

  /** Ends it when nobody asks for it and nothing is left of its lease; from then on it leaves all to the source. */
  synchronized boolean retire(long now) {
    boolean idle = now - askedAt < 0 || now - askedAt >= SPAN_NANOS;
    retired |= idle && refill == null && !alive(now);
    return retired;
  }

  /** Counts the demand. */
  synchronized void ask(Charge charge, long now) {
    long age = now - spanStart;
    if (age < 0 || age >= SPAN_NANOS) {
      askedBefore = age >= 0 && age < 2 * SPAN_NANOS ? asked : 0;
      asked = 0;
      spanStart = age >= 0 && age < 2 * SPAN_NANOS ? spanStart + SPAN_NANOS : now;
    }
    asked = Math.min(Limit.MOST, asked + charge.cost());
    askedAt = now;
    if (!limit.equals(charge.limit())) {
      // What was leased under another limit is not this limit's to spend.
      limit = charge.limit();
      granted = 0;
      balance = 0;
      serial++;
      left = 0;
      refusal = null;
    }
  }

  /** Takes the charge if it can; the caller must carry out the turn, or take it back. */
  synchronized Turn turn(Charge charge, long now, int nodes, boolean patient) {
    if (retired || !limit.equals(charge.limit())) {
      return EXACT;
    }
    long kept = alive(now) ? balance : 0;
    if (refill == null && kept >= charge.cost()) {
      balance -= charge.cost();
      return new Covered(serial, remaining());
    }
    long size = size(now, nodes);
    if (size / 2 < charge.cost()) {
      return EXACT;
    }
    Denied refused = refusal(charge, now);
    if (refused != null) {
      return new Refused(refused);
    }
    if (refill != null) {
      return patient ? new Busy(refill) : EXACT;
    }
    refill = new CompletableFuture<>();
    balance = 0;
    long fair = least(size, nodes);
    long least = Math.max(charge.cost() - kept, fair);
    long most = Math.max(least, Math.min(size, left / (2L * nodes)));
    return new Refill(new Lease(charge, least, most), kept, pause(fair, nodes));
  }

  /** As {@link #turn}, but takes nothing and never asks for a lease. */
  synchronized Turn look(Charge charge, long now) {
    if (retired || !limit.equals(charge.limit())) {
      return EXACT;
    }
    if (refill == null && alive(now) && balance >= charge.cost()) {
      return new Covered(serial, Math.max(0, remaining() - charge.cost()));
    }
    Denied refused = refusal(charge, now);
    return refused == null ? EXACT : new Refused(refused);
  }

  /** Undoes {@link Covered}; false when its lease is gone and the permits must go back to the source. */
  synchronized boolean undo(Covered covered, long cost) {
    if (covered.serial != serial || refill != null) {
      return false;
    }
    balance += cost;
    return true;
  }

  /** The source granted {@code permits} of a refill asked for at {@code before}; answers what is left here and there. */
  long refilled(Refill turn, long before, long permits, long leftThere) {
    CompletableFuture<Void> waiting;
    long remaining;
    synchronized (this) {
      if (limit.equals(turn.lease.charge().limit())) {
        serial++;
        leasedAt = before;
        granted = permits - turn.missing();
        balance = granted;
        left = leftThere;
        refusal = scarce(turn, leftThere);
        refusedAt = before;
      }
      remaining = Math.min(turn.lease.charge().limit().burst(), leftThere + permits - turn.missing());
      waiting = endRefill();
    }
    waiting.complete(null);
    return remaining;
  }

  /** The source denied a refill, for this bucket's sake if {@code denied} says so. */
  void denied(Refill turn, long before, @Nullable Denied denied) {
    CompletableFuture<Void> waiting;
    synchronized (this) {
      restore(turn);
      if (denied != null && denied.retryAfterNanos() != Long.MAX_VALUE && limit.equals(turn.lease.charge().limit())) {
        refusal = denied;
        refusedAt = before;
        left = denied.remaining();
      }
      waiting = endRefill();
    }
    waiting.complete(null);
  }

  /** The source could not answer, or was not asked. */
  void failed(Refill turn, @Nullable Throwable cause) {
    CompletableFuture<Void> waiting;
    synchronized (this) {
      restore(turn);
      waiting = endRefill();
    }
    if (cause == null) {
      waiting.complete(null);
    } else {
      waiting.completeExceptionally(cause);
    }
  }

  /** Puts a charge back into the lease, while that lives and has the room; false when it must go to the source. */
  synchronized boolean giveBack(Charge charge, long now) {
    refusal = null;
    if (retired || refill != null || !alive(now) || !limit.equals(charge.limit())
        || balance + charge.cost() > granted) {
      return false;
    }
    balance += charge.cost();
    return true;
  }

  private @Nullable Denied scarce(Refill turn, long leftThere) {
    if (turn.pauseNanos == 0 || leftThere >= turn.lease.least()) {
      return null;
    }
    long resetAfterNanos = (long) Math.ceil((limit.burst() - leftThere) * interval());
    return new Denied(turn.lease.charge(), leftThere, turn.pauseNanos, resetAfterNanos, Decision.Mode.LEASED);
  }

  private void restore(Refill turn) {
    if (limit.equals(turn.lease.charge().limit())) {
      balance = turn.kept;
    }
  }

  private CompletableFuture<Void> endRefill() {
    CompletableFuture<Void> ended = refill;
    if (ended == null) {
      throw new IllegalStateException("refill: none (expected: one under way)");
    }
    refill = null;
    return ended;
  }

  /** A lease counts from before it was asked for, and a clock that has gone back ends it. */
  private boolean alive(long now) {
    long age = now - leasedAt;
    return granted > 0 && age >= 0 && age < LIFE_NANOS;
  }

  private long remaining() {
    return Math.min(limit.burst(), left + balance);
  }

  private @Nullable Denied refusal(Charge charge, long now) {
    Denied last = refusal;
    long age = now - refusedAt;
    if (last == null || age < 0 || age >= Math.min(last.retryAfterNanos(), LIFE_NANOS)
        || charge.cost() < last.tightest().cost()) {
      return null;
    }
    // It may be that the cost is there and only the least is not; a denial that leaves enough would puzzle.
    long enough = charge.cost() - 1;
    return new Denied(charge, Math.min(last.remaining(), enough), last.retryAfterNanos() - age,
        Math.max(0, last.resetAfterNanos() - age), Decision.Mode.LEASED);
  }

  /** How many permits a lease may have: k of {@link LeasedRateLimiter}. */
  private long size(long now, int nodes) {
    long age = now - spanStart;
    double part = age < 0 || age >= SPAN_NANOS ? 1 : (double) age / SPAN_NANOS;
    double demand = askedBefore * (1 - part) + asked;
    return (long) Math.min(demand * REACH_NANOS / SPAN_NANOS, permitsIn(LIFE_NANOS) / nodes);
  }

  private long least(long size, int nodes) {
    // A quarter of the burst at the most: a bucket that must be full to be leased from overflows before it is.
    double least = Math.min(permitsIn(LEAST_NANOS) / nodes, limit.burst() / 4.0);
    return (long) Math.max(1, Math.min(size, least));
  }

  /** Until the least of all nodes has come back. One node is told the right time by the source itself. */
  private long pause(long least, int nodes) {
    return nodes == 1 || least == 1 ? 0 : (long) Math.min(LIFE_NANOS, nodes * (double) least * interval());
  }

  private double permitsIn(long nanos) {
    return nanos / interval();
  }

  private double interval() {
    return (period.getSeconds() * 1e9 + period.getNano()) / limit.permits();
  }
}
