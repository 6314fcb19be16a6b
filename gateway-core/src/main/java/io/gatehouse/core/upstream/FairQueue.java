package io.gatehouse.core.upstream;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets so many requests at backends at once, and the others wait for their turn: the tenants that wait are
 * served in turns, one request of each, and those of one tenant in the order in which they came. So a tenant
 * that asks for a thousand pictures at once waits for itself, and another one that asks for one is next.
 *
 * <p>No thread waits: who enters leaves a task, which is run when its turn has come, by whoever has made the
 * place free, or by another thread that is running tasks already. How long one waits at the most is up to
 * those who enter: they leave.
 *
 * <p>Any number of threads; a few map accesses under one lock. Tasks run without it, and must not block.
 */
public final class FairQueue {

  /**
   * How many may be there.
   *
   * @param places requests at backends at once, 0 or more; 0: any number, and nobody waits
   * @param mostWaiting requests that wait, 0 or more
   * @param mostWaitingOfOne of them of one tenant, 0 or more
   * @param mostWait how long a request should wait for its turn, more than zero
   */
  public record Rules(int places, int mostWaiting, int mostWaitingOfOne, Duration mostWait) {
    /** Nobody waits. */
    public static final Rules OFF = new Rules(0, 0, 0, Duration.ofSeconds(1));

    public Rules {
      if (places < 0 || mostWaiting < 0 || mostWaitingOfOne < 0) {
        throw new IllegalArgumentException(
            "places, mostWaiting, mostWaitingOfOne: " + places + ", " + mostWaiting + ", " + mostWaitingOfOne
                + " (expected: 0 or more)");
      }
      if (mostWait.isZero() || mostWait.isNegative()) {
        throw new IllegalArgumentException("mostWait: " + mostWait + " (expected: more than zero)");
      }
    }
  }

  /**
   * What has happened so far; all ever growing.
   *
   * @param waits requests that have waited before their turn came
   * @param waitedNanos how long these have waited in all
   * @param full requests that were turned away because too many waited
   * @param fullOfTenant likewise, because too many of the same tenant did
   * @param slow requests that gave up because they had waited too long
   */
  public record Figures(long waits, long waitedNanos, long full, long fullOfTenant, long slow) {}

  /** One request, from entering to the end. */
  public final class Place {
    private final String tenant;
    private final Runnable turn;
    /** Guarded by the queue. */
    private State state = State.WAITS;
    /** When it began to wait. Guarded by the queue. */
    private long sinceNanos;

    private Place(String tenant, Runnable turn) {
      this.tenant = tenant;
      this.turn = turn;
    }

    /**
     * Makes the place free, or takes the request out of those that wait; its task is not run then. Later calls do
     * nothing.
     */
    public void leave() {
      FairQueue.this.leave(this);
    }

    /** Leaves if it waits, because it has waited too long; false when its turn has come, or it has left. */
    public boolean giveUp() {
      return FairQueue.this.tire(this);
    }

    /** Whether it waits for its turn. */
    public boolean waits() {
      return FairQueue.this.waits(this);
    }
  }

  private static final Logger log = LoggerFactory.getLogger(FairQueue.class);

  private enum State {
    WAITS,
    TAKEN,
    LEFT
  }

  /** Guarded by this. */
  private Rules rules;
  /** The tenants that wait, who is next first; guarded by this. */
  private final Map<String, Deque<Place>> waiting = new LinkedHashMap<>();
  /** Guarded by this. */
  private int waitingNow;
  /** Guarded by this. */
  private int taken;
  /** Those whose turn has come and whose tasks are not run yet; guarded by this. */
  private final Deque<Place> due = new ArrayDeque<>();
  /** Whether a thread runs the tasks of those. Guarded by this. */
  private boolean running;
  /** What has happened so far, as {@link Figures} has it; guarded by this. */
  private long waits;
  private long waitedNanos;
  private long full;
  private long fullOfTenant;
  private long slow;
  private final LongSupplier nanoTime;

  public FairQueue(Rules rules) {
    this(rules, System::nanoTime);
  }

  /** @param nanoTime the clock for waiting */
  public FairQueue(Rules rules, LongSupplier nanoTime) {
    this.rules = Objects.requireNonNull(rules, "rules");
    this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
  }

  /**
   * Enters. The task is run once, before this returns if there is a place, and then with the place as its
   * own.
   *
   * @param tenant with whom the request takes turns
   * @return what is to be left when the request is over; empty when too many wait, and then the task is not
   *     run
   */
  public Optional<Place> enter(String tenant, Runnable turn) {
    Place place = new Place(tenant, turn);
    synchronized (this) {
      if (isFree()) {
        take(place);
      } else {
        Deque<Place> own = waiting.computeIfAbsent(tenant, any -> new ArrayDeque<>());
        boolean isFull = waitingNow >= rules.mostWaiting();
        if (isFull || own.size() >= rules.mostWaitingOfOne()) {
          full += isFull ? 1 : 0;
          fullOfTenant += isFull ? 0 : 1;
          if (own.isEmpty()) {
            waiting.remove(tenant);
          }
          return Optional.empty();
        }
        place.sinceNanos = nanoTime.getAsLong();
        own.add(place);
        waitingNow++;
        return Optional.of(place);
      }
    }
    place.turn.run();
    return Optional.of(place);
  }

  /** Goes by other rules from now on; who waits stays. */
  public void become(Rules changed) {
    synchronized (this) {
      rules = Objects.requireNonNull(changed, "rules");
      giveFreePlaces();
    }
    runDue();
  }

  public synchronized Rules rules() {
    return rules;
  }

  /** How many wait now. */
  public synchronized int waiting() {
    return waitingNow;
  }

  public synchronized Figures figures() {
    return new Figures(waits, waitedNanos, full, fullOfTenant, slow);
  }

  /** How many are at backends now. */
  public synchronized int taken() {
    return taken;
  }

  private void leave(Place place) {
    synchronized (this) {
      if (giveUp(place) || place.state == State.LEFT) {
        return;
      }
      place.state = State.LEFT;
      taken--;
      giveFreePlaces();
    }
    runDue();
  }

  /**
   * Runs tasks one after the other, and never one within another: one that fails at once leaves its place at
   * once, and a thousand of them would nest a thousand times.
   */
  private void runDue() {
    synchronized (this) {
      if (running) {
        return;
      }
      running = true;
    }
    for (Place next = nextDue(); next != null; next = nextDue()) {
      try {
        next.turn.run();
      } catch (RuntimeException e) {
        // The task is its owner's, and who stands behind it must not wait for ever.
        log.warn("What was to be done when a request had its turn failed", e);
      }
    }
  }

  private synchronized @Nullable Place nextDue() {
    Place next = due.poll();
    running = next != null;
    return next;
  }

  private synchronized boolean tire(Place place) {
    boolean waited = giveUp(place);
    slow += waited ? 1 : 0;
    return waited;
  }

  private synchronized boolean giveUp(Place place) {
    if (place.state != State.WAITS) {
      return false;
    }
    place.state = State.LEFT;
    Deque<Place> own = waiting.get(place.tenant);
    own.remove(place);
    waitingNow--;
    if (own.isEmpty()) {
      waiting.remove(place.tenant);
    }
    return true;
  }

  private synchronized boolean waits(Place place) {
    return place.state == State.WAITS;
  }

  /** Gives free places to those whose turn it is. */
  private void giveFreePlaces() {
    while (waitingNow > 0 && isFree()) {
      Map.Entry<String, Deque<Place>> first = waiting.entrySet().iterator().next();
      Deque<Place> own = first.getValue();
      Place place = own.remove();
      waitingNow--;
      waiting.remove(first.getKey());
      if (!own.isEmpty()) {
        waiting.put(place.tenant, own);
      }
      waits++;
      waitedNanos += nanoTime.getAsLong() - place.sinceNanos;
      take(place);
      due.add(place);
    }
  }

  private boolean isFree() {
    return rules.places() == 0 || taken < rules.places();
  }

  private void take(Place place) {
    place.state = State.TAKEN;
    taken++;
  }
}
