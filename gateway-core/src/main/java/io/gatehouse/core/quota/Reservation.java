package io.gatehouse.core.quota;

import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaStore;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one request has been charged for, count by count, from the claims on the way in over what is transferred to the
 * settlement. Each count is charged for the difference to what it was charged before, and never again after the end. Any
 * number of threads; what it does in the store does not wait.
 */
final class Reservation implements Passage.Duty {

  /** What is claimed of one count, and the quota on it if there is one that is watched. */
  record Part(Claim claim, Optional<Quota> quota) {}

  /**
   * What all reservations of a kind have in common.
   *
   * @param cuts whether answers are broken off that pass a quota
   */
  record Books(QuotaStore store, QuotaGate.Watch watch, boolean cuts) {}

  /** Stands for what was charged when it is over. */
  private static final long[] OVER = {};

  private final Books books;
  private final List<Part> parts;

  /** By part; null while it is what was claimed. Guarded by this. */
  private long @Nullable [] charged;

  /** @param parts whose claims were granted */
  Reservation(Books books, List<Part> parts) {
    this.books = books;
    this.parts = parts;
  }

  @Override
  public void refused() {
    for (Part part : parts) {
      books.store.add(part.claim().key(), -part.claim().amount());
    }
  }

  @Override
  public synchronized boolean transferred(long requestBytes, long responseBytes) {
    boolean within = true;
    for (int i = 0; i < parts.size() && charged != OVER; i++) {
      Claim claim = parts.get(i).claim();
      Meter meter = claim.key().meter();
      if (meter != Meter.REQUESTS && meter != Meter.PIXELS) {
        long more = Math.max(0, bytes(meter, requestBytes, responseBytes) - charged(charged, i));
        within &= charge(i, more) <= claim.most();
      }
    }
    return within || !books.cuts;
  }

  @Override
  public synchronized void complete(Outcome outcome) {
    long[] before = charged;
    charged = OVER;
    boolean free = outcome.ending() == Outcome.Ending.UNANSWERED || outcome.ending() == Outcome.Ending.KEPT;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      long owed = (free ? 0 : used(part.claim().key().meter(), outcome)) - charged(before, i);
      if (owed != 0 || part.quota().isPresent()) {
        charge(i, owed);
      }
    }
  }

  /** Returns what the count holds. */
  private long charge(int i, long amount) {
    Part part = parts.get(i);
    long count = books.store.settle(part.claim().key(), amount);
    if (charged != OVER) {
      note(i, charged(charged, i) + amount);
    }
    if (part.quota().isPresent()) {
      books.watch.saw(part.claim().key(), part.quota().get(), count);
    }
    return count;
  }

  private long charged(long @Nullable [] charged, int i) {
    return charged == null ? parts.get(i).claim().amount() : charged[i];
  }

  private void note(int i, long amount) {
    if (charged == null) {
      charged = parts.stream().mapToLong(part -> part.claim().amount()).toArray();
    }
    charged[i] = amount;
  }

  private static long used(Meter meter, Outcome outcome) {
    return switch (meter) {
      case REQUESTS -> 1;
      case PIXELS -> outcome.pixels();
      default -> bytes(meter, outcome.requestBytes(), outcome.responseBytes());
    };
  }

  private static long bytes(Meter meter, long requestBytes, long responseBytes) {
    return switch (meter) {
      case REQUEST_BYTES -> requestBytes;
      case RESPONSE_BYTES -> responseBytes;
      default -> requestBytes + responseBytes;
    };
  }
}
