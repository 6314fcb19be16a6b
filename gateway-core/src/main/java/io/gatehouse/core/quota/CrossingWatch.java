package io.gatehouse.core.quota;

import io.gatehouse.Observer;
import io.gatehouse.StoreException;
import io.gatehouse.event.Crossing;
import io.gatehouse.event.CrossingLog;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices when a part of a quota is used up, and has it told once.
 *
 * <p>Requests only compare numbers: what a count holds with the thresholds of its quota, and these with the highest
 * that this node has noticed for the count. What is new waits for a thread of its own, which asks the {@link
 * CrossingLog} whether it is the first of all nodes to come with it; the first one tells. What a node forgets,
 * because it was restarted or had noticed too much, it only asks for again. The thread goes by the quota as it is
 * then, so that a request which began before a quota was raised tells nothing that is no longer true. A threshold
 * that was crossed under a smaller quota, however it has become larger, is told again when it is crossed again
 * ({@link Crossing#outdates}).
 *
 * <p>Told at most once: whoever dies between asking and telling has told nobody, and the log still has it. While the log
 * is away, what is new waits, for up to {@value #MOST_WAITING} counts; further ones are noticed again by a later request.
 */
public final class CrossingWatch implements QuotaGate.Watch, AutoCloseable {

  /** How many counts may wait to be asked for: {@value}. */
  public static final int MOST_WAITING = 10_000;

  /** Of how many owners it is remembered what was noticed; beyond, all is forgotten and asked for again. */
  static final int MOST_OWNERS = 100_000;

  private static final long TICK_MILLIS = 200;
  private static final Logger log = LoggerFactory.getLogger(CrossingWatch.class);

  private final CrossingLog crossings;
  private final List<Observer> observers;
  private final InstantSource clock;
  private volatile Rules rules;

  /** By user and count, the highest threshold that needs no asking any more. */
  private final Map<String, Map<QuotaKey, Integer>> noticed = new ConcurrentHashMap<>();

  /** By count, what it held when something new was noticed. */
  private final Map<QuotaKey, Long> waiting = new ConcurrentHashMap<>();

  private final ScheduledExecutorService teller;

  /** Written by the teller, and by whoever calls {@link #tell}, under this. */
  private boolean failing;

  /**
   * What is told.
   *
   * @param thresholds ascending
   * @param thresholdsIfSoft the same and 100: what passes beyond a quota is told, whatever was asked for
   */
  private record Rules(QuotaPlan plan, int[] thresholds, int[] thresholdsIfSoft) {

    static Rules of(QuotaPlan plan, List<Integer> thresholds) {
      TreeSet<Integer> sorted = new TreeSet<>(thresholds);
      if (!sorted.isEmpty() && (sorted.first() < 1 || sorted.last() > 100)) {
        throw new IllegalArgumentException("thresholds: " + thresholds + " (expected: 1 to 100 each)");
      }
      int[] asked = sorted.stream().mapToInt(Integer::intValue).toArray();
      sorted.add(100);
      return new Rules(plan, asked, sorted.stream().mapToInt(Integer::intValue).toArray());
    }

    int[] of(Quota quota) {
      return quota.beyond() == Beyond.HARD ? thresholds : thresholdsIfSoft;
    }

    int highest(Quota quota, long used) {
      int highest = 0;
      for (int threshold : of(quota)) {
        if (used == 0 || used < quota.level(threshold)) {
          break;
        }
        highest = threshold;
      }
      return highest;
    }
  }

  /**
   * A watch that runs.
   *
   * @param thresholds in percent, 1 to 100
   * @param observers told of each crossing for which this node was first, on the watch's thread
   */
  public CrossingWatch(
      CrossingLog crossings,
      QuotaPlan plan,
      List<Integer> thresholds,
      List<Observer> observers,
      InstantSource clock) {
    this.crossings = crossings;
    this.rules = Rules.of(plan, thresholds);
    this.observers = List.copyOf(observers);
    this.clock = clock;
    this.teller =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "gatehouse-crossings");
              thread.setDaemon(true);
              return thread;
            });
    teller.scheduleWithFixedDelay(this::tell, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void saw(QuotaKey key, Quota quota, long used) {
    int highest = rules.highest(quota, used);
    if (highest == 0) {
      return;
    }
    Map<QuotaKey, Integer> ofUser = noticed.get(QuotaOwner.of(key.owner()).user());
    Integer known = ofUser == null ? null : ofUser.get(key);
    if (known != null && known >= highest || waiting.size() >= MOST_WAITING) {
      return;
    }
    waiting.merge(key, used, Math::max);
    remember(key, highest);
  }

  /**
   * Forgets what was noticed for a user and their keys, whose quotas or periods may have changed; of all users if it is
   * empty.
   */
  public void changed(String user) {
    if (user.isEmpty()) {
      noticed.clear();
    } else {
      noticed.remove(user);
    }
  }

  /**
   * Goes by another plan and other thresholds from now on, also for what waits; all that was noticed is asked for again.
   *
   * @param thresholds in percent, 1 to 100
   */
  public void become(QuotaPlan plan, List<Integer> thresholds) {
    rules = Rules.of(plan, thresholds);
    noticed.clear();
  }

  /** Asks for all that is new, and tells what is first. */
  synchronized void tell() {
    try {
      for (Map.Entry<QuotaKey, Long> each : waiting.entrySet()) {
        ask(each.getKey(), each.getValue());
        waiting.remove(each.getKey(), each.getValue());
      }
      failing = false;
    } catch (StoreException e) {
      if (!failing) {
        failing = true;
        log.warn("Crossed thresholds of quotas cannot be told for now: {}", e.getMessage());
      }
    } catch (RuntimeException e) {
      // An exception that leaves the task would end the schedule for good.
      log.error("Crossed thresholds of quotas cannot be told", e);
    }
  }

  private void ask(QuotaKey key, long used) {
    Rules now = rules;
    QuotaOwner owner = QuotaOwner.of(key.owner());
    Optional<Quota> quota = now.plan().quotasOf(owner).stream()
        .filter(each -> each.meter() == key.meter() && each.window() == key.window() && !each.isShadow())
        .findFirst();
    QuotaKey counted = now.plan().periodsOf(owner).key(key.owner(), key.meter(), key.window(), key.start());
    if (quota.isEmpty() || !counted.equals(key)) {
      return;
    }
    int highest = now.highest(quota.get(), used);
    for (int threshold : now.of(quota.get())) {
      if (threshold <= highest) {
        Crossing crossing =
            new Crossing(key, threshold, quota.get().most(), used, clock.instant().truncatedTo(ChronoUnit.MILLIS));
        if (crossings.first(crossing)) {
          tell(crossing, quota.get());
        }
      }
    }
    remember(key, highest);
  }

  private void tell(Crossing crossing, Quota quota) {
    QuotaOwner owner = QuotaOwner.of(crossing.key().owner());
    log.info(
        "The user {}{} has used {} % of the quota {}: {} of {}",
        owner.user(),
        owner.lineage().map(key -> " with the key " + key).orElse(""),
        crossing.percent(),
        crossing.key().policy(),
        quota.meter().text(crossing.used()),
        quota.meter().text(crossing.most()));
    for (Observer observer : observers) {
      try {
        observer.crossed(crossing);
      } catch (RuntimeException e) {
        // It is kept as told, and the others have to hear of it all the same.
        log.warn("An observer failed at a crossed threshold", e);
      }
    }
  }

  private void remember(QuotaKey key, int highest) {
    if (noticed.size() >= MOST_OWNERS) {
      noticed.clear();
    }
    noticed.computeIfAbsent(QuotaOwner.of(key.owner()).user(), user -> new ConcurrentHashMap<>()).put(key, highest);
  }

  /** Tells what waits, once more, and stops. */
  @Override
  public void close() {
    teller.shutdown();
    try {
      teller.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tell();
  }
}
