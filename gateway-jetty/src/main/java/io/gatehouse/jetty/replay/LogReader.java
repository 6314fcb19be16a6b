package io.gatehouse.jetty.replay;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The requests of several files in the order in which they began. Files are merged by the times of their lines, so those
 * of several nodes, and those that follow each other, may be given in any order.
 *
 * <p>A line is written when its request ends, so the log is out of order by as much as requests last. Requests are held
 * back until one is read that ended {@link #WINDOW} later, at most {@value #MOST_HELD} of them. One that is later still
 * comes when it comes.
 *
 * <p>For one thread, but {@link #bytesRead}.
 */
final class LogReader implements AutoCloseable {

  /** How far lines may be out of order and are still sorted. */
  static final Duration WINDOW = Duration.ofSeconds(60);

  /** How many requests are held back at the most: {@value}. */
  static final int MOST_HELD = 50_000;

  /** How many malformed lines are remembered: {@value}. */
  static final int MOST_SHOWN = 5;

  private record Held(Instant begin, long number, Entry entry) {}

  private record Head(Instant end, int file, Entry entry) {}

  private final LineParser parser = new LineParser();
  private final Predicate<Entry> unwanted;
  private final List<LogFile> files = new ArrayList<>();
  private final AtomicLong bytesRead = new AtomicLong();
  private final long bytes;

  /** The next request of each file. */
  private final PriorityQueue<Head> heads =
      new PriorityQueue<>(Comparator.comparing(Head::end).thenComparing(Head::file));

  private final PriorityQueue<Held> held =
      new PriorityQueue<>(Comparator.comparing(Held::begin).thenComparing(Held::number));

  private final List<ReplayReport.BadLine> shown = new ArrayList<>();
  private Instant newestEnd = Instant.MIN;
  private long taken;
  private long lines;
  private long others;
  private long skipped;
  private long malformed;

  /**
   * Opens all files.
   *
   * @param unwanted which requests are left out and counted
   */
  LogReader(List<Path> paths, Predicate<Entry> unwanted) throws IOException {
    this.unwanted = unwanted;
    long sum = 0;
    try {
      for (Path path : paths) {
        sum += Files.size(path);
        files.add(LogFile.open(path, bytesRead));
      }
      for (int i = 0; i < files.size(); i++) {
        advance(i);
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
    this.bytes = sum;
  }

  /** The next request, or null when there are no more. */
  @Nullable Entry next() throws IOException {
    while (!heads.isEmpty() && !ripe()) {
      Head head = heads.remove();
      newestEnd = head.end().isAfter(newestEnd) ? head.end() : newestEnd;
      held.add(new Held(head.entry().begin(), taken++, head.entry()));
      advance(head.file());
    }
    Held first = held.poll();
    return first == null ? null : first.entry();
  }

  private boolean ripe() {
    return held.size() >= MOST_HELD
        || !held.isEmpty() && held.element().begin().isBefore(newestEnd.minus(WINDOW));
  }

  /** Reads the next request of a file, over lines that are none. */
  private void advance(int file) throws IOException {
    LogFile from = files.get(file);
    for (String text = read(from); text != null; text = read(from)) {
      if (text.isBlank()) {
        continue;
      }
      lines++;
      Line line = text.length() > LogFile.LONGEST_LINE
          ? new Line.Malformed("longer than " + LogFile.LONGEST_LINE + " bytes")
          : parser.parse(text);
      if (line instanceof Line.Malformed bad) {
        malformed(from, bad.reason());
      } else if (line instanceof Line.Request request && unwanted.test(request.entry())) {
        skipped++;
      } else if (line instanceof Line.Request request) {
        heads.add(new Head(request.entry().end(), file, request.entry()));
        return;
      } else {
        others++;
      }
    }
  }

  /** A file whose compressed form breaks off, as that of a killed writer does, ends there. */
  private @Nullable String read(LogFile file) throws IOException {
    try {
      return file.next();
    } catch (EOFException | ZipException e) {
      malformed(file, "the compressed file is damaged or breaks off; the rest of it is not read");
      return null;
    }
  }

  private void malformed(LogFile file, String reason) {
    malformed++;
    if (shown.size() < MOST_SHOWN) {
      shown.add(new ReplayReport.BadLine(file.name(), file.number(), reason));
    }
  }

  /** How many bytes all files have. */
  long bytes() {
    return bytes;
  }

  /** How many bytes were read, as they are on the disk. Any thread may ask. */
  long bytesRead() {
    return bytesRead.get();
  }

  /** What the lines were. */
  ReplayReport.Lines lines() {
    return new ReplayReport.Lines(lines, others, skipped, malformed, List.copyOf(shown));
  }

  @Override
  public void close() throws IOException {
    for (LogFile file : files) {
      file.close();
    }
  }
}
