package io.gatehouse.core.cache;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The answers that are kept, and what is counted of them. What may be kept and given out is {@link CachePolicy}'s matter,
 * and asking backends somebody else's.
 *
 * <p>Any number of threads.
 */
public final class AnswerCache implements AutoCloseable {

  /**
   * What there is and what has happened so far; from {@code hits} to {@code evictions} all are ever growing.
   *
   * @param bytes that are taken in memory
   * @param entries in memory
   * @param mostBytes that may be taken in memory
   * @param hits answers that no backend was asked for, stale ones among them
   * @param stale answers that were stale
   * @param misses answers that a backend was asked for
   * @param coalesced misses that had no request of their own
   * @param evictions entries that had to make room
   * @param diskEntries on the disk
   * @param diskBytes that they take there
   */
  public record Figures(
      long bytes, long entries, long mostBytes, long hits, long stale, long misses, long coalesced, long evictions,
      long diskEntries, long diskBytes) {}

  /** What is received for longer than that is kept although it was to be forgotten; it is too old by then. */
  private static final long REMEMBER_MILLIS = TimeUnit.HOURS.toMillis(1);

  private static final int MOST_PURGES = 1000;

  /** @param millis when, in milliseconds since 1970 */
  private record Purged(Purge purge, long millis) {}

  private final MemoryStore memory;

  /** Replaced under the lock of this. */
  private volatile List<Purged> purges = List.of();

  private final long mostBytes;

  /** Null when answers are kept in memory only. */
  private final @Nullable DiskStore disk;

  private final LongAdder hits = new LongAdder();
  private final LongAdder stale = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder coalesced = new LongAdder();

  /** @param mostBytes that answers may take in memory, 0 or more */
  public AnswerCache(long mostBytes) {
    this(mostBytes, null);
  }

  private AnswerCache(long mostBytes, @Nullable DiskStore disk) {
    this.mostBytes = mostBytes;
    this.memory = new MemoryStore(mostBytes);
    this.disk = disk;
  }

  /**
   * One that keeps answers in files, too: what memory has no room for any more is read from there, and so is what was kept
   * before a restart. Close it.
   *
   * @param directory is made when it is not there; nothing else may be in it
   * @param mostDiskBytes that the files may take, more than 0
   * @param missed what of the files is to be forgotten, because it was while nobody listened
   */
  public static AnswerCache withDisk(long mostBytes, Path directory, long mostDiskBytes, List<Purge> missed) {
    return new AnswerCache(mostBytes, DiskStore.open(directory, mostDiskBytes, missed));
  }

  /** Until when the cache that had a directory last has heard of all that was to be forgotten; 1970 when that is not known. */
  public static Instant heard(Path directory) {
    return DiskStore.heard(directory);
  }

  /** Notes that all that was to be forgotten before a moment was. Written down now and then. */
  public void heard(Instant until) {
    if (disk != null) {
      disk.heard(until.toEpochMilli());
    }
  }

  /**
   * The entry that answers a request, its body held for the caller, who releases it; null when there is none. Waits for the
   * disk, if it is there and not in memory.
   */
  public @Nullable Entry find(CacheRequest request) {
    Entry found = memory.find(request);
    return found != null || disk == null ? found : load(request, disk);
  }

  /** Takes it into memory, where it counts as if it had come from a backend. */
  private @Nullable Entry load(CacheRequest request, DiskStore from) {
    EntryFile.Described described = from.find(request);
    if (described == null || !memory.reserve(described.bodyLength())) {
      return null;
    }
    byte[] bytes = from.read(described);
    if (bytes == null) {
      memory.giveBack(described.bodyLength());
      return null;
    }
    Body body = Body.of(bytes, () -> memory.giveBack(bytes.length));
    Entry entry = new Entry(
        described.key(), described.selectors(), described.head(), body, described.askedMillis(),
        described.answeredMillis(), described.tags());
    if (purgedSince(entry.askedMillis(), entry.key(), entry.tags()) || from.find(request) != described) {
      // It was forgotten while it was read.
      body.release();
      return null;
    }
    memory.put(entry);
    return entry;
  }

  /** What is kept under the key of a request, the newest first. The bodies are not held. */
  public List<Entry> variants(CacheKey key) {
    return memory.entries(key);
  }

  /** Takes room for bytes that are about to come; false when there is none. Who took it {@linkplain #giveBack gives it back}. */
  public boolean reserve(long bytes) {
    return memory.reserve(bytes);
  }

  public void giveBack(long bytes) {
    memory.giveBack(bytes);
  }

  /** The largest body that is kept: that of the rules, and of the whole no more than an eighth. */
  public long mostBytes(CacheRules rules) {
    return Math.min(rules.mostBytes(), mostBytes / 8);
  }

  /**
   * Keeps an entry whose body is whole, in the place of one for the same requests. False when there is no room, or it was to
   * be forgotten since its backend was asked.
   */
  public boolean put(Entry entry) {
    if (purgedSince(entry.askedMillis(), entry.key(), entry.tags()) || !memory.put(entry)) {
      return false;
    }
    if (disk != null) {
      disk.put(entry);
    }
    return true;
  }

  /** Forgets all answers to what was asked of an origin, whoever asked (RFC 9111, 4.4). */
  public void invalidate(CacheKey key) {
    memory.removeResource(key.origin(), key.target());
    if (disk != null) {
      disk.removeResource(key.origin(), key.target());
    }
  }

  /** Forgets what is meant, and does not keep what is being received of it; returns how many entries were kept in memory. */
  public int purge(Purge purge) {
    synchronized (this) {
      List<Purged> more = new ArrayList<>();
      long now = System.currentTimeMillis();
      for (Purged known : purges) {
        if (now - known.millis < REMEMBER_MILLIS) {
          more.add(known);
        }
      }
      // A shorter list that means more is right, too.
      if (more.size() >= MOST_PURGES) {
        more.clear();
        more.add(new Purged(Purge.ALL, now));
      }
      more.add(new Purged(purge, now));
      purges = List.copyOf(more);
    }
    if (disk != null) {
      disk.remove(purge::means);
    }
    return memory.remove(entry -> purge.means(entry.key(), entry.tags()));
  }

  /** Whether an answer was to be forgotten since its backend was asked. */
  public boolean purgedSince(long askedMillis, CacheKey key, Set<String> tags) {
    for (Purged purged : purges) {
      if (purged.millis >= askedMillis && purged.purge.means(key, tags)) {
        return true;
      }
    }
    return false;
  }

  /** An answer was given out that no backend was asked for. */
  public void hit(boolean isStale) {
    hits.increment();
    if (isStale) {
      stale.increment();
    }
  }

  /** An answer was given out that a backend was asked for. */
  public void miss(boolean shared) {
    misses.increment();
    if (shared) {
      coalesced.increment();
    }
  }

  public Figures figures() {
    return new Figures(
        memory.bytes(), memory.count(), mostBytes, hits.sum(), stale.sum(), misses.sum(), coalesced.sum(),
        memory.evictions(), disk == null ? 0 : disk.count(), disk == null ? 0 : disk.bytes());
  }

  @Override
  public void close() {
    if (disk != null) {
      disk.close();
    }
    memory.remove(any -> true);
  }
}
