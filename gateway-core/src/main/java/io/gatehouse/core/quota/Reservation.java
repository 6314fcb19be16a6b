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

  private final QuotaStore store;
  private final QuotaGate.Watch watch;
  private final boolean cuts;
  private final List<Part> parts;

  /** By part; null while it is what was claimed. Guarded by this. */
  private long @Nullable [] charged;

  /** Guarded by this. */
  private boolean over;

  /** @param parts whose claims were granted */
  Reservation(QuotaStore store, QuotaGate.Watch watch, boolean cuts, List<Part> parts) {
    this.store = store;
    this.watch = watch;
    this.cuts = cuts;
    this.parts = parts;
  }

  @Override
  public void refused() {
    for (Part part : parts) {
      store.add(part.claim().key(), -part.claim().amount());
    }
  }

  @Override
  public synchronized boolean transferred(long requestBytes, long responseBytes) {
    boolean within = true;
    for (int i = 0; i < parts.size() && !over; i++) {
      Claim claim = parts.get(i).claim();
      Meter meter = claim.key().meter();
      if (meter != Meter.REQUESTS && meter != Meter.PIXELS) {
        long more = Math.max(0, bytes(meter, requestBytes, responseBytes) - charged(i));
        within &= charge(i, more) <= claim.most();
      }
    }
    return within || !cuts;
  }

  @Override
  public synchronized void complete(Outcome outcome) {
    over = true;
    boolean unanswered = outcome.ending() == Outcome.Ending.UNANSWERED;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      long owed = (unanswered ? 0 : used(part.claim().key().meter(), outcome)) - charged(i);
      if (owed != 0 || part.quota().isPresent()) {
        charge(i, owed);
      }
    }
  }

  /** Returns what the count holds. */
  private long charge(int i, long amount) {
    Part part = parts.get(i);
    long count = store.settle(part.claim().key(), amount);
    if (!over) {
      note(i, charged(i) + amount);
    }
    if (part.quota().isPresent()) {
      watch.saw(part.claim().key(), part.quota().get(), count);
    }
    return count;
  }

  private long charged(int i) {
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
