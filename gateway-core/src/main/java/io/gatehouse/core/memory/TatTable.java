package io.gatehouse.core.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Moments by 64-bit id, in two flat arrays: no object per entry, no growth, no cleaning thread.
 *
 * <p><b>Idea.</b> The table is cut into sets of {@value #WAYS} slots of 16 bytes (id, tat). An id lives in the one set
 * that its low bits name. An entry whose tat has passed says nothing (see {@link Gcra}), so its slot is free for whoever
 * comes next; forgetting costs no accuracy. When all slots of a set hold moments in the future, further ids of that set
 * share the set's one <i>common</i> word: they may then be denied for each other, never allowed for each other.
 *
 * <p><b>Who writes.</b> Moments are read and exchanged by compare-and-set without a lock. Ids are only written under one
 * of {@value #LOCKS} locks, chosen by the set, so that an id never gets two slots.
 *
 * <p><b>Invariant.</b> What an id took is counted where it will look next. Between finding a slot and changing its
 * moment the slot may pass to another id. Therefore a new tenant moves in in three steps: the moment is exchanged for
 * {@link #MOVING}, which fails if anybody took from the slot meanwhile; the id is written; its first moment is written.
 * And whoever exchanged a moment looks at the id once more. If the slot has passed on (the new moment was equal to the
 * old by chance), the exchange does not count and is made anew in the right place. If the id went and came back in
 * between, what it took had lapsed before the slot could pass on, and there was nothing to lose.
 *
 * <p><b>Common word.</b> A new tenant begins with the common moment of its set if that lies in the future, because part
 * of it may be its own. Whoever took from the common word looks whether its id has moved in meanwhile, and if so takes
 * again in the slot: a tenant writes its id before it reads the common word and a taker writes the common word before
 * it looks for the id, so that at least one of the two sees the other. In every such doubt a bucket is left the poorer.
 */
final class TatTable {

  /** The slots of one set: {@value}, 128 bytes. */
  static final int WAYS = 8;

  /** What stands in a slot that is changing hands. */
  static final long MOVING = Long.MIN_VALUE;

  private static final int LOCKS = 256;
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  /** Id, tat, id, tat... An id of 0 is an empty slot. */
  private final long[] slots;

  /** One common moment for each set. */
  private final long[] common;

  private final Object[] locks = new Object[LOCKS];
  private final int setMask;

  /** A table of at least this many slots, rounded up to a power of two; 17 bytes each, allocated at once. */
  TatTable(int atLeast) {
    int sets = Math.max(1, Integer.highestOneBit(Math.max(1, (atLeast + WAYS - 1) / WAYS) * 2 - 1));
    slots = new long[sets * WAYS * 2];
    common = new long[sets];
    Arrays.fill(common, MOVING + 1);
    setMask = sets - 1;
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new Object();
    }
  }

  /** The place of an id, or that of the common word of its set if it has none and there is no slot to be had. */
  int claim(long id, long now) {
    int place = find(id);
    return place >= 0 ? place : moveIn(id, now);
  }

  /** The place of an id, or that of the common word of its set (a negative number) if it has none. */
  int find(long id) {
    int set = (int) id & setMask;
    int slot = slot(set, id, 0);
    return (long) WORD.getVolatile(slots, slot) == id ? slot : findFurther(set, id);
  }

  /** Apart, so that what most look-ups need stays small enough to be compiled into its callers. */
  private int findFurther(int set, long id) {
    for (int way = 1; way < WAYS; way++) {
      int slot = slot(set, id, way);
      if ((long) WORD.getVolatile(slots, slot) == id) {
        return slot;
      }
    }
    return ~set;
  }

  /** Whether a place is a common word, shared by the ids that have no slot. */
  static boolean isCommon(int place) {
    return place < 0;
  }

  /** The moment at a place; waits while the slot changes hands. */
  long read(int place) {
    if (isCommon(place)) {
      return (long) WORD.getVolatile(common, ~place);
    }
    long tat = (long) WORD.getVolatile(slots, place + 1);
    while (tat == MOVING) {
      Thread.onSpinWait();
      tat = (long) WORD.getVolatile(slots, place + 1);
    }
    return tat;
  }

  /** Whether a place is still the one for this id. To be asked after {@link #read}, to know whose moment it was. */
  boolean holds(int place, long id) {
    return isCommon(place) ? find(id) == place : (long) WORD.getVolatile(slots, place) == id;
  }

  /** Exchanges the moment of an id at a place; false when it had changed, or when the place is no longer the id's. */
  boolean exchange(int place, long id, long expected, long next) {
    long[] words = isCommon(place) ? common : slots;
    int word = isCommon(place) ? ~place : place + 1;
    if (!WORD.compareAndSet(words, word, expected, next)) {
      return false;
    }
    if (holds(place, id)) {
      return true;
    }
    if (next < expected) {
      putBack(words, word, expected - next);
    }
    return false;
  }

  /** Undoes a decrease that hit another id; an increase is left, it can only deny. */
  private static void putBack(long[] words, int word, long amount) {
    for (long tat; (tat = (long) WORD.getVolatile(words, word)) != MOVING; ) {
      if (WORD.compareAndSet(words, word, tat, tat + amount)) {
        return;
      }
    }
  }

  private int moveIn(long id, long now) {
    int set = (int) id & setMask;
    synchronized (locks[set & (LOCKS - 1)]) {
      int place = find(id);
      if (place >= 0) {
        return place; // another thread was quicker
      }
      for (int way = 0; way < WAYS; way++) {
        int slot = slot(set, id, way);
        long tat = (long) WORD.getVolatile(slots, slot + 1);
        boolean free = (long) WORD.getVolatile(slots, slot) == 0 || tat <= now;
        if (free && WORD.compareAndSet(slots, slot + 1, tat, MOVING)) {
          WORD.setVolatile(slots, slot, id);
          WORD.setVolatile(slots, slot + 1, Math.max(now, (long) WORD.getVolatile(common, set)));
          return slot;
        }
      }
      return ~set;
    }
  }

  /** The ways of a set in the order of an id: each begins elsewhere, so that two newcomers do not turn each other out. */
  private static int slot(int set, long id, int way) {
    return (set * WAYS + ((int) (id >>> 32) + way & WAYS - 1)) * 2;
  }
}
