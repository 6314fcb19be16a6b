package io.gatehouse.core.quota;

import io.gatehouse.StoreException;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides by a count that all nodes share, and has this node's ledger remember what was granted.
 *
 * <p>The shared count knows what each node has used, and of two numbers of one node the larger is true. So this node tells
 * it the whole of its own use: with every claim, and within {@value #TICK_MILLIS} ms of what was settled or was granted
 * without it. {@link #settle} never waits for that.
 *
 * <p>While the shared count is away the ledger decides: a quota then overruns at most by what the other nodes admitted
 * since this node last read the log. When it comes back, or says that it has lost its data, all that was counted here
 * lately is told again, {@value #LOOKS} times in as many seconds, since calls under way may have been answered by what is
 * lost. What was counted before that is in the log, with which a lost count begins. So for a second, and no longer, the shared
 * count may lack what nodes that have not claimed anything since had not written to the log; then it is what all have
 * used, but for calls under way. It is above that by requests that were refused after their answer was lost.
 *
 * <p>Any number of threads; all but {@link #settle} block as the shared store does.
 */
public final class SharedQuotaStore implements QuotaStore, AutoCloseable {

  /** The counts of all nodes. Any number of threads; may block. */
  public interface Counts extends QuotaStore {

    /**
     * Has the counts hold at least what these say.
     *
     * @return the keys of which there is no count; nothing was learnt of them
     * @throws StoreException when the store cannot answer; it may have learnt some of it
     */
    Set<QuotaKey> tell(Collection<UsageRecord> records);

    /**
     * The same for keys of which there may be no count.
     *
     * @param all every record that is known of these keys
     * @throws StoreException when the store cannot answer; it may have learnt some of it
     */
    void tellAll(Collection<UsageRecord> all);

    /**
     * Whether what was counted was lost since this was last asked. One thread asks.
     *
     * @throws StoreException when the store cannot answer
     */
    boolean lost();
  }

  /** How long a settled amount may wait before the shared count has it: {@value} ms. */
  public static final long TICK_MILLIS = 100;

  /** How often what may be lost is told again, once a second: {@value}. */
  static final int LOOKS = 5;

  private static final int TICKS_PER_LOOK = 10;

  /** Keys that are told of in one tick. */
  private static final int MOST_TOLD = 1_000;

  private static final Logger log = LoggerFactory.getLogger(SharedQuotaStore.class);

  private final Counts shared;
  private final LedgerQuotaStore ledger;
  private final ToIntFunction<String> part;
  private final Reach[] reaches;

  /** Keys whose own use the shared count is to be told of; as many as were used since the last tick. */
  private final Set<QuotaKey> untold = ConcurrentHashMap.newKeySet();

  /** Keys of which the shared count is to be told all that the log has. */
  private final Set<QuotaKey> missed;

  private final ScheduledExecutorService sender;

  /** Whether a part has come back. */
  private volatile boolean returned;

  /** Used by the sender only. */
  private int ticks;

  /** Used by the sender only: how often all that was counted lately is yet to be told again. */
  private int looks;

  /**
   * A store over two, the shared one of which is there or away as a whole.
   *
   * @param shared tells with each claim what {@code ledger} says that this node has used
   * @param missed keys of which the log has what the shared count may lack, a concurrent set that this store adds to and
   *     clears; whoever writes to the log for others adds their keys too
   * @param nanoTime as {@link System#nanoTime}
   */
  public SharedQuotaStore(Counts shared, LedgerQuotaStore ledger, Set<QuotaKey> missed, LongSupplier nanoTime) {
    this(shared, ledger, missed, 1, owner -> 0, nanoTime);
  }

  /**
   * A store over two, parts of the shared one of which may be away while others are there.
   *
   * @param parts how many parts
   * @param part in which part the counts of an owner are, 0 to {@code parts - 1}
   */
  public SharedQuotaStore(
      Counts shared,
      LedgerQuotaStore ledger,
      Set<QuotaKey> missed,
      int parts,
      ToIntFunction<String> part,
      LongSupplier nanoTime) {
    this.shared = shared;
    this.ledger = ledger;
    this.missed = missed;
    this.part = part;
    this.reaches = Stream.generate(() -> new Reach(nanoTime)).limit(parts).toArray(Reach[]::new);
    this.sender =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "gatehouse-quota-sender");
              thread.setDaemon(true);
              return thread;
            });
    sender.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Whether all of the shared counts answered when they were last asked. */
  public boolean reachable() {
    for (Reach reach : reaches) {
      if (reach.isAway()) {
        return false;
      }
    }
    return true;
  }

  /** What the shared count holds, and no less than what the log says; it is told of that. */
  @Override
  public long used(QuotaKey key) {
    Reach reach = reach(key);
    if (reach.mayTry()) {
      try {
        tellWhatIsKnown(key);
        long used = shared.used(key);
        up(reach);
        return used;
      } catch (StoreException e) {
        down(reach, e);
      }
    }
    return ledger.used(key);
  }

  @Override
  public long add(QuotaKey key, long amount) {
    Reach reach = reach(key);
    if (reach.mayTry()) {
      boolean counted = false;
      try {
        if (amount < 0 && ledger.own(key).added() - ledger.own(key).returned() < -amount) {
          // Others have used it, and what the ledger knows of them is old.
          ledger.giveBack(key, Math.min(-amount, shared.used(key)));
        } else {
          ledger.add(key, amount);
        }
        counted = true;
        long used = shared.used(key);
        up(reach);
        return used;
      } catch (StoreException e) {
        down(reach, e);
        if (counted) {
          untold.add(key);
          return ledger.add(key, 0);
        }
      }
    }
    long here = ledger.add(key, amount);
    untold.add(key);
    return here;
  }

  @Override
  public long settle(QuotaKey key, long amount) {
    long here = ledger.add(key, amount);
    if (amount != 0) {
      untold.add(key);
    }
    return here;
  }

  @Override
  public QuotaDecision addWithin(List<Claim> claims) {
    Reach reach = reach(claims.get(0).key());
    if (reach.mayTry()) {
      long[] before = new long[claims.size()];
      for (int i = 0; i < before.length; i++) {
        before[i] = ledger.own(claims.get(i).key()).added();
      }
      try {
        QuotaDecision decision = shared.addWithin(claims);
        up(reach);
        for (int i = 0; i < before.length && decision instanceof QuotaDecision.Granted; i++) {
          Claim claim = claims.get(i);
          ledger.add(claim.key(), claim.amount());
          if (ledger.own(claim.key()).added() != before[i] + claim.amount()) {
            // What others here told meanwhile was without this, and may have been taken for including it.
            untold.add(claim.key());
          }
        }
        return decision;
      } catch (StoreException e) {
        down(reach, e);
      }
    }
    QuotaDecision decision = ledger.addWithin(claims);
    if (decision instanceof QuotaDecision.Granted) {
      claims.forEach(claim -> untold.add(claim.key()));
    }
    return decision;
  }

  /** Tells what is untold and stops. The ledger is not closed. */
  @Override
  public void close() {
    sender.shutdown();
    try {
      sender.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    int left = untold.size() + missed.size();
    for (int told = 0; told <= left; told += MOST_TOLD) {
      tell();
    }
  }

  private void tick() {
    try {
      if (ticks++ % TICKS_PER_LOOK == 0) {
        look();
      }
      tell();
    } catch (RuntimeException e) {
      // An exception that leaves the task would end the schedule for good.
      log.error("The shared count of the quotas cannot be told", e);
    }
  }

  private void look() {
    boolean lost = returned;
    returned = false;
    try {
      lost |= shared.lost();
    } catch (StoreException e) {
      log.debug("The shared count of the quotas does not say whether it has lost anything: {}", e.getMessage());
    }
    if (lost) {
      looks = LOOKS;
    }
    if (looks > 0) {
      looks--;
      untold.addAll(ledger.lately());
    }
  }

  private void tell() {
    take(untold).forEach((reach, keys) -> told(reach, keys, untold, () ->
        missed.addAll(shared.tell(keys.stream().map(ledger::own).toList()))));
    Map<Reach, List<QuotaKey>> unknown = take(missed);
    List<UsageRecord> known;
    try {
      known = ledger.records(unknown.values().stream().flatMap(List::stream).toList());
    } catch (StoreException e) {
      log.debug("The ledger cannot say what a shared count missed: {}", e.getMessage());
      unknown.values().forEach(missed::addAll);
      return;
    }
    unknown.forEach((reach, keys) -> {
      Set<QuotaKey> these = new HashSet<>(keys);
      told(reach, keys, missed, () ->
          shared.tellAll(known.stream().filter(record -> these.contains(record.key())).toList()));
    });
  }

  /** Takes keys out of a set, not too many and only of parts that may be asked. */
  private Map<Reach, List<QuotaKey>> take(Set<QuotaKey> keys) {
    Map<Reach, Boolean> open = new HashMap<>();
    Map<Reach, List<QuotaKey>> taken = new HashMap<>();
    int count = 0;
    for (Iterator<QuotaKey> each = keys.iterator(); each.hasNext() && count < MOST_TOLD; ) {
      QuotaKey key = each.next();
      Reach reach = reach(key);
      if (open.computeIfAbsent(reach, Reach::mayTry)) {
        // Before its numbers are read, so that it is put back by who changes them meanwhile.
        each.remove();
        taken.computeIfAbsent(reach, r -> new ArrayList<>()).add(key);
        count++;
      }
    }
    return taken;
  }

  private void told(Reach reach, List<QuotaKey> keys, Set<QuotaKey> set, Runnable telling) {
    try {
      telling.run();
      up(reach);
    } catch (StoreException e) {
      set.addAll(keys);
      down(reach, e);
    }
  }

  private void tellWhatIsKnown(QuotaKey key) {
    List<UsageRecord> known;
    try {
      known = ledger.records(List.of(key));
    } catch (StoreException e) {
      log.debug("The ledger cannot say what was used: {}", e.getMessage());
      return;
    }
    shared.tellAll(known);
  }

  private Reach reach(QuotaKey key) {
    return reaches[reaches.length == 1 ? 0 : part.applyAsInt(key.owner())];
  }

  private void up(Reach reach) {
    if (reach.up()) {
      returned = true;
      log.info("The shared count of the quotas is back{}", name(reach));
    }
  }

  private void down(Reach reach, StoreException cause) {
    if (reach.down()) {
      log.warn("The shared count of the quotas is away{}, the ledger decides: {}", name(reach), cause.getMessage());
    }
  }

  private String name(Reach reach) {
    return reaches.length == 1 ? "" : " (part " + List.of(reaches).indexOf(reach) + " of " + reaches.length + ")";
  }
}
