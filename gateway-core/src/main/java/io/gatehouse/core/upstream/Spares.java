package io.gatehouse.core.upstream;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * {@link Candidates} that nobody uses at the moment, so that a pick allocates nothing that grows with the pool. A place
 * belongs to a few threads; one that finds it empty makes what it needs. Kept here and not by threads, of which there may
 * be one for each request.
 *
 * <p>Any number of threads. Nothing blocks.
 */
final class Spares {

  private static final int PLACES = 64;

  /** Places on one cache line would have to be taken from each other: references are of 4 or 8 bytes. */
  private static final int APART = 16;

  private final AtomicReferenceArray<@Nullable Candidates> places = new AtomicReferenceArray<>(PLACES * APART);

  /** One for this thread alone, until it is given back. */
  Candidates take() {
    Candidates spare = places.getAndSet(place(), null);
    return spare == null ? new Candidates() : spare;
  }

  void giveBack(Candidates used) {
    places.setRelease(place(), used);
  }

  private static int place() {
    // Of all the bits, because threads may be numbered by a step.
    long id = Rendezvous.mix(Thread.currentThread().getId());
    return (int) (id & PLACES - 1) * APART;
  }
}
