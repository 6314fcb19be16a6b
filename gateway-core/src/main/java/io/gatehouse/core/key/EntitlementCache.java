package io.gatehouse.core.key;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import io.gatehouse.StoreException;
import io.gatehouse.event.Change;
import io.gatehouse.key.KeyDigest;
import io.gatehouse.plan.Plan;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers keys and what the stores say of them, and that a key is not known. What a key may do is compiled from that, by
 * whatever {@link EntitlementRules} hold, so that other rules need no look-up.
 *
 * <p>An entry older than the time to live is still used while one background thread looks it up again. If the store is
 * away, a known key goes on working until {@code staleFor} after it was last looked up; a key that is not in the cache
 * cannot be judged and throws {@link StoreException}. A {@link Change} drops the entries that it concerns at once.
 *
 * <p>A look-up that began before a change must not put what it read into the cache after the change had cleared it. So
 * every change moves the generation on before it removes entries, and a look-up that finds the generation moved after
 * storing its entry takes it out and looks again: one of the two always sees the other.
 *
 * <p>Keys are cached by their digest under the pepper in use, whatever the store has them under. Entries know themselves
 * until when they count: the cache's own clockwork for that would cost a request more than the search of the entry does. An
 * entry that no longer counts goes when it is asked for, or makes room.
 *
 * <p>Any number of threads. Blocks in the store for a key that is not cached, one look-up per key at a time.
 */
public final class EntitlementCache implements AutoCloseable {

  /**
   * How much is remembered and for how long.
   *
   * @param size entries at the most, 1 or more
   * @param timeToLive after which an entry is looked up again
   * @param negativeTimeToLive for how long a key is held to be unknown
   * @param staleFor for how long a known key works while the store is away, counted from its last look-up
   */
  public record Bounds(long size, Duration timeToLive, Duration negativeTimeToLive, Duration staleFor) {}

  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * How often it is noted that an entry is in use, so that others make room. To note it costs about as much as to find the
   * entry, since whatever was noted before it is put in order then.
   */
  private static final long NOTE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final int REFRESH_QUEUE = 1024;

  private static final Logger log = LoggerFactory.getLogger(EntitlementCache.class);

  /** What the digests of ids begin with, so that they are none of keys, which have no line feeds. */
  private static final String ID = "the id of a key\n";

  private final KeySearch search;
  private final Optional<SigningSecrets> signing;
  private volatile Bounds bounds;
  private final LongSupplier nanoTime;
  private final Cache<KeyDigest, Entry> cache;

  /** The cache, asked without noting that an entry is in use. */
  private final Policy<KeyDigest, Entry> entries;

  private final ThreadPoolExecutor refresher;
  private final AtomicLong generation = new AtomicLong();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  /**
   * An empty cache.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  public EntitlementCache(KeySearch search, Bounds bounds, LongSupplier nanoTime) {
    this(search, Optional.empty(), bounds, nanoTime);
  }

  /**
   * An empty cache that knows keys by their ids as well.
   *
   * @param signing finds them, with what verifies signed URLs; empty: none is found by its id
   */
  public EntitlementCache(
      KeySearch search,
      Optional<SigningSecrets> signing,
      Bounds bounds,
      LongSupplier nanoTime) {
    this.search = search;
    this.signing = signing;
    this.bounds = bounds;
    this.nanoTime = nanoTime;
    this.cache =
        Caffeine.newBuilder()
            .maximumSize(bounds.size())
            .executor(Runnable::run)
            .build();
    this.entries = cache.policy();
    this.refresher =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(REFRESH_QUEUE),
            task -> {
              Thread thread = new Thread(task, "gatehouse-key-refresh");
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy()); // the entry stays due, and the next request asks again
  }

  /**
   * What is known of a key.
   *
   * @param digest of the text, under the pepper in use
   * @return empty when the store knows no such key
   * @throws StoreException when the key is not cached and the store cannot answer
   */
  Optional<KnownKey> find(KeyDigest digest, String text) {
    return find(digest, newest -> entry(newest, search.find(newest, text)));
  }

  /** What is known of a key without asking the store; null when the store would have to be asked. */
  @Nullable Optional<KnownKey> peek(KeyDigest digest) {
    Entry entry = entries.getIfPresentQuietly(digest);
    return entry == null || entry.over(nanoTime.getAsLong()) ? null : entry.known();
  }

  /**
   * What is known of the key with an id, and what verifies URLs that were signed in its name.
   *
   * @param pepper the one in use
   * @return empty when the store knows no such key
   * @throws StoreException when the key is not cached and the store cannot answer
   */
  Optional<KnownKey> named(Pepper pepper, String id) {
    return find(pepper.digest(ID + id), newest -> entry(id));
  }

  private Optional<KnownKey> find(KeyDigest digest, Function<KeyDigest, Entry> lookUp) {
    Entry entry = entries.getIfPresentQuietly(digest);
    long now = nanoTime.getAsLong();
    if (entry == null || entry.over(now)) {
      misses.increment();
      if (entry != null) {
        cache.asMap().remove(digest, entry);
      }
      return load(digest, lookUp).known();
    }
    hits.increment();
    if (entry.unnoted(now)) {
      cache.getIfPresent(digest);
    }
    if (entry.due(now) && entry.claim(now)) {
      refresher.execute(() -> refresh(digest, entry));
    }
    return entry.known();
  }

  /**
   * Looks keys up in the background, one after the other, so that their first requests need not wait for it. Does not
   * block, and stops at the first trouble.
   *
   * @param latest the digests of the keys under the pepper in use; may block and throw as the stores do
   * @param most when no further key is begun
   */
  public void warm(Supplier<List<KeyDigest>> latest, Duration most) {
    long end = nanoTime.getAsLong() + most.toNanos();
    refresher.execute(() -> {
      int warmed = 0;
      try {
        for (KeyDigest digest : latest.get()) {
          if (nanoTime.getAsLong() - end >= 0 || Thread.currentThread().isInterrupted()) {
            break;
          }
          load(digest, newest -> entry(newest, search.under(newest)));
          warmed++;
        }
        log.debug("{} keys are in the cache from the start", warmed);
      } catch (StoreException e) {
        log.debug("The cache is not filled further than {} keys: {}", warmed, e.getMessage());
      } catch (RuntimeException e) {
        log.warn("The cache is not filled further than {} keys", warmed, e);
      }
    });
  }

  /** Forgets what a change concerns, so that the next request looks it up. */
  public void changed(Change change) {
    if (change.topic() == Change.Topic.BACKENDS || change.topic() == Change.Topic.BLOCKS
        || change.topic() == Change.Topic.ANSWERS) {
      return;
    }
    generation.incrementAndGet();
    if (change.reference().isEmpty()) {
      cache.invalidateAll();
    } else if (change.topic() == Change.Topic.USER) {
      // Entries of unknown keys go too: the change may have made one of them known.
      removeIf(entry -> entry.known().map(known -> known.key().user().equals(change.reference())).orElse(true));
    } else if (change.topic() == Change.Topic.TENANT) {
      removeIf(entry -> names(entry, Dossier::tenant, change.reference()));
    } else if (change.topic() == Change.Topic.PLAN) {
      removeIf(entry -> names(entry, dossier -> dossier.plan().map(Plan::name), change.reference()));
    }
  }

  private static boolean names(Entry entry, Function<Dossier, Optional<String>> part, String name) {
    return entry.known().flatMap(known -> part.apply(known.dossier())).filter(name::equals).isPresent();
  }

  private void removeIf(Predicate<Entry> concerned) {
    cache.asMap().values().removeIf(concerned);
  }

  /** Remembers within other bounds from now on; what is remembered keeps the times that it was given. */
  public void become(Bounds changed) {
    bounds = changed;
    cache.policy().eviction().ifPresent(eviction -> eviction.setMaximum(changed.size()));
  }

  /** Look-ups answered from the cache since the start. */
  public long hits() {
    return hits.sum();
  }

  /** Look-ups that had to ask the store since the start. */
  public long misses() {
    return misses.sum();
  }

  /** Entries held, roughly. */
  public long size() {
    return cache.estimatedSize();
  }

  /** Stops looking up in the background. */
  @Override
  public void close() {
    refresher.shutdownNow();
  }

  private Entry load(KeyDigest digest, Function<KeyDigest, Entry> lookUp) {
    while (true) {
      long before = generation.get();
      Entry entry = cache.get(digest, lookUp);
      if (generation.get() == before) {
        return entry;
      }
      cache.asMap().remove(digest, entry);
    }
  }

  private void refresh(KeyDigest digest, Entry old) {
    try {
      long before = generation.get();
      Entry fresh = again(digest, old);
      // An entry that a change has removed meanwhile must stay removed.
      if (cache.asMap().replace(digest, old, fresh) && generation.get() != before) {
        cache.asMap().remove(digest, fresh);
      }
    } catch (StoreException e) {
      log.debug("A key could not be looked up again, it goes on as it was known: {}", e.getMessage());
    } catch (RuntimeException e) {
      log.warn("A key could not be looked up again, it goes on as it was known", e);
    }
  }

  private Entry again(KeyDigest digest, Entry old) {
    if (old.id() != null) {
      return entry(old.id());
    }
    // Under the newest digest as well: another node may have moved it there.
    return entry(digest, search.under(old.under()).or(() -> search.under(digest)));
  }

  private Entry entry(KeyDigest digest, Optional<KeySearch.Found> found) {
    return new Entry(
        found.map(each -> new KnownKey(each.dossier())),
        found.map(KeySearch.Found::under).orElse(digest),
        null,
        bounds,
        nanoTime.getAsLong());
  }

  private Entry entry(String id) {
    return new Entry(
        signing.flatMap(secrets -> secrets.find(id))
            .map(each -> new KnownKey(search.of(each.key()), each.signers())),
        null,
        id,
        bounds,
        nanoTime.getAsLong());
  }

  /** Equal only to itself, so that a removal can name exactly the entry that it means. */
  private static final class Entry {

    private static final AtomicLongFieldUpdater<Entry> DUE_AT =
        AtomicLongFieldUpdater.newUpdater(Entry.class, "dueAt");

    private final Optional<KnownKey> known;
    private final @Nullable KeyDigest under;
    private final @Nullable String id;
    private final long overAt;
    private volatile long dueAt;
    private volatile long noteAt;

    /** With either a digest or an id. */
    Entry(Optional<KnownKey> known, @Nullable KeyDigest under, @Nullable String id, Bounds bounds, long now) {
      this.known = known;
      this.under = under;
      this.id = id;
      this.dueAt = now + bounds.timeToLive().toNanos();
      this.overAt = now + (known.isPresent() ? bounds.staleFor() : bounds.negativeTimeToLive()).toNanos();
      this.noteAt = now + NOTE_NANOS;
    }

    Optional<KnownKey> known() {
      return known;
    }

    /** By which the store had it when it was looked up. */
    KeyDigest under() {
      return Objects.requireNonNull(under, "under");
    }

    /** By which it is looked up; null when that is its digest. */
    @Nullable String id() {
      return id;
    }

    /** Whether it no longer counts. */
    boolean over(long now) {
      return now - overAt >= 0;
    }

    /** Whether it is time to note that it is in use. Two threads may both be told so, which does no harm. */
    boolean unnoted(long now) {
      if (now - noteAt < 0) {
        return false;
      }
      noteAt = now + NOTE_NANOS;
      return true;
    }

    boolean due(long now) {
      return now - dueAt >= 0;
    }

    boolean claim(long now) {
      long due = dueAt;
      return now - due >= 0 && DUE_AT.compareAndSet(this, due, now + RETRY_NANOS);
    }
  }
}
