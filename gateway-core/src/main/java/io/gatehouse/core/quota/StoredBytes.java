package io.gatehouse.core.quota;

import io.gatehouse.Refusal;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaPeriods;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * How many bytes each user holds, for whoever stores something for users: {@link #add} before storing, {@link #remove}
 * after deleting, or when storing failed. What is added counts on all nodes and over restarts, as use does.
 *
 * <p>Any number of threads; blocks as the quotas and the store do, and throws {@link io.gatehouse.StoreException} with them.
 */
public final class StoredBytes {

  private final QuotaStore store;
  private final Function<String, List<Quota>> quotas;
  private final QuotaGate.Watch watch;

  /** @param quotas those of a user that hold when they are asked for */
  public StoredBytes(QuotaStore store, Function<String, List<Quota>> quotas, QuotaGate.Watch watch) {
    this.store = store;
    this.quotas = quotas;
    this.watch = watch;
  }

  /**
   * Takes room.
   *
   * @param bytes 0 or more
   * @return why there is no room for all of them, and then none was taken; empty when there was
   */
  public Optional<Refusal> add(String user, long bytes) {
    QuotaKey key = key(user);
    Optional<Quota> quota = quotas.apply(user).stream()
        .filter(each -> each.meter() == Meter.STORED_BYTES)
        .findFirst();
    Claim claim = new Claim(key, bytes, quota.map(Quota::ceiling).orElse(Quota.UNCAPPED));
    if (store.addWithin(List.of(claim)) instanceof QuotaDecision.Exhausted exhausted) {
      return Optional.of(refusal(quota.orElseThrow(), bytes, exhausted.used()));
    }
    quota.ifPresent(each -> watch.saw(key, each, store.settle(key, 0)));
    return Optional.empty();
  }

  /**
   * Gives room back.
   *
   * @param bytes 0 or more, as they were added
   */
  public void remove(String user, long bytes) {
    QuotaKey key = key(user);
    // A count does not fall below zero: what others have added, earlier starts among them, has to be known first.
    store.used(key);
    store.add(key, -bytes);
  }

  /**
   * Makes what a user holds so much, for whoever knows it better than it was counted: after a crash between storing and
   * counting. What others add or remove at the same moment may be lost.
   *
   * @param bytes 0 or more
   */
  public void correct(String user, long bytes) {
    QuotaKey key = key(user);
    store.add(key, bytes - store.used(key));
  }

  /** What a user holds. */
  public long held(String user) {
    return store.used(key(user));
  }

  private static QuotaKey key(String user) {
    // A lifetime is the same in every calendar.
    return new QuotaPeriods(BillingCalendar.UTC).keyAt(Instant.EPOCH, user, Meter.STORED_BYTES, Window.LIFETIME);
  }

  private static Refusal refusal(Quota quota, long bytes, long held) {
    long room = Math.max(0, quota.ceiling() - held);
    return new Refusal(
        Refusal.Reason.STORAGE_EXHAUSTED,
        "There is room for " + room + " of " + quota.ceiling() + " bytes, and " + bytes + " were to be stored.",
        Duration.ZERO,
        quota.policy());
  }
}
