package io.gatehouse.core.memory;

import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Decision.Allowed;
import io.gatehouse.limit.Decision.Denied;
import io.gatehouse.limit.Decision.Mode;
import io.gatehouse.limit.RateLimiter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Limits this process alone. Buckets of tokens are the generic cell rate algorithm ({@link Gcra}) over one 64-bit word per
 * bucket and period ({@link TatTable}), and take no lock but a short one when a bucket is used for the first time after it
 * was full. Those of the other algorithms take a short lock, shared by few, every time.
 *
 * <p>Memory is bounded. That of the buckets of tokens is taken at once: 17 bytes per slot, 17 MiB for the {@value
 * #DEFAULT_SLOTS} slots of the default.
 * A slot is needed for as long as its bucket is not full; full buckets are forgotten without loss. With four slots for
 * every bucket that is in use at once, one bucket in 4,000 or fewer finds no slot. Such a bucket shares its count with
 * others in the same plight: it may be denied too early and is never allowed too much, and what is given back to it is
 * not counted. A flood of made-up buckets can therefore not lift anybody's limit. Windows and logs have as many slots each,
 * of 80 bytes, made when they are needed; a bucket that finds none shares likewise. The moments of all logs together have
 * room for {@value #MOST_MOMENTS}, 32 MiB: when that is used up, a log that would have to grow denies. What is under way is
 * counted for as long as it is, and for no other bucket.
 *
 * <p>Charges are taken one after the other and put back when one is denied. In between, for some hundred nanoseconds,
 * another thread may find permits gone that are about to come back, and be denied; it is never the other way around.
 *
 * <p>Never throws {@link io.gatehouse.StoreException}. Allocates nothing but the decision when it allows; see
 * {@link #tryTake}.
 */
public final class MemoryRateLimiter implements RateLimiter {

  /** The number of buckets that can be in use at once without sharing: {@value}. */
  public static final int DEFAULT_SLOTS = 1 << 20;

  /** Marks room that was found in a common word; room itself is at most 2^61. */
  private static final long COMMON = 1L << 62;

  private static final int COMMON_BIT = 62;

  /** How many moments all logs together may have room for: {@value}. */
  private static final int MOST_MOMENTS = 1 << 22;

  private final TatTable table;
  private final Tallies slidingWindows;
  private final Tallies slidingLogs;
  private final Tallies fixedWindows;
  private final InFlight inFlight = new InFlight();
  private final LongSupplier nanoTime;
  private final InstantSource clock;

  /** What the clock said at first; moments are counted from it, so that clocks may start anywhere. */
  private final long startNanos;

  /** A limiter with {@value #DEFAULT_SLOTS} slots by the clock of the machine. */
  public MemoryRateLimiter() {
    this(DEFAULT_SLOTS, System::nanoTime);
  }

  /**
   * A limiter of a given size; fixed windows go by the wall clock of the machine.
   *
   * @param slots as of {@link #MemoryRateLimiter(int, LongSupplier, InstantSource)}
   * @param nanoTime a clock that only means something by differences, such as {@link System#nanoTime}
   */
  public MemoryRateLimiter(int slots, LongSupplier nanoTime) {
    this(slots, nanoTime, InstantSource.system());
  }

  /**
   * A limiter of a given size, by two clocks.
   *
   * @param slots 1 to 2^26, rounded up to a power of two, at least 8; 17 bytes each, and more for those in use by windows
   *     and logs
   * @param nanoTime a clock that only means something by differences, such as {@link System#nanoTime}
   * @param clock the wall clock, for fixed windows; it may be set
   */
  public MemoryRateLimiter(int slots, LongSupplier nanoTime, InstantSource clock) {
    if (slots < 1 || slots > 1 << 26) {
      throw new IllegalArgumentException("slots: " + slots + " (expected: 1 to 2^26)");
    }
    AtomicLong room = new AtomicLong(MOST_MOMENTS);
    this.table = new TatTable(slots);
    this.slidingWindows = new Tallies(slots, SlidingWindow::new);
    this.slidingLogs = new Tallies(slots, (periodNanos, now) -> new SlidingLog(periodNanos, room));
    this.fixedWindows = new Tallies(slots, FixedWindow::new);
    this.nanoTime = nanoTime;
    this.clock = clock;
    this.startNanos = nanoTime.getAsLong();
  }

  @Override
  public Decision tryAcquire(List<Charge> charges) {
    Charge tightest = first(charges);
    long now = now();
    long least = Long.MAX_VALUE;
    long reset = 0;
    long common = 0;
    for (int i = 0; i < charges.size(); i++) {
      Charge charge = charges.get(i);
      Terms terms = Terms.of(charge);
      if (!terms.tokens()) {
        View view = takeOther(charge, terms, now);
        if (!view.passes()) {
          putBack(charges, i, common, now);
          return denied(charges, i, now);
        }
        if (view.left() < least) {
          least = view.left();
          tightest = charge;
          reset = view.resetNanos() * Gcra.PER_NANO;
        }
        continue;
      }
      long room = take(terms, now);
      if (room < 0) {
        putBack(charges, i, common, now);
        return denied(charges, i, now);
      }
      common |= room >>> COMMON_BIT << i;
      room &= ~COMMON;
      if (Gcra.isBelow(room, terms.interval(), least)) {
        least = room / terms.interval();
        tightest = charge;
        reset = terms.tolerance() - room;
      }
    }
    return new Allowed(tightest, least, Gcra.toNanos(reset), Mode.EXACT);
  }

  /**
   * Takes all the charges or none, as {@link #tryAcquire} does, and says only whether it did. For whoever tells nobody
   * what is left: allocates nothing.
   */
  public boolean tryTake(List<Charge> charges) {
    first(charges);
    long now = now();
    long common = 0;
    for (int i = 0; i < charges.size(); i++) {
      Charge charge = charges.get(i);
      Terms terms = Terms.of(charge);
      long room = terms.tokens() ? take(terms, now) : takeOther(charge, terms, now).passes() ? 0 : -1;
      if (room < 0) {
        putBack(charges, i, common, now);
        return false;
      }
      common |= room >>> COMMON_BIT << i;
    }
    return true;
  }

  /** Apart from {@link #take}, so that tokens stay small enough to be compiled into their callers. */
  private View takeOther(Charge charge, Terms terms, long now) {
    return switch (charge.limit().algorithm()) {
      case SLIDING_WINDOW -> slidingWindows.take(charge, terms.id(), now / Gcra.PER_NANO);
      case SLIDING_LOG -> takeLogged(charge, terms, now / Gcra.PER_NANO);
      case FIXED_WINDOW -> fixedWindows.take(charge, terms.id(), wallNanos());
      case CONCURRENCY -> inFlight.take(charge, terms.id());
      case TOKEN_BUCKET -> throw new IllegalArgumentException("charge: " + charge + " (expected: not of tokens)");
    };
  }

  /** When there is no room to log, others that are idle make some. */
  private View takeLogged(Charge charge, Terms terms, long nowNanos) {
    View view = slidingLogs.take(charge, terms.id(), nowNanos);
    if (!view.passes() && view.left() >= charge.cost()) {
      slidingLogs.sweep(nowNanos);
      view = slidingLogs.take(charge, terms.id(), nowNanos);
    }
    return view;
  }

  /** The room that is left when the charge was taken, with {@link #COMMON} if from a common word; -1 if it was not. */
  private long take(Terms terms, long now) {
    if (!terms.payable()) {
      return -1;
    }
    while (true) {
      int place = table.claim(terms.id(), now);
      long stored = table.read(place);
      if (!table.holds(place, terms.id())) {
        continue;
      }
      long tat = reckoned(place, stored, now, terms.tolerance());
      long room = terms.tolerance() - (tat - now) - terms.cost();
      if (room < 0) {
        keepClamp(place, terms.id(), stored, tat);
        return -1;
      }
      if (table.exchange(place, terms.id(), stored, tat + terms.cost())) {
        return TatTable.isCommon(place) ? room | COMMON : room;
      }
    }
  }

  @Override
  public Decision peek(List<Charge> charges) {
    Charge tightest = first(charges);
    long now = now();
    long least = Long.MAX_VALUE;
    long reset = 0;
    for (int i = 0; i < charges.size(); i++) {
      Charge charge = charges.get(i);
      View view = look(charge, now);
      if (!view.passes()) {
        return denied(charges, i, now);
      }
      if (view.left() < least) {
        least = view.left();
        tightest = charge;
        reset = view.resetNanos();
      }
    }
    return new Allowed(tightest, least, reset, Mode.EXACT);
  }

  @Override
  public void giveBack(List<Charge> charges) {
    long now = now();
    for (int i = 0; i < charges.size(); i++) {
      putBack(charges.get(i), now, false);
    }
  }

  @Override
  public void debit(List<Charge> charges) {
    for (int i = 0; i < charges.size(); i++) {
      if (charges.get(i).limit().algorithm().isHeld()) {
        throw new IllegalArgumentException(
            "charge: " + charges.get(i) + " (expected: none of CONCURRENCY, of which nothing can be owed)");
      }
    }
    long now = now();
    for (int i = 0; i < charges.size(); i++) {
      debit(charges.get(i), now);
    }
  }

  private void debit(Charge charge, long now) {
    Terms terms = Terms.of(charge);
    switch (charge.limit().algorithm()) {
      case TOKEN_BUCKET -> debit(terms, Math.min(charge.cost(), 2 * charge.limit().burst()), now);
      case SLIDING_WINDOW -> slidingWindows.debit(charge, terms.id(), now / Gcra.PER_NANO);
      case SLIDING_LOG -> slidingLogs.debit(charge, terms.id(), now / Gcra.PER_NANO);
      case FIXED_WINDOW -> fixedWindows.debit(charge, terms.id(), wallNanos());
      case CONCURRENCY -> throw new IllegalArgumentException("charge: " + charge + " (expected: none that is held)");
    }
  }

  private void debit(Terms terms, long permits, long now) {
    while (true) {
      int place = table.claim(terms.id(), now);
      long stored = table.read(place);
      if (!table.holds(place, terms.id())) {
        continue;
      }
      long tat = reckoned(place, stored, now, terms.tolerance());
      long most = Math.max(tat, now + 2 * terms.tolerance());
      if (table.exchange(place, terms.id(), stored, Math.min(most, tat + permits * terms.interval()))) {
        return;
      }
    }
  }

  /** Puts back the charges before {@code end}; {@code common} has a bit for each that came from a common word. */
  private void putBack(List<Charge> charges, int end, long common, long now) {
    for (int i = 0; i < end; i++) {
      putBack(charges.get(i), now, (common >>> i & 1) != 0);
    }
  }

  private Decision denied(List<Charge> charges, int failed, long now) {
    Charge tightest = charges.get(failed);
    View longest = look(tightest, now);
    for (int i = 0; i < charges.size(); i++) {
      View view = i == failed ? longest : look(charges.get(i), now);
      if (view.delayNanos() > longest.delayNanos()) {
        longest = view;
        tightest = charges.get(i);
      }
    }
    // Another thread may have put permits back since; the shortest wait is still one.
    return new Denied(
        tightest, longest.left(), Math.max(1, longest.delayNanos()), longest.resetNanos(), Mode.EXACT);
  }

  private View look(Charge charge, long now) {
    Terms terms = Terms.of(charge);
    return switch (charge.limit().algorithm()) {
      case TOKEN_BUCKET -> look(terms, now);
      case SLIDING_WINDOW -> slidingWindows.look(charge, terms.id(), now / Gcra.PER_NANO);
      case SLIDING_LOG -> slidingLogs.look(charge, terms.id(), now / Gcra.PER_NANO);
      case FIXED_WINDOW -> fixedWindows.look(charge, terms.id(), wallNanos());
      case CONCURRENCY -> inFlight.look(charge, terms.id());
    };
  }

  private View look(Terms terms, long now) {
    int place;
    long stored;
    do {
      place = table.find(terms.id());
      stored = table.read(place);
    } while (!table.holds(place, terms.id()));
    long tat = reckoned(place, stored, now, terms.tolerance());
    keepClamp(place, terms.id(), stored, tat);
    long delay = Long.MAX_VALUE;
    if (terms.payable()) {
      delay = Gcra.toNanos(Gcra.delay(tat, now, terms.tolerance(), terms.cost()));
      if (delay == 0) {
        tat += terms.cost();
      }
    }
    long left = Gcra.remaining(tat, now, terms.tolerance(), terms.interval());
    return new View(delay, left, Gcra.toNanos(tat - now));
  }

  private void putBack(Charge charge, long now, boolean toCommon) {
    Terms terms = Terms.of(charge);
    switch (charge.limit().algorithm()) {
      case TOKEN_BUCKET -> putBack(terms, now, toCommon);
      case SLIDING_WINDOW -> slidingWindows.giveBack(charge, terms.id(), now / Gcra.PER_NANO);
      case SLIDING_LOG -> slidingLogs.giveBack(charge, terms.id(), now / Gcra.PER_NANO);
      case FIXED_WINDOW -> fixedWindows.giveBack(charge, terms.id(), wallNanos());
      case CONCURRENCY -> inFlight.giveBack(charge, terms.id());
    }
  }

  private void putBack(Terms terms, long now, boolean toCommon) {
    while (true) {
      int place = table.find(terms.id());
      if (TatTable.isCommon(place) && !toCommon) {
        return;
      }
      long stored = table.read(place);
      if (!table.holds(place, terms.id())) {
        continue;
      }
      if (stored <= now || table.exchange(place, terms.id(), stored, Math.max(now, stored - terms.cost()))) {
        return;
      }
    }
  }

  /** A clamp must last: the wait that is told now, or begins unsaid, starts now. */
  private void keepClamp(int place, long id, long stored, long tat) {
    if (tat < stored) {
      table.exchange(place, id, stored, tat);
    }
  }

  /** A common word is not clamped: what lies far ahead there may be owed by a bucket with a wider limit. */
  private static long reckoned(int place, long stored, long now, long tolerance) {
    return TatTable.isCommon(place) ? Math.max(stored, now) : Gcra.clamp(stored, now, tolerance);
  }

  private long now() {
    return (nanoTime.getAsLong() - startNanos) * Gcra.PER_NANO;
  }

  private long wallNanos() {
    Instant now = clock.instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private static Charge first(List<Charge> charges) {
    if (charges.isEmpty()) {
      throw new IllegalArgumentException("charges: none (expected: at least one)");
    }
    return charges.get(0);
  }
}
