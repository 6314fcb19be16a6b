package io.gatehouse.core.limit;

import io.gatehouse.limit.Algorithm;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers denials, and repeats them without asking: whoever hammers a gateway that has told him to wait costs the
 * shared count nothing.
 *
 * <p><b>Why that is exact.</b> A bucket that lacks the permits for a cost now, and will have them after a wait, lacks
 * them all that while, for this cost and every larger one: others can only take from it, and it fills no faster than time
 * goes by. So a denial holds for its bucket and limit until its wait is over, counted from before the question was sent.
 * Three things fill a bucket earlier. Permits given back through this limiter: it forgets the bucket, also a denial whose
 * answer was under way meanwhile. A raised limit: a denial is remembered with its limit and says nothing of another.
 * What this node cannot know, permits given back on another node, a Redis that lost its memory or whose clock jumped: that
 * is noticed after {@value #LONGEST_MILLIS} ms at the latest, because no denial is remembered for longer.
 *
 * <p>That is so for all algorithms but CONCURRENCY: what is held may be given back at any moment, here or elsewhere, so its
 * denials are not remembered.
 *
 * <p>A request with several charges is denied when one of them is remembered; the wait it is told is the longest of those
 * remembered, and so may be shorter than one that the shared count would have told, never longer. Permits left are told as
 * they were when the denial was made. Decisions by this node alone are not remembered: to make them again costs as little,
 * and they end when the shared count is back.
 *
 * <p>Memory is a table of fixed size in which a newer denial takes the place of an older one; a forgotten denial costs one
 * question. Any number of threads; nothing here blocks but what is asked.
 */
public final class RememberingRateLimiter implements RateLimiter {

  /** For how long a denial is repeated without asking again, at the most: {@value} ms. */
  public static final long LONGEST_MILLIS = 1000;

  private static final long LONGEST_NANOS = Duration.ofMillis(LONGEST_MILLIS).toNanos();
  private static final int SLOTS = 1 << 14;

  private final RateLimiter asked;
  private final LongSupplier nanoTime;
  private final AtomicReferenceArray<@Nullable Denial> denials;

  /** How often something was given back to a bucket of the slot, or debited; a denial holds while that stands still. */
  private final AtomicLongArray changes;

  /**
   * A memory over a limiter.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  public RememberingRateLimiter(RateLimiter asked, LongSupplier nanoTime) {
    this(asked, nanoTime, SLOTS);
  }

  /** With room for so many denials, a power of two. */
  RememberingRateLimiter(RateLimiter asked, LongSupplier nanoTime, int slots) {
    this.asked = asked;
    this.nanoTime = nanoTime;
    this.denials = new AtomicReferenceArray<>(slots);
    this.changes = new AtomicLongArray(slots);
  }

  @Override
  public Decision tryAcquire(List<Charge> charges) {
    long before = nanoTime.getAsLong();
    Denied remembered = recall(charges, before);
    if (remembered != null) {
      return remembered;
    }
    long[] seen = changesOf(charges);
    return remember(asked.tryAcquire(charges), charges, before, seen);
  }

  @Override
  public Decision peek(List<Charge> charges) {
    long before = nanoTime.getAsLong();
    Denied remembered = recall(charges, before);
    if (remembered != null) {
      return remembered;
    }
    long[] seen = changesOf(charges);
    return remember(asked.peek(charges), charges, before, seen);
  }

  @Override
  public void giveBack(List<Charge> charges) {
    try {
      asked.giveBack(charges);
    } finally {
      forget(charges);
    }
  }

  /** A denial would still hold, but the wait it tells is too short. */
  @Override
  public void debit(List<Charge> charges) {
    try {
      asked.debit(charges);
    } finally {
      forget(charges);
    }
  }

  private void forget(List<Charge> charges) {
    for (Charge charge : charges) {
      changes.incrementAndGet(slot(charge));
    }
  }

  private @Nullable Denied recall(List<Charge> charges, long now) {
    Denied longest = null;
    for (Charge charge : charges) {
      int slot = slot(charge);
      Denial denial = denials.get(slot);
      if (denial != null && denial.holdsFor(charge, now) && denial.changes == changes.get(slot)) {
        Denied denied = denial.repeated(charge, now);
        if (longest == null || denied.retryAfterNanos() > longest.retryAfterNanos()) {
          longest = denied;
        }
      }
    }
    return longest;
  }

  private long[] changesOf(List<Charge> charges) {
    long[] seen = new long[charges.size()];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = changes.get(slot(charges.get(i)));
    }
    return seen;
  }

  private Decision remember(Decision decision, List<Charge> charges, long before, long[] seen) {
    if (decision instanceof Denied denied
        && denied.mode() != Decision.Mode.LOCAL
        && !denied.tightest().limit().algorithm().isHeld()
        && denied.retryAfterNanos() != Long.MAX_VALUE) { // a cost above the burst says nothing of lesser ones
      int index = charges.indexOf(denied.tightest());
      if (index >= 0) {
        denials.set(slot(denied.tightest()), new Denial(denied, before, nanoTime.getAsLong(), seen[index]));
      }
    }
    return decision;
  }

  private int slot(Charge charge) {
    int hash = 31 * charge.bucket().hashCode() + charge.limit().period().hashCode();
    return (hash ^ hash >>> 16) * 0x9E3779B9 >>> 8 & denials.length() - 1;
  }

  /**
   * A denial and when it was made: after {@code before} and before {@code after}. It holds as if it had been made as
   * early as it can have been, and tells waits as if it had been made as late.
   */
  private record Denial(Denied denied, long before, long after, long changes) {

    boolean holdsFor(Charge charge, long now) {
      Charge told = denied.tightest();
      Limit limit = told.limit();
      long age = now - before;
      return age >= 0 // a clock that goes back has lost what it knew
          && age < Math.min(denied.retryAfterNanos(), LONGEST_NANOS)
          && charge.cost() >= told.cost()
          && charge.bucket().equals(told.bucket())
          && charge.limit().equals(limit);
    }

    Denied repeated(Charge charge, long now) {
      long age = Math.max(0, now - after);
      // A larger cost waits longer; as long as it takes for the difference to come back, if it can be had at all. When that
      // is depends on the past, but for tokens.
      long more = charge.cost() > charge.limit().burst()
          ? Long.MAX_VALUE
          : charge.limit().algorithm() == Algorithm.TOKEN_BUCKET
              ? nanosFor(charge.cost() - denied.tightest().cost(), charge.limit())
              : 0;
      long wait = denied.retryAfterNanos() - age;
      return new Denied(
          charge,
          denied.remaining(),
          more > Long.MAX_VALUE - wait ? Long.MAX_VALUE : wait + more,
          Math.max(0, denied.resetAfterNanos() - age),
          denied.mode());
    }

    private static long nanosFor(long permits, Limit limit) {
      double nanos = limit.period().getSeconds() * 1e9 + limit.period().getNano();
      return (long) Math.ceil(permits * nanos / limit.permits());
    }
  }
}
