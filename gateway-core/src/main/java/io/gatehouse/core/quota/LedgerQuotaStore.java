package io.gatehouse.core.quota;

import io.gatehouse.StoreException;
import io.gatehouse.event.UsageLog;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.QuotaCounts;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts in {@link QuotaCounts} and remembers in a {@link UsageLog}. For each key this node keeps what it has added itself,
 * absolute since it started, and what all other sources had when the log was last read. Every interval the first is written and
 * the second read again; writing is idempotent, so an interval whose write may or may not have arrived is written again.
 *
 * <p>Bounds: a node that is killed forgets what it counted since its last write, unless its counts outlive it and the next
 * start writes them. Several nodes without a store
 * that they share admit beyond a quota at most what the others admitted since this node last read. While the log is away
 * known counts go on; a key that was never counted here cannot be judged and throws {@link StoreException}, unless its
 * period began, or was begun anew, while this node was counting the one before, in which case nobody can have used much
 * of it.
 *
 * <p>Any number of threads. Blocks in the log only for the first claim on a limited key. Memory: one entry per owner,
 * meter and period that was used; entries are dropped two periods after theirs began, and those of stored bytes stay.
 */
public final class LedgerQuotaStore implements QuotaStore, AutoCloseable {

  /** What is lately: that time, and three flushes at least. */
  static final Duration LATELY = Duration.ofSeconds(10);

  private static final int BATCH = 500;
  private static final Logger log = LoggerFactory.getLogger(LedgerQuotaStore.class);

  private final UsageLog usage;
  private final String source;
  private final QuotaCounts counts;
  private final InstantSource clock;
  private final Map<QuotaKey, Tally> tallies = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final ScheduledExecutorService flusher;

  /** In flushes. */
  private final long lately;

  /** How many flushes have succeeded. Written under this. */
  private volatile long flushes;

  /** Written by the flusher only. */
  private boolean failing;

  /**
   * A ledger that flushes by itself.
   *
   * @param source names this start of this node; never used before
   * @param counts hold what this source counts; not closed with the ledger
   * @param interval between two flushes
   */
  public LedgerQuotaStore(
      UsageLog usage, String source, QuotaCounts counts, Duration interval, InstantSource clock) {
    this.usage = usage;
    this.source = source;
    this.counts = counts;
    this.clock = clock;
    this.lately = Math.max(3, LATELY.toNanos() / Math.max(1, interval.toNanos()));
    this.flusher =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "gatehouse-usage");
              thread.setDaemon(true);
              return thread;
            });
    flusher.scheduleWithFixedDelay(this::flushQuietly, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public long used(QuotaKey key) {
    Tally tally = tally(key);
    learnOthers(List.of(tally));
    return locked(tally, tally::used);
  }

  @Override
  public long add(QuotaKey key, long amount) {
    Tally tally = tally(key);
    return locked(
        tally,
        () -> {
          tally.add(amount);
          return tally.used();
        });
  }

  @Override
  public QuotaDecision addWithin(List<Claim> claims) {
    Tally[] counts = new Tally[claims.size()];
    List<Tally> unknown = new ArrayList<>(0);
    for (int i = 0; i < counts.length; i++) {
      counts[i] = tally(claims.get(i).key());
      if (claims.get(i).most() != Long.MAX_VALUE && !locked(counts[i], counts[i]::othersKnown)) {
        unknown.add(counts[i]);
      }
    }
    learnOthers(unknown);
    Tally[] inOrder = counts.clone();
    Arrays.sort(inOrder, Comparator.comparingLong(tally -> tally.number));
    for (Tally tally : inOrder) {
      tally.lock.lock();
    }
    try {
      for (int i = 0; i < counts.length; i++) {
        Claim claim = claims.get(i);
        if (!claim.fits(counts[i].used())) {
          return new QuotaDecision.Exhausted(claim, counts[i].used());
        }
      }
      for (int i = 0; i < counts.length; i++) {
        counts[i].add(claims.get(i).amount());
      }
      return new QuotaDecision.Granted();
    } finally {
      for (Tally tally : inOrder) {
        tally.lock.unlock();
      }
    }
  }

  /** What this node has counted itself since it started, written or not. Does not block. */
  public UsageRecord own(QuotaKey key) {
    Tally tally = tallies.get(key);
    return tally == null ? new UsageRecord(source, key, 0, 0) : locked(tally, () -> tally.own(source));
  }

  /**
   * What each source has counted: of this node all, of the others what they have written.
   *
   * @return one for every source and key of which something is known; keys come in no order
   * @throws StoreException when the log cannot answer
   */
  public List<UsageRecord> records(Collection<QuotaKey> keys) {
    List<UsageRecord> records = new ArrayList<>(usage.records(keys));
    records.removeIf(record -> record.source().equals(source));
    for (QuotaKey key : Set.copyOf(keys)) {
      UsageRecord own = own(key);
      if (own.added() > 0 || own.returned() > 0) {
        records.add(own);
      }
    }
    return records;
  }

  /**
   * Gives back what somebody has used, which need not be known here yet.
   *
   * @param amount 0 or more, at most what was used by all
   */
  void giveBack(QuotaKey key, long amount) {
    Tally tally = tally(key);
    locked(
        tally,
        () -> {
          tally.giveBack(amount);
          return null;
        });
  }

  /** The keys that were counted here and are not written, or were written no more than {@link #LATELY} ago. */
  List<QuotaKey> lately() {
    long now = flushes;
    return tallies.values().stream()
        .filter(tally -> locked(tally, () -> tally.unwritten(source).isPresent() || now - tally.writtenIn() <= lately))
        .map(Tally::key)
        .toList();
  }

  /**
   * Writes what is not written yet and reads what the others have.
   *
   * @throws StoreException when the log cannot answer; nothing is lost, the next flush writes it
   */
  public synchronized void flush() {
    List<UsageRecord> unwritten = new ArrayList<>();
    for (Tally tally : tallies.values()) {
      Optional<UsageRecord> record = locked(tally, () -> tally.unwritten(source));
      record.ifPresent(unwritten::add);
    }
    for (int from = 0; from < unwritten.size(); from += BATCH) {
      List<UsageRecord> batch = unwritten.subList(from, Math.min(from + BATCH, unwritten.size()));
      usage.record(batch);
      for (UsageRecord record : batch) {
        Tally tally = tally(record.key());
        locked(
            tally,
            () -> {
              tally.written(record, flushes);
              return null;
            });
      }
    }
    readOthers(unwritten.stream().map(UsageRecord::key).toList());
    flushes++;
    dropOld();
  }

  /** Flushes once more, stops, and closes the counts that are written. */
  @Override
  public void close() {
    flusher.shutdown();
    try {
      flusher.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    flushQuietly();
    tallies.values().forEach(this::closeIfWritten);
  }

  private boolean closeIfWritten(Tally tally) {
    return locked(
        tally,
        () -> {
          boolean written = tally.unwritten(source).isEmpty();
          if (written) {
            tally.close();
          }
          return written;
        });
  }

  private void readOthers(List<QuotaKey> keys) {
    for (int from = 0; from < keys.size(); from += BATCH) {
      List<QuotaKey> batch = keys.subList(from, Math.min(from + BATCH, keys.size()));
      usage
          .totals(batch, source)
          .forEach(
              (key, total) -> {
                Tally tally = tally(key);
                locked(
                    tally,
                    () -> {
                      tally.others(total);
                      return null;
                    });
              });
    }
  }

  private void learnOthers(List<Tally> unknown) {
    if (unknown.isEmpty()) {
      return;
    }
    try {
      readOthers(unknown.stream().map(Tally::key).toList());
    } catch (StoreException e) {
      for (Tally tally : unknown) {
        if (!locked(tally, tally::othersKnown) && !countedBefore(tally.key())) {
          throw e;
        }
      }
    }
  }

  private boolean countedBefore(QuotaKey key) {
    if (key.resets() > 0) {
      return tallies.containsKey(
          new QuotaKey(key.owner(), key.meter(), key.window(), key.start(), key.resets() - 1));
    }
    return switch (key.window()) {
      case DAY -> tallies.containsKey(startedBefore(key, 1));
      // The month before has begun 28 to 31 days ago, whatever the calendar.
      case MONTH -> IntStream.rangeClosed(28, 31).anyMatch(days -> tallies.containsKey(startedBefore(key, days)));
      case LIFETIME -> false;
    };
  }

  private static QuotaKey startedBefore(QuotaKey key, int days) {
    return new QuotaKey(key.owner(), key.meter(), key.window(), key.start().minusDays(days));
  }

  private void dropOld() {
    // A day further west than any zone: a period is over everywhere before its count is dropped.
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(1);
    tallies
        .values()
        .removeIf(
            tally -> {
              QuotaKey key = tally.key();
              LocalDate end = key.window().latestEnd(key.window().latestEnd(key.start()));
              return end.isBefore(today) && closeIfWritten(tally);
            });
  }

  private void flushQuietly() {
    try {
      flush();
      if (failing) {
        failing = false;
        log.info("Usage is written again");
      }
    } catch (StoreException e) {
      if (!failing) {
        failing = true;
        log.warn("Usage cannot be written for now and is kept here: {}", e.getMessage());
      }
    } catch (RuntimeException e) {
      // An exception that leaves the task would end the schedule for good.
      log.error("Usage cannot be written", e);
    }
  }

  private Tally tally(QuotaKey key) {
    Tally found = tallies.get(key);
    return found != null ? found : tallies.computeIfAbsent(key, k -> new Tally(numbers.getAndIncrement(), k, counts.open(k)));
  }

  private static <T extends @Nullable Object> T locked(Tally tally, Supplier<T> action) {
    tally.lock.lock();
    try {
      return action.get();
    } finally {
      tally.lock.unlock();
    }
  }
}
