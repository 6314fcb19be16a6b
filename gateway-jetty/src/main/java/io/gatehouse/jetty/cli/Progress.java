package io.gatehouse.jetty.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleFunction;
import java.util.function.LongSupplier;

/** One line on the terminal that says how far a long work is; nothing where no person looks. */
final class Progress implements AutoCloseable {

  private static final long EVERY_MILLIS = 200;
  private static final int WIDTH = 30;
  private static final double MEBIBYTE = 1 << 20;

  private final PrintWriter err;
  private final DoubleFunction<String> line;
  private final long began = System.nanoTime();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "gatehouse-progress");

  private Progress(PrintWriter err, DoubleFunction<String> line) {
    this.err = err;
    this.line = line;
  }

  /**
   * Begins to show how much was read.
   *
   * @param read how many bytes were read; asked by another thread
   * @param bytes how many there are
   */
  static Progress ofBytes(Surroundings surroundings, LongSupplier read, long bytes) {
    return of(surroundings, seconds -> line(read.getAsLong(), bytes, seconds));
  }

  /**
   * Begins to show.
   *
   * @param line what is shown after so many seconds; asked by another thread
   */
  static Progress of(Surroundings surroundings, DoubleFunction<String> line) {
    Progress progress = new Progress(surroundings.err(), line);
    if (surroundings.terminal()) {
      progress.thread.setDaemon(true);
      progress.thread.start();
    } else {
      progress.closing.countDown();
    }
    return progress;
  }

  private void run() {
    try {
      while (!closing.await(EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
        show(line.apply((System.nanoTime() - began) / 1e9));
      }
      show("");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody has this thread but us: somebody ends all threads
    }
  }

  /** Writes over the line before. */
  private void show(String text) {
    err.print("\r" + text + "\u001b[K" + (text.isEmpty() ? "\r" : ""));
    err.flush();
  }

  /** What is shown of a reading after so many seconds. */
  static String line(long read, long bytes, double seconds) {
    double share = bytes == 0 ? 1 : Math.min(1, (double) read / bytes);
    double rate = seconds <= 0 ? 0 : read / seconds;
    String rest = rate <= 0 ? "-" : duration((long) Math.ceil((bytes - read) / rate));
    return String.format(
        Locale.ROOT,
        "%s %.1f of %.1f MiB  %.1f MiB/s  %s left",
        bar(share), read / MEBIBYTE, bytes / MEBIBYTE, rate / MEBIBYTE, rest);
  }

  /**
   * What is shown of an export after so many seconds.
   *
   * @param share of the whole, 0 to 1; less than 0 when nobody knows
   */
  static String rowsLine(double share, long rows, double seconds) {
    double rate = seconds <= 0 ? 0 : rows / seconds;
    String counted = String.format(Locale.ROOT, "%d rows  %.0f rows/s", rows, rate);
    if (share < 0) {
      return counted;
    }
    String rest = share == 0 ? "-" : duration((long) Math.ceil(seconds * (1 - share) / share));
    return bar(share) + " " + counted + "  " + rest + " left";
  }

  private static String bar(double share) {
    String done = "#".repeat((int) (share * WIDTH));
    return String.format(Locale.ROOT, "[%-" + WIDTH + "s] %3.0f%% ", done, share * 100);
  }

  private static String duration(long seconds) {
    return seconds < 60
        ? Math.max(0, seconds) + " s"
        : String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60);
  }

  /** Takes the line away. */
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
