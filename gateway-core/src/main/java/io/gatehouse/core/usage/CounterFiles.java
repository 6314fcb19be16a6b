package io.gatehouse.core.usage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The counters of one source: as many files as they need, up to {@value #MOST_FILES}, each gone when none of its
 * counters is wanted any more. When no file can be had, counters are kept off the heap without one: they count as well,
 * and are forgotten when the process is killed before they are written.
 *
 * <p>Any number of threads. {@link #open} waits for the disk when a file is full, a millisecond for every few thousand
 * counters; the counters themselves never wait.
 */
final class CounterFiles implements AutoCloseable {

  /** How many files a source may have at once, of a mebibyte each: {@value}. */
  static final int MOST_FILES = 256;

  private static final Logger log = LoggerFactory.getLogger(CounterFiles.class);

  private final CounterDirectory directory;
  private final String source;

  // All below guarded by this.
  private final List<CounterFile> files = new ArrayList<>();
  private @Nullable CounterFile current;
  private int made;
  private boolean closed;

  /** Files for a source that was never used before. The first is made at once. */
  CounterFiles(CounterDirectory directory, String source) {
    this.directory = directory;
    this.source = source;
    current = another().orElse(null);
  }

  String source() {
    return source;
  }

  /** A new counter; the same name twice makes two. */
  synchronized Counter open(byte[] name, int width) {
    if (closed || name.length > CounterFile.LONGEST_NAME) {
      return Counter.unfiled(width);
    }
    Optional<Counter> counter = current == null ? Optional.empty() : current.append(name, width);
    if (counter.isEmpty()) {
      Optional<CounterFile> next = another();
      if (next.isPresent()) {
        CounterFile full = current;
        current = next.get();
        if (full != null && full.wanted == 0) {
          delete(full);
        }
        counter = current.append(name, width);
      }
    }
    return counter.orElseGet(() -> Counter.unfiled(width));
  }

  /** Says that what a counter holds is written for good. */
  synchronized void release(Counter counter) {
    CounterFile file = counter.release();
    if (file != null && --file.wanted == 0 && file != current && files.contains(file)) {
      delete(file);
    }
  }

  /** Makes what was counted until now survive a crash of the machine; waits for the disk. */
  void force() {
    List<CounterFile> all;
    synchronized (this) {
      all = List.copyOf(files);
    }
    all.forEach(CounterFile::force);
  }

  /** Deletes the files in which nothing is wanted, and leaves the others for the next start. */
  @Override
  public synchronized void close() {
    closed = true;
    current = null;
    for (CounterFile file : List.copyOf(files)) {
      if (file.wanted == 0) {
        delete(file);
      } else {
        leave(file);
      }
    }
  }

  private Optional<CounterFile> another() {
    if (files.size() >= MOST_FILES) {
      directory.tell("there are " + MOST_FILES + " files of " + source + " already");
      return Optional.empty();
    }
    Optional<CounterFile> file = Optional.empty();
    try {
      file = directory.create(source, made);
    } catch (IOException e) {
      directory.tell(e.toString());
    }
    if (file.isPresent()) {
      made++;
      files.add(file.get());
    }
    return file;
  }

  private void delete(CounterFile file) {
    files.remove(file);
    try {
      file.delete();
    } catch (IOException e) {
      // The next start reads it once more, which changes nothing, and deletes it.
      log.debug("A counter file that is not wanted any more stays: {}", e.toString());
    }
    directory.gone(file);
  }

  private void leave(CounterFile file) {
    files.remove(file);
    try {
      file.leave();
    } catch (IOException e) {
      log.debug("A counter file cannot be closed: {}", e.toString());
    }
    directory.gone(file);
  }
}
