package io.gatehouse.core.memory;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Limit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The counts of all buckets of one algorithm, by id, in a table that does not grow: sets of {@value #WAYS}, each changed
 * under its lock only. A count that says nothing any more makes place for another.
 *
 * <p>A bucket that finds its set full shares one {@link SharedLog} with all others in the same plight: what it may take of
 * that is no more than it could of its own, so it may be denied too early and is never allowed too much, and what is given
 * back to it is not counted. When it finds a place later, it begins with what stands there.
 */
final class Tallies {

  /** Makes an empty count for a bucket. */
  interface Maker {
    Tally make(long periodNanos, long now);
  }

  private static final int WAYS = 8;
  private static final int LOCKS = 256;

  /** How often the table is looked through for idle counts, at the most. */
  private static final long SWEEP_NANOS = 1_000_000_000L;

  private static final class Slot {
    private final long id;
    private final Tally tally;

    Slot(long id, Tally tally) {
      this.id = id;
      this.tally = tally;
    }
  }

  private final Maker maker;
  private final SharedLog shared = new SharedLog();
  private final Object[] locks = new Object[LOCKS];
  private final int setMask;

  /** Sets, made when they are first needed; a set is used under its lock. */
  private final AtomicReferenceArray<@Nullable Slot @Nullable []> sets;

  /** When the last sweep began. */
  private final AtomicLong swept = new AtomicLong(-SWEEP_NANOS);

  /** A table of at least this many slots, rounded up to a power of two. */
  Tallies(int atLeast, Maker maker) {
    int count = Math.max(1, Integer.highestOneBit(Math.max(1, (atLeast + WAYS - 1) / WAYS) * 2 - 1));
    this.maker = maker;
    this.sets = new AtomicReferenceArray<>(count);
    this.setMask = count - 1;
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Object();
    }
  }

  /** Takes a charge if it passes. */
  View take(Charge charge, long id, long now) {
    Limit limit = charge.limit();
    synchronized (lock(id)) {
      Tally tally = claim(limit, id, now);
      if (tally == null) {
        return shared.take(limit, charge.cost(), now);
      }
      View view = tally.look(limit, charge.cost(), now);
      if (view.passes()) {
        tally.add(limit, charge.cost(), now);
      }
      return view;
    }
  }

  /** What a charge would meet. */
  View look(Charge charge, long id, long now) {
    Limit limit = charge.limit();
    synchronized (lock(id)) {
      Tally tally = find(id);
      if (tally != null) {
        return tally.look(limit, charge.cost(), now);
      }
      return hasPlace(id, now)
          ? settled(limit, now).look(limit, charge.cost(), now)
          : shared.look(limit, charge.cost(), now);
    }
  }

  void giveBack(Charge charge, long id, long now) {
    synchronized (lock(id)) {
      Tally tally = find(id);
      if (tally != null) {
        tally.remove(charge.limit(), charge.cost(), now);
      }
    }
  }

  void debit(Charge charge, long id, long now) {
    synchronized (lock(id)) {
      Tally tally = claim(charge.limit(), id, now);
      if (tally != null) {
        tally.add(charge.limit(), charge.cost(), now);
      } else {
        shared.add(Math.min(charge.cost(), 2 * charge.limit().permits()), now);
      }
    }
  }

  /** Forgets all idle counts, once a second at the most. Takes the locks of the sets in use one after the other. */
  void sweep(long now) {
    long last = swept.get();
    boolean lately = now - last >= 0 && now - last < SWEEP_NANOS;
    if (lately || !swept.compareAndSet(last, now)) {
      return;
    }
    for (int set = 0; set <= setMask; set++) {
      @Nullable Slot[] slots = sets.get(set);
      if (slots == null) {
        continue;
      }
      synchronized (locks[set & LOCKS - 1]) {
        for (int way = 0; way < WAYS; way++) {
          Slot slot = slots[way];
          if (slot != null && slot.tally.idle(now)) {
            slot.tally.discard();
            slots[way] = null;
          }
        }
      }
    }
  }

  private @Nullable Tally find(long id) {
    @Nullable Slot[] slots = sets.get((int) id & setMask);
    for (int way = 0; slots != null && way < WAYS; way++) {
      Slot slot = slots[way];
      if (slot != null && slot.id == id) {
        return slot.tally;
      }
    }
    return null;
  }

  private boolean hasPlace(long id, long now) {
    @Nullable Slot[] slots = sets.get((int) id & setMask);
    return slots == null || freeWay(slots, now) < WAYS;
  }

  /** The count of a bucket, new if it had none; null when there is no place for it. */
  private @Nullable Tally claim(Limit limit, long id, long now) {
    Tally known = find(id);
    if (known != null) {
      return known;
    }
    int set = (int) id & setMask;
    @Nullable Slot[] slots = sets.get(set);
    if (slots == null) {
      slots = new Slot[WAYS];
      sets.set(set, slots);
    }
    int way = freeWay(slots, now);
    if (way == WAYS) {
      return null;
    }
    Slot old = slots[way];
    if (old != null) {
      old.tally.discard();
    }
    Tally fresh = settled(limit, now);
    slots[way] = new Slot(id, fresh);
    return fresh;
  }

  private static int freeWay(@Nullable Slot[] slots, long now) {
    for (int way = 0; way < WAYS; way++) {
      Slot slot = slots[way];
      if (slot == null || slot.tally.idle(now)) {
        return way;
      }
    }
    return WAYS;
  }

  /** A new count with what may be its own of the shared one. */
  private Tally settled(Limit limit, long now) {
    long period = Gcra.nanos(limit);
    Tally tally = maker.make(period, now);
    long owed = shared.within(period, now);
    if (owed > 0) {
      tally.add(limit, owed, now);
    }
    return tally;
  }

  private Object lock(long id) {
    return locks[(int) id & setMask & LOCKS - 1];
  }
}
