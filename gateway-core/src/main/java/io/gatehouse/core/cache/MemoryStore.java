package io.gatehouse.core.cache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Answers in memory, no more bytes of them than there may be: those that are kept, those that are still being received, and
 * those that were let go and are still being read are all counted.
 *
 * <p>Which answer has to go, SIEVE says (Zhang et al., NSDI 2024): new ones are put at one end of a list, a hand goes through
 * it from the other end to this one and round again, and takes the first that nobody has asked for since it came by last.
 * Finding one only leaves a mark, so that readers need no lock; what is asked for once goes soon, so that a crawler pushes out
 * little. An answer that is being read at the moment is passed over, because its bytes would not be free.
 *
 * <p>Any number of threads; nothing blocks but for the lock, which is held for a few steps, and for all of them by
 * {@link #remove}.
 */
final class MemoryStore {

  /** So many variants of one answer are kept; whoever can make more of them would push out all else. */
  private static final int MOST_VARIANTS = 64;

  private static final Node[] NONE = {};

  /** What partitions share: what was asked for. */
  private record Resource(String origin, String target) {
    static Resource of(CacheKey key) {
      return new Resource(key.origin(), key.target());
    }
  }

  private static final class Node {
    private final Entry entry;
    private final long ownBytes;

    /** Set without a lock by whoever finds it: a mark that is lost costs nothing but itself. */
    private volatile boolean visited;

    /** Guarded by the store. */
    private @Nullable Node newer;

    private @Nullable Node older;

    Node(Entry entry) {
      this.entry = entry;
      this.ownBytes = entry.size() - entry.body().length();
    }
  }

  private final long mostBytes;

  /** Written under the lock; variants of one key, the newest first. */
  private final Map<Resource, Map<CacheKey, Node[]>> resources = new ConcurrentHashMap<>();

  /** Guarded by this. */
  private @Nullable Node newest;

  /** Guarded by this. */
  private @Nullable Node oldest;

  /** Where to look next for one that may go; null: at the oldest. Guarded by this. */
  private @Nullable Node hand;

  /** Written under the lock. */
  private volatile long bytes;

  private volatile int count;
  private volatile long evictions;

  MemoryStore(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** The newest that answers a request, held for the caller; null when there is none. */
  @Nullable Entry find(CacheRequest request) {
    for (Node node : variants(request.key())) {
      if (node.entry.answers(request) && node.entry.body().retain()) {
        if (!node.visited) {
          node.visited = true;
        }
        return node.entry;
      }
    }
    return null;
  }

  /** What is kept under a key, the newest first; not held. */
  List<Entry> entries(CacheKey key) {
    List<Entry> entries = new ArrayList<>();
    for (Node node : variants(key)) {
      entries.add(node.entry);
    }
    return entries;
  }

  private Node[] variants(CacheKey key) {
    Map<CacheKey, Node[]> keys = resources.get(Resource.of(key));
    return keys == null ? NONE : keys.getOrDefault(key, NONE);
  }

  /** Takes room for bytes, if need be that of others; false when there is none. */
  synchronized boolean reserve(long wanted) {
    while (bytes + wanted > mostBytes) {
      if (!evict()) {
        return false;
      }
    }
    bytes += wanted;
    return true;
  }

  /** Gives back what was reserved. */
  synchronized void giveBack(long reserved) {
    bytes -= reserved;
  }

  /** Keeps an entry in the place of one that the same requests select; the bytes of its body are reserved. False without room. */
  synchronized boolean put(Entry entry) {
    Node node = new Node(entry);
    if (!entry.body().retain()) {
      return false;
    }
    for (Node same : variants(entry.key())) {
      if (same.entry.selectors().equals(entry.selectors())) {
        drop(same);
      }
    }
    if (!reserve(node.ownBytes)) {
      entry.body().release();
      return false;
    }
    Node[] known = variants(entry.key());
    if (known.length == MOST_VARIANTS) {
      drop(known[known.length - 1]);
      known = variants(entry.key());
    }
    Node[] more = new Node[known.length + 1];
    more[0] = node;
    System.arraycopy(known, 0, more, 1, known.length);
    resources.computeIfAbsent(Resource.of(entry.key()), any -> new ConcurrentHashMap<>(2)).put(entry.key(), more);
    node.older = newest;
    if (newest != null) {
      newest.newer = node;
    }
    newest = node;
    if (oldest == null) {
      oldest = node;
    }
    count++;
    return true;
  }

  /** Takes out all that answer what an origin was asked for, whoever asked. */
  synchronized int removeResource(String origin, String target) {
    Map<CacheKey, Node[]> keys = resources.get(new Resource(origin, target));
    int removed = 0;
    if (keys != null) {
      for (Node[] variants : List.copyOf(keys.values())) {
        for (Node node : variants) {
          drop(node);
          removed++;
        }
      }
    }
    return removed;
  }

  /** Takes out what is meant. */
  synchronized int remove(Predicate<Entry> meant) {
    int removed = 0;
    Node node = oldest;
    while (node != null) {
      Node next = node.newer;
      if (meant.test(node.entry)) {
        drop(node);
        removed++;
      }
      node = next;
    }
    return removed;
  }

  /** Lets one go that nobody has asked for lately; false when all are being read. */
  private boolean evict() {
    for (long steps = 2L * count; steps >= 0; steps--) {
      Node at = hand == null ? oldest : hand;
      if (at == null) {
        return false;
      }
      hand = at.newer;
      if (at.visited) {
        at.visited = false;
      } else if (!at.entry.body().isRead()) {
        drop(at);
        evictions++;
        return true;
      }
    }
    return false;
  }

  private void drop(Node node) {
    Resource resource = Resource.of(node.entry.key());
    Map<CacheKey, Node[]> keys = resources.get(resource);
    if (keys == null) {
      return;
    }
    Node[] left = Arrays.stream(keys.getOrDefault(node.entry.key(), NONE)).filter(each -> each != node)
        .toArray(Node[]::new);
    if (left.length > 0) {
      keys.put(node.entry.key(), left);
    } else {
      keys.remove(node.entry.key());
      if (keys.isEmpty()) {
        resources.remove(resource);
      }
    }
    unlink(node);
    count--;
    bytes -= node.ownBytes;
    node.entry.body().release();
  }

  private void unlink(Node node) {
    if (hand == node) {
      hand = node.newer;
    }
    if (node.newer == null) {
      newest = node.older;
    } else {
      node.newer.older = node.older;
    }
    if (node.older == null) {
      oldest = node.newer;
    } else {
      node.older.newer = node.newer;
    }
  }

  /** How many bytes are taken. */
  long bytes() {
    return bytes;
  }

  int count() {
    return count;
  }

  /** Ever growing. */
  long evictions() {
    return evictions;
  }
}
