package io.gatehouse.core.cache;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers in files, one each, that outlive the process: no more bytes of them than there may be, and the one that was asked for
 * least lately goes first. Which there are is known in memory; a start reads that from the files in the background.
 *
 * <p>Written by a thread of its own, which takes what memory keeps: what comes faster than the disk takes it is not written, and
 * a disk that fails loses answers and nothing else. What was forgotten before it is written is not.
 *
 * <p>Any number of threads. Only {@link #read} waits for the disk.
 */
final class DiskStore implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AnswerCache.class);

  /** What waits to be written holds memory. */
  private static final int MOST_WAITING = 256;

  /** Each takes some hundred bytes of memory, which nobody counts. */
  private static final int MOST_FILES = 200_000;

  private static final String SUFFIX = ".answer";
  private static final String UNFINISHED = ".part";
  private static final String HEARD = "heard";
  private static final long HEARD_MILLIS = TimeUnit.SECONDS.toMillis(10);
  private static final long COMPLAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long FAREWELL_MILLIS = 5000;

  private record Resource(String origin, String target) {}

  private final Path directory;
  private final long mostBytes;
  private final List<Purge> missed;
  private final BlockingQueue<Entry> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  /** What is to be written and was not forgotten since. */
  private final Set<Entry> wanted = ConcurrentHashMap.newKeySet();
  private final Thread writer = new Thread(this::run, "gatehouse-answers");

  /** By name, the one that was asked for least lately first. Guarded by this. */
  private final Map<String, EntryFile.Described> files = new LinkedHashMap<>(16, 0.75f, true);

  /** The names of the files of each. Guarded by this. */
  private final Map<Resource, List<String>> names = new HashMap<>();

  /** Guarded by this. */
  private long bytes;

  private volatile boolean closing;

  /** Of the writer. */
  private long complainedNanos = System.nanoTime() - COMPLAIN_NANOS;

  /** Until when everything was heard, in milliseconds since 1970. */
  private volatile long heardMillis;

  /** Of the writer. */
  private long writtenHeardMillis;

  private DiskStore(Path directory, long mostBytes, List<Purge> missed) {
    this.directory = directory;
    this.mostBytes = mostBytes;
    this.missed = List.copyOf(missed);
  }

  /** Opens the store in a directory, which is made when it is not there and belongs to the store. */
  static DiskStore open(Path directory, long mostBytes, List<Purge> missed) {
    DiskStore store = new DiskStore(directory, mostBytes, missed);
    store.writer.setDaemon(true);
    store.writer.start();
    return store;
  }

  private void run() {
    try {
      find();
      while (!closing || !waiting.isEmpty()) {
        Entry entry = waiting.poll(100, TimeUnit.MILLISECONDS);
        if (entry != null) {
          write(entry);
          entry.body().release();
        }
        noteHeard(closing ? 0 : HEARD_MILLIS);
      }
      noteHeard(0);
    } catch (InterruptedException e) {
      // Nobody has this thread but us: somebody ends all threads.
      Thread.currentThread().interrupt();
    }
  }

  /** Until when everything was heard by whoever had the directory last. */
  static Instant heard(Path directory) {
    try {
      return Instant.ofEpochMilli(Long.parseLong(Files.readString(directory.resolve(HEARD)).strip()));
    } catch (IOException | NumberFormatException e) {
      return Instant.EPOCH;
    }
  }

  /** Notes until when everything was heard. */
  void heard(long millis) {
    heardMillis = millis;
  }

  private void noteHeard(long after) {
    long heard = heardMillis;
    if (heard <= writtenHeardMillis + after) {
      return;
    }
    writtenHeardMillis = heard;
    Path part = directory.resolve(HEARD + UNFINISHED);
    try {
      Files.writeString(part, Long.toString(heard));
      Files.move(part, directory.resolve(HEARD), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      complain("written", e);
    }
  }

  /** Finds out what is there from before. */
  private void find() {
    try {
      Files.createDirectories(directory);
      if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      }
      List<Path> found = new ArrayList<>();
      try (Stream<Path> all = Files.list(directory)) {
        all.sorted(Comparator.comparingLong(DiskStore::modified)).forEach(found::add);
      }
      for (Path file : found) {
        if (closing) {
          return;
        }
        take(file);
      }
      makeRoom();
    } catch (IOException e) {
      complain("read", e);
    }
  }

  private static long modified(Path file) {
    return file.toFile().lastModified();
  }

  private void take(Path file) throws IOException {
    String name = file.getFileName().toString();
    if (name.endsWith(UNFINISHED)) {
      Files.deleteIfExists(file);
    } else if (name.endsWith(SUFFIX)) {
      try {
        EntryFile.Described described = EntryFile.describe(file);
        if (missed.stream().anyMatch(purge -> purge.means(described.key(), described.tags()))) {
          Files.deleteIfExists(file);
          return;
        }
        synchronized (this) {
          if (!files.containsKey(name)) {
            add(name, described);
          }
        }
      } catch (NoSuchFileException e) {
        log.debug("{} is gone already", file);
      } catch (IOException | RuntimeException e) {
        log.debug("{} is no answer that was kept: {}", file, e.getMessage());
        Files.deleteIfExists(file);
      }
    }
  }

  /** Has an entry written, if the disk keeps up. */
  void put(Entry entry) {
    if (closing || !entry.body().retain()) {
      return;
    }
    wanted.add(entry);
    if (!waiting.offer(entry)) {
      wanted.remove(entry);
      entry.body().release();
    }
  }

  private void write(Entry entry) {
    Body.Reader reader = wanted.contains(entry) ? entry.body().reader(() -> {}) : null;
    if (reader == null) {
      return;
    }
    String name = name(entry.key(), entry.selectors());
    Path file = directory.resolve(name);
    Path part = directory.resolve(name + UNFINISHED);
    try {
      EntryFile.write(entry, reader, part, file);
      EntryFile.Described described = EntryFile.describe(file);
      boolean forgotten;
      synchronized (this) {
        drop(name);
        forgotten = !wanted.remove(entry);
        if (!forgotten) {
          add(name, described);
        }
      }
      if (forgotten) {
        Files.deleteIfExists(file);
      }
      makeRoom();
    } catch (IOException e) {
      wanted.remove(entry);
      complain("written", e);
      discard(part);
    } finally {
      reader.close();
    }
  }

  private void complain(String what, IOException e) {
    long now = System.nanoTime();
    if (now - complainedNanos >= COMPLAIN_NANOS) {
      complainedNanos = now;
      log.warn("Kept answers cannot be {} at {}: {}", what, directory, e.toString());
    }
  }

  private static void discard(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.debug("{} cannot be deleted", file, e);
    }
  }

  private void makeRoom() {
    List<String> gone = new ArrayList<>();
    synchronized (this) {
      while (bytes > mostBytes || files.size() > MOST_FILES) {
        String name = files.keySet().iterator().next();
        drop(name);
        gone.add(name);
      }
    }
    gone.forEach(name -> discard(directory.resolve(name)));
  }

  private void add(String name, EntryFile.Described described) {
    files.put(name, described);
    names.computeIfAbsent(resource(described.key()), any -> new ArrayList<>(1)).add(name);
    bytes += described.bytes();
  }

  private void drop(String name) {
    EntryFile.Described described = files.remove(name);
    if (described != null) {
      Resource resource = resource(described.key());
      List<String> same = names.getOrDefault(resource, List.of());
      same.remove(name);
      if (same.isEmpty()) {
        names.remove(resource);
      }
      bytes -= described.bytes();
    }
  }

  private static Resource resource(CacheKey key) {
    return new Resource(key.origin(), key.target());
  }

  private static String name(CacheKey key, List<Entry.Selector> selectors) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String all = key.route() + '\n' + key.tenant() + '\n' + key.origin() + '\n' + key.target() + '\n' + selectors;
      byte[] hash = digest.digest(all.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 20) + SUFFIX;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** What answers a request, as far as is known without reading; null when nothing does. */
  synchronized EntryFile.@Nullable Described find(CacheRequest request) {
    EntryFile.Described newest = null;
    for (String name : names.getOrDefault(resource(request.key()), List.of())) {
      EntryFile.Described described = files.get(name); // which puts it behind others when room is made
      if (described != null && described.key().equals(request.key())
          && described.selectors().stream().allMatch(selector -> selector.selects(request))
          && (newest == null || described.answeredMillis() > newest.answeredMillis())) {
        newest = described;
      }
    }
    return newest;
  }

  /** Reads the body of an answer that was found; null when it is gone, or is not what was written. Waits for the disk. */
  byte @Nullable [] read(EntryFile.Described described) {
    String name = name(described.key(), described.selectors());
    Path file = directory.resolve(name);
    try {
      return EntryFile.body(file, described);
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException | RuntimeException e) {
      log.debug("{} is not what was written: {}", file, e.getMessage());
      synchronized (this) {
        if (described.equals(files.get(name))) {
          drop(name);
        }
      }
      discard(file);
      return null;
    }
  }

  /** Forgets what answers what an origin was asked for, whoever asked. */
  void removeResource(String origin, String target) {
    List<String> gone;
    synchronized (this) {
      wanted.removeIf(entry -> entry.key().origin().equals(origin) && entry.key().target().equals(target));
      gone = List.copyOf(names.getOrDefault(new Resource(origin, target), List.of()));
      gone.forEach(this::drop);
    }
    gone.forEach(name -> discard(directory.resolve(name)));
  }

  /** Forgets what is meant. */
  void remove(BiPredicate<CacheKey, Set<String>> meant) {
    List<String> gone = new ArrayList<>();
    synchronized (this) {
      wanted.removeIf(entry -> meant.test(entry.key(), entry.tags()));
      files.forEach((name, described) -> {
        if (meant.test(described.key(), described.tags())) {
          gone.add(name);
        }
      });
      gone.forEach(this::drop);
    }
    gone.forEach(name -> discard(directory.resolve(name)));
  }

  synchronized long bytes() {
    return bytes;
  }

  synchronized int count() {
    return files.size();
  }

  /** Writes what waits, and waits a few seconds for that. */
  @Override
  public void close() {
    closing = true;
    try {
      writer.join(FAREWELL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
