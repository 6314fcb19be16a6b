package io.gatehouse.core.limit;

import io.gatehouse.StoreException;
import io.gatehouse.core.limit.LeasedBucket.Busy;
import io.gatehouse.core.limit.LeasedBucket.Covered;
import io.gatehouse.core.limit.LeasedBucket.Exact;
import io.gatehouse.core.limit.LeasedBucket.Refill;
import io.gatehouse.core.limit.LeasedBucket.Refused;
import io.gatehouse.core.limit.LeasedBucket.Turn;
import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Decision.Mode;
import io.gatehouse.limit.LeaseSource;
import io.gatehouse.limit.LeaseSource.Grant;
import io.gatehouse.limit.LeaseSource.Grants;
import io.gatehouse.limit.LeaseSource.Lease;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits all nodes together without asking for each request: of a bucket that is asked for often, a node takes a lease of
 * permits in advance and spends them by itself.
 *
 * <p><b>Bound.</b> With M nodes, leases of at most k permits that live L = {@value #LIFE_MILLIS} ms, and a limit of rate R
 * and burst B, any span of time W admits
 *
 * <pre>admitted(W) &lt;= B + R*W + min(M*k, R*L)</pre>
 *
 * <p>Permits are paid for before they are spent: the source debits a lease when it grants it, and what it debits obeys B +
 * R*W like the takes of an exact limiter. What a node admits in a span was debited in that span or was leased when it
 * began; a node holds one lease of a bucket, so that is at most M*k. And a permit is spent within L of its debit, so all
 * was debited in W + L, which is at most R*L more. A node that dies takes the rest of its lease along; a lease that is not
 * spent dies; a lease that comes late is spent by the request that asked for it and is otherwise dead. All of these err on
 * the side of refusing. A clock of this node that jumps on kills leases early; one that jumps back behind their beginning
 * kills them too, and by less than that prolongs them, which leaves M*k. Permits given back return to the lease while it
 * lives and has room for them, and otherwise to the source.
 *
 * <p><b>When and how much.</b> k is what this node is asked for in 50 ms, as seen over the last quarter second, and at most
 * R*L/M. A bucket is leased while k is twice the cost of the request, or more: for a cost of 1, from 40 requests a second
 * on, and for limits of at least 20*M permits a second. All others are asked for exactly. Near exhaustion a lease shrinks
 * to the 2M-th part of what is left, but not below the least: 20 ms of R divided by M, a quarter of B at the most. If less
 * is there, the lease is refused, and with it, until the least has come back, everybody here; and if a lease leaves less
 * than that, this node asks for the next one when the least of all nodes has come back, and so does not run into the
 * refusal. Without a least, a drained bucket would hand out its permits one by one, and the nodes would make a call for
 * each just when there is most to do.
 *
 * <p>Only buckets of tokens are leased; charges of all other algorithms are exact, in the same call.
 *
 * <p><b>Several charges.</b> What leases cover is taken from them; all else, exact charges and new leases, is asked for in
 * one call. When that is denied, what was taken returns to its lease. One thread at a time asks for a lease of a bucket;
 * the others wait for its answer as they would for their own, a few times at the most, and then ask exactly.
 *
 * <p>A decision is {@link Mode#LEASED} when a lease had to do with it. What it says is left, and when a bucket will be
 * full, is then by what this node last heard of the bucket. A denial may tell a wait for the least, up to 20 ms more than
 * for its cost.
 *
 * <p>Any number of threads. A call blocks for one call of the source at the most, and to wait for those of other threads;
 * it fails as the source does. Memory is a table of fixed size: a bucket that finds no room is asked for exactly.
 */
public final class LeasedRateLimiter implements RateLimiter {

  /** How long a lease lives: {@value} ms. */
  public static final long LIFE_MILLIS = 100;

  private static final Logger log = LoggerFactory.getLogger(LeasedRateLimiter.class);
  private static final int GROUPS = 1 << 11;
  private static final int WAYS = 4;
  private static final int PATIENCE = 3;

  private final LeaseSource source;
  private final IntSupplier nodes;
  private final LongSupplier nanoTime;

  /** Groups of {@value #WAYS}; a group is changed under its lock. */
  private final AtomicReferenceArray<@Nullable LeasedBucket> buckets = new AtomicReferenceArray<>(GROUPS * WAYS);

  private final Object[] locks = new Object[64];

  /**
   * A limiter over a source.
   *
   * @param nodes how many nodes share the limits, as last known, 1 or more; must not block
   * @param nanoTime as {@link System#nanoTime}
   */
  public LeasedRateLimiter(LeaseSource source, IntSupplier nodes, LongSupplier nanoTime) {
    this.source = source;
    this.nodes = nodes;
    this.nanoTime = nanoTime;
    for (int i = 0; i < locks.length; i++) {
      locks[i] = new Object();
    }
  }

  @Override
  public Decision tryAcquire(List<Charge> charges) {
    long now = nanoTime.getAsLong();
    Request request = new Request(charges);
    for (int i = 0; i < charges.size(); i++) {
      request.buckets[i] = demanded(charges.get(i), now);
    }
    for (int attempt = 0; ; attempt++) {
      Turn last = request.takeTurns(attempt < PATIENCE);
      if (last instanceof Refused refused) {
        return refused.denied();
      }
      if (last instanceof Busy busy) {
        busy.await();
      } else {
        return request.carryOut();
      }
    }
  }

  @Override
  public Decision peek(List<Charge> charges) {
    long now = nanoTime.getAsLong();
    List<Charge> exact = new ArrayList<>();
    Tightest tightest = new Tightest();
    for (Charge charge : charges) {
      LeasedBucket bucket = find(charge);
      Turn turn = bucket == null ? LeasedBucket.EXACT : bucket.look(charge, now);
      if (turn instanceof Refused refused) {
        return refused.denied();
      }
      if (turn instanceof Covered covered) {
        tightest.see(charge, covered.remaining());
      } else {
        exact.add(charge);
      }
    }
    if (exact.size() == charges.size()) {
      return source.peek(charges);
    }
    return exact.isEmpty() ? tightest.allowed() : tightest.with(source.peek(exact));
  }

  @Override
  public void giveBack(List<Charge> charges) {
    long now = nanoTime.getAsLong();
    List<Charge> others = new ArrayList<>();
    for (Charge charge : charges) {
      LeasedBucket bucket = find(charge);
      if (bucket == null || !bucket.giveBack(charge, now)) {
        others.add(charge);
      }
    }
    if (!others.isEmpty()) {
      source.giveBack(others);
    }
  }

  /** By the source alone: what this node last heard of a bucket is so put right with the next lease. */
  @Override
  public void debit(List<Charge> charges) {
    source.debit(charges);
  }

  private int knownNodes() {
    return Math.max(1, nodes.getAsInt());
  }

  private @Nullable LeasedBucket find(Charge charge) {
    if (charge.limit().algorithm() != Algorithm.TOKEN_BUCKET) {
      return null;
    }
    int first = group(charge) * WAYS;
    for (int i = first; i < first + WAYS; i++) {
      LeasedBucket bucket = buckets.get(i);
      if (bucket != null && bucket.is(charge)) {
        return bucket;
      }
    }
    return null;
  }

  private @Nullable LeasedBucket demanded(Charge charge, long now) {
    LeasedBucket bucket = find(charge);
    if (bucket == null && charge.limit().algorithm() == Algorithm.TOKEN_BUCKET) {
      bucket = enter(charge, now);
    }
    if (bucket != null) {
      bucket.ask(charge, now);
    }
    return bucket;
  }

  /** In the place of one that nobody asks for; a second one of the same bucket would lease a second time. */
  private @Nullable LeasedBucket enter(Charge charge, long now) {
    int group = group(charge);
    synchronized (locks[group % locks.length]) {
      LeasedBucket known = find(charge);
      if (known != null) {
        return known;
      }
      for (int i = group * WAYS; i < (group + 1) * WAYS; i++) {
        LeasedBucket old = buckets.get(i);
        if (old == null || old.retire(now)) {
          LeasedBucket fresh = new LeasedBucket(charge, now);
          buckets.set(i, fresh);
          return fresh;
        }
      }
      return null;
    }
  }

  private static int group(Charge charge) {
    int hash = (31 * charge.bucket().hashCode() + charge.limit().period().hashCode()) * 0x9E3779B9;
    return hash >>> Integer.SIZE - Integer.numberOfTrailingZeros(GROUPS);
  }

  /** The charges of one request on their way. */
  private final class Request {
    private final List<Charge> charges;
    private final @Nullable LeasedBucket[] buckets;
    private final Turn[] turns;

    Request(List<Charge> charges) {
      if (charges.isEmpty()) {
        throw new IllegalArgumentException("charges: none (expected: at least one)");
      }
      this.charges = charges;
      this.buckets = new LeasedBucket[charges.size()];
      this.turns = new Turn[charges.size()];
    }

    /** The last turn; when that is a refusal or another's, the others have been taken back. */
    Turn takeTurns(boolean patient) {
      for (int i = 0; i < turns.length; i++) {
        LeasedBucket bucket = buckets[i];
        turns[i] = bucket == null
            ? LeasedBucket.EXACT
            : bucket.turn(charges.get(i), nanoTime.getAsLong(), knownNodes(), patient);
        if (turns[i] instanceof Refused || turns[i] instanceof Busy) {
          undo(i, null);
          return turns[i];
        }
      }
      return turns[turns.length - 1];
    }

    Decision carryOut() {
      List<Lease> leases = new ArrayList<>(turns.length);
      int exact = 0;
      Tightest tightest = new Tightest();
      for (int i = 0; i < turns.length; i++) {
        if (turns[i] instanceof Covered covered) {
          tightest.see(charges.get(i), covered.remaining());
        } else if (turns[i] instanceof Refill refill) {
          leases.add(refill.lease());
        } else {
          leases.add(Lease.exactly(charges.get(i)));
          exact++;
        }
      }
      if (leases.isEmpty()) {
        return tightest.allowed();
      }
      long before = nanoTime.getAsLong();
      Throwable failure = new IllegalStateException("the source threw an error");
      boolean answered = false;
      try {
        Decision decision = exact == leases.size() ? takeExactly() : lease(leases, before, tightest);
        answered = true;
        return exact == turns.length ? decision : tightest.with(decision);
      } catch (RuntimeException e) {
        failure = e;
        throw e;
      } finally {
        if (!answered) {
          undo(turns.length, failure);
        }
      }
    }

    private Decision takeExactly() {
      List<Charge> exact = charges;
      if (charges.size() > 1) {
        exact = new ArrayList<>(charges.size());
        for (int i = 0; i < turns.length; i++) {
          if (turns[i] instanceof Exact) {
            exact.add(charges.get(i));
          }
        }
      }
      Decision decision = source.tryAcquire(exact);
      if (decision instanceof Denied) {
        undo(turns.length, null);
      }
      return decision;
    }

    private Decision lease(List<Lease> leases, long before, Tightest tightest) {
      Grants grants = source.lease(leases);
      if (grants.decision() instanceof Denied denied) {
        return denied(denied, before);
      }
      int next = 0;
      for (int i = 0; i < turns.length; i++) {
        if (turns[i] instanceof Covered) {
          continue;
        }
        Grant grant = grants.grants().get(next++);
        LeasedBucket bucket = buckets[i];
        long remaining = turns[i] instanceof Refill refill && bucket != null
            ? bucket.refilled(refill, before, grant.permits(), grant.left())
            : grant.left();
        Charge charge = charges.get(i);
        if (charge.limit().algorithm() == Algorithm.TOKEN_BUCKET) {
          tightest.see(charge, remaining);
        } else {
          // What the source says is of the charge that was tightest there; of another it is not known so exactly.
          boolean told = grants.decision().tightest().equals(charge);
          tightest.see(charge, remaining, told ? grants.decision().resetAfterNanos() : longestReset(charge.limit()));
        }
      }
      return tightest.allowed();
    }

    private static long longestReset(Limit limit) {
      long period = limit.period().toNanos();
      return switch (limit.algorithm()) {
        case SLIDING_WINDOW -> 2 * period;
        case CONCURRENCY -> Decision.UNFORESEEABLE_NANOS;
        default -> period;
      };
    }

    private Decision denied(Denied denied, long before) {
      Denied told = denied;
      for (int i = 0; i < turns.length; i++) {
        LeasedBucket bucket = buckets[i];
        if (bucket != null && turns[i] instanceof Refill refill) {
          boolean binds = denied.tightest().equals(charges.get(i));
          if (binds) {
            long remaining = Math.min(denied.remaining(), charges.get(i).cost() - 1);
            told = new Denied(
                denied.tightest(), remaining, denied.retryAfterNanos(), denied.resetAfterNanos(), denied.mode());
          }
          bucket.denied(refill, before, binds ? denied : null);
        }
      }
      returnCovered(turns.length);
      return told;
    }

    /** Takes back the turns before the one with this index. */
    private void undo(int end, @Nullable Throwable failure) {
      for (int i = 0; i < end; i++) {
        LeasedBucket bucket = buckets[i];
        if (bucket != null && turns[i] instanceof Refill refill) {
          bucket.failed(refill, failure);
        }
      }
      returnCovered(end);
    }

    private void returnCovered(int end) {
      List<Charge> homeless = new ArrayList<>(0);
      for (int i = 0; i < end; i++) {
        LeasedBucket bucket = buckets[i];
        if (bucket != null && turns[i] instanceof Covered covered && !bucket.undo(covered, charges.get(i).cost())) {
          homeless.add(charges.get(i));
        }
      }
      if (!homeless.isEmpty()) {
        try {
          source.giveBack(homeless);
        } catch (StoreException e) {
          log.debug("What a denied request had taken stays taken: {}", e.getMessage());
        }
      }
    }
  }

  /** Which of the charges that passed leaves the least. */
  private static final class Tightest {
    private @Nullable Charge charge;
    private long remaining;
    private long resetAfterNanos;

    /** A charge of tokens. */
    void see(Charge another, long itsRemaining) {
      Limit limit = another.limit();
      double interval = (limit.period().getSeconds() * 1e9 + limit.period().getNano()) / limit.permits();
      see(another, itsRemaining, (long) Math.ceil((limit.burst() - itsRemaining) * interval));
    }

    void see(Charge another, long itsRemaining, long itsResetAfterNanos) {
      if (charge == null || itsRemaining < remaining) {
        charge = another;
        remaining = itsRemaining;
        resetAfterNanos = itsResetAfterNanos;
      }
    }

    Decision allowed() {
      Charge tightest = charge;
      if (tightest == null) {
        throw new IllegalArgumentException("charges: none (expected: at least one)");
      }
      return new Allowed(tightest, remaining, resetAfterNanos, Mode.LEASED);
    }

    /** What the source decided of the other charges, in the light of these. */
    Decision with(Decision decision) {
      if (decision instanceof Denied denied) {
        return new Denied(denied.tightest(), denied.remaining(), denied.retryAfterNanos(), denied.resetAfterNanos(),
            Mode.LEASED);
      }
      if (charge != null && remaining <= decision.remaining()) {
        return allowed();
      }
      return new Allowed(decision.tightest(), decision.remaining(), decision.resetAfterNanos(), Mode.LEASED);
    }
  }
}
