package io.gatehouse.core.usage;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The counters of one kind on one page: a line for each minute of each part of each key. Any number of threads look lines
 * up; a lookup takes a lock only when the line is new.
 *
 * <p>Parts are few: the lines of a key are walked, the newest first, until one is of the part and the minute. That is quicker
 * than to look the part up, and needs no object that has both.
 */
final class Lines<K> {

  /** The part of lines that are not told apart, but for their keys. */
  static final String WHOLE = "";

  private static final long MINUTE_MILLIS = Duration.ofMinutes(1).toMillis();

  /** What lines of this kind are. */
  interface Kind<K> {

    /** How many numbers a line has. */
    int width();

    byte[] name(K key, String part, Instant minute);

    /** The key that stands for keys beyond the number that is kept apart; for itself, too. */
    K others(K key);
  }

  /** The numbers of a part of a key in a minute. */
  static final class Line<K> {
    final K key;
    final String part;
    final Instant minute;
    final Counter counter;
    private final long number;
    private final @Nullable Line<K> previous;

    /** What the log has. Used by the flushing thread only. */
    private long[] written;

    private Line(
        K key, String part, long number, Instant minute, Counter counter, int width, @Nullable Line<K> previous) {
      this.key = key;
      this.part = part;
      this.number = number;
      this.minute = minute;
      this.counter = counter;
      this.written = new long[width];
      this.previous = previous;
    }
  }

  /** A line that the log has with other numbers, or not at all. */
  record Changed<K>(Line<K> line, long[] numbers) {
    void written() {
      line.written = numbers;
    }
  }

  private final Kind<K> kind;
  private final CounterFiles files;

  /** The names of all pages together, and how many there may be. */
  private final AtomicInteger names;

  private final int mostNames;
  private final Map<K, Line<K>> newest = new ConcurrentHashMap<>();
  private final Queue<Line<K>> all = new ConcurrentLinkedQueue<>();

  Lines(Kind<K> kind, CounterFiles files, AtomicInteger names, int mostNames) {
    this.kind = kind;
    this.files = files;
    this.names = names;
    this.mostNames = mostNames;
  }

  /** The counter of a part of a key in the minute of a moment. */
  Counter counter(K key, String part, long millis) {
    long minute = Math.floorDiv(millis, MINUTE_MILLIS);
    Line<K> line = find(key, part, minute);
    if (line != null) {
      return line.counter;
    }
    if (names.get() < mostNames) {
      return open(key, part, minute).counter;
    }
    K others = kind.others(key);
    line = find(others, WHOLE, minute);
    return line != null ? line.counter : open(others, WHOLE, minute).counter;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** The lines whose numbers the log does not have. */
  List<Changed<K>> changed() {
    List<Changed<K>> changed = new ArrayList<>();
    for (Line<K> line : all) {
      long[] numbers = numbers(line);
      if (!Arrays.equals(numbers, line.written)) {
        changed.add(new Changed<>(line, numbers));
      }
    }
    return changed;
  }

  /** Gives up the slots of all lines that the log has. */
  void close() {
    for (Line<K> line : all) {
      if (Arrays.equals(numbers(line), line.written)) {
        files.release(line.counter);
      }
      names.decrementAndGet();
    }
    all.clear();
    newest.clear();
  }

  private @Nullable Line<K> find(K key, String part, long minute) {
    Line<K> line = newest.get(key);
    while (line != null && (line.number != minute || !line.part.equals(part))) {
      line = line.previous;
    }
    return line;
  }

  private synchronized Line<K> open(K key, String part, long minute) {
    Line<K> found = find(key, part, minute);
    if (found != null) {
      return found;
    }
    Instant beginning = Instant.ofEpochMilli(minute * MINUTE_MILLIS);
    Counter counter = files.open(kind.name(key, part, beginning), kind.width());
    Line<K> line = new Line<>(key, part, minute, beginning, counter, kind.width(), newest.get(key));
    names.incrementAndGet();
    all.add(line);
    newest.put(key, line);
    return line;
  }

  private long[] numbers(Line<K> line) {
    long[] numbers = new long[kind.width()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = line.counter.get(i);
    }
    return numbers;
  }
}
