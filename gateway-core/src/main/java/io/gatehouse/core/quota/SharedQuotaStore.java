package io.gatehouse.core.quota;

import io.gatehouse.StoreException;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides by a count that all nodes share, and has this node's ledger remember what was granted.
 *
 * <p>{@link #settle} never waits: the ledger takes the amount at once and the shared count within {@value #TICK_MILLIS}
 * ms, amounts for the same key as one. Until then this node reckons with what it still owes. While an amount is being sent
 * it may be reckoned with twice, and a claim be refused that would just have fitted; it is never the other way around.
 *
 * <p>While the shared count is away the ledger decides: a quota then overruns at most by what the other nodes admitted
 * since this node last read the log. Every key that was counted meanwhile is missed in the shared count; when that is
 * back, each missed key is raised to what the log says all nodes have used. Raising, unlike adding, is right whether the
 * shared count kept its data or lost it, and may be done by every node.
 *
 * <p>Any number of threads; all but {@link #settle} block as the shared store does.
 */
public final class SharedQuotaStore implements QuotaStore, AutoCloseable {

  /** Makes a shared count at least so large. */
  @FunctionalInterface
  public interface Raise {

    /**
     * Sets the count to {@code least} if it is below.
     *
     * @throws StoreException when the store cannot answer
     */
    void raise(QuotaKey key, long least);
  }

  /** How long a settled amount may wait before the shared count has it: {@value} ms. */
  public static final long TICK_MILLIS = 100;

  private static final long PAUSE_NANOS = Duration.ofMillis(500).toNanos();
  private static final Logger log = LoggerFactory.getLogger(SharedQuotaStore.class);

  private final QuotaStore shared;
  private final Raise raise;
  private final LedgerQuotaStore ledger;
  private final LongSupplier nanoTime;

  /** Amounts that the shared count is to have at the next tick; as many keys as were used since the last. */
  private final Map<QuotaKey, Long> waiting = new ConcurrentHashMap<>();

  /** Keys that were counted while the shared count was away; as many as the ledger got meanwhile. */
  private final Set<QuotaKey> missed;

  private final ScheduledExecutorService sender;
  private final AtomicLong retryAt = new AtomicLong();
  private volatile boolean away;

  /**
   * A store over two.
   *
   * @param raise raises a count of {@code shared}
   * @param missed the keys to raise, a concurrent set that this store adds to and clears; whoever writes to the log what
   *     the shared count may lack adds its keys too
   * @param nanoTime as {@link System#nanoTime}
   */
  public SharedQuotaStore(
      QuotaStore shared, Raise raise, LedgerQuotaStore ledger, Set<QuotaKey> missed, LongSupplier nanoTime) {
    this.shared = shared;
    this.raise = raise;
    this.ledger = ledger;
    this.missed = missed;
    this.nanoTime = nanoTime;
    this.sender =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "gatehouse-quota-sender");
              thread.setDaemon(true);
              return thread;
            });
    sender.scheduleWithFixedDelay(this::send, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Whether the shared count answered when it was last asked. */
  public boolean reachable() {
    return !away;
  }

  @Override
  public long used(QuotaKey key) {
    if (mayTry()) {
      try {
        long used = shared.used(key);
        up();
        return Math.max(0, used + owed(key));
      } catch (StoreException e) {
        down(e);
      }
    }
    return ledger.used(key);
  }

  @Override
  public long add(QuotaKey key, long amount) {
    long here = ledger.add(key, amount);
    if (mayTry()) {
      try {
        long used = shared.add(key, amount);
        up();
        return Math.max(0, used + owed(key));
      } catch (StoreException e) {
        down(e);
      }
    }
    missed.add(key);
    return here;
  }

  @Override
  public long settle(QuotaKey key, long amount) {
    long here = ledger.add(key, amount);
    if (amount != 0) {
      waiting.merge(key, amount, Long::sum);
    }
    return here;
  }

  @Override
  public QuotaDecision addWithin(List<Claim> claims) {
    if (mayTry()) {
      try {
        QuotaDecision decision = shared.addWithin(claims.stream().map(this::lessWhatIsOwed).toList());
        up();
        if (decision instanceof QuotaDecision.Exhausted exhausted) {
          return asClaimed(exhausted, claims);
        }
        claims.forEach(claim -> ledger.add(claim.key(), claim.amount()));
        return decision;
      } catch (StoreException e) {
        down(e);
      }
    }
    QuotaDecision decision = ledger.addWithin(claims);
    if (decision instanceof QuotaDecision.Granted) {
      claims.forEach(claim -> missed.add(claim.key()));
    }
    return decision;
  }

  /** Sends what is waiting and stops. The ledger is not closed. */
  @Override
  public void close() {
    sender.shutdown();
    try {
      sender.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    send();
  }

  private void send() {
    try {
      waiting.keySet().forEach(this::sendWaiting);
      missed.forEach(this::raiseMissed);
    } catch (RuntimeException e) {
      // An exception that leaves the task would end the schedule for good.
      log.error("The shared count of the quotas cannot be told", e);
    }
  }

  /** What this node has yet to tell the shared count. */
  private long owed(QuotaKey key) {
    return waiting.getOrDefault(key, 0L);
  }

  private Claim lessWhatIsOwed(Claim claim) {
    long owed = owed(claim.key());
    return owed == 0 || claim.most() == Long.MAX_VALUE
        ? claim
        : new Claim(claim.key(), claim.amount(), Math.max(0, claim.most() - owed));
  }

  private QuotaDecision asClaimed(QuotaDecision.Exhausted exhausted, List<Claim> claims) {
    QuotaKey key = exhausted.claim().key();
    Claim claimed = claims.stream().filter(claim -> claim.key().equals(key)).findFirst().orElseThrow();
    return new QuotaDecision.Exhausted(claimed, Math.max(0, exhausted.used() + owed(key)));
  }

  private void sendWaiting(QuotaKey key) {
    long amount = owed(key);
    if (amount != 0 && !tell(key, amount)) {
      missed.add(key);
    }
    // Only now, so that it is reckoned with all the while.
    waiting.computeIfPresent(key, (k, owed) -> owed == amount ? null : owed - amount);
  }

  private boolean tell(QuotaKey key, long amount) {
    if (!mayTry()) {
      return false;
    }
    try {
      shared.add(key, amount);
      up();
      return true;
    } catch (StoreException e) {
      down(e);
      return false;
    }
  }

  private void raiseMissed(QuotaKey key) {
    if (!mayTry()) {
      return;
    }
    long total;
    try {
      total = ledger.total(key);
    } catch (StoreException e) {
      log.debug("The ledger cannot say what a shared count missed: {}", e.getMessage());
      return;
    }
    try {
      raise.raise(key, total);
      missed.remove(key);
      up();
    } catch (StoreException e) {
      down(e);
    }
  }

  private boolean mayTry() {
    if (!away) {
      return true;
    }
    long at = retryAt.get();
    long now = nanoTime.getAsLong();
    return now - at >= 0 && retryAt.compareAndSet(at, now + PAUSE_NANOS);
  }

  private void up() {
    if (away) {
      away = false;
      log.info("The shared count of the quotas is back");
    }
  }

  private void down(StoreException cause) {
    retryAt.set(nanoTime.getAsLong() + PAUSE_NANOS);
    if (!away) {
      away = true;
      log.warn("The shared count of the quotas is away, the ledger decides: {}", cause.getMessage());
    }
  }
}
