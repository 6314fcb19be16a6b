package io.gatehouse.examples.benchmarks.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;

/**
 * What the kernel says that some processes have used until now.
 *
 * @param cpuMicros processor time of all their threads, those that have ended included, in their code and in the kernel
 * @param switches how often one of the threads that are there gave up its processor or lost it
 * @param residentBytes memory that is theirs now
 * @param peakBytes the most that was theirs at any time
 */
record Account(long cpuMicros, long switches, long residentBytes, long peakBytes) {

  /** Of {@code /proc}, whatever the kernel counts by itself (USER_HZ). */
  private static final long MICROS_PER_TICK = 10_000;

  /** The place of utime behind the name of the process, which may hold blanks and is in parentheses: proc(5). */
  private static final int USER_TIME = 11;

  static Account of(LongStream pids) {
    return pids.mapToObj(Account::of).reduce(new Account(0, 0, 0, 0), Account::plus);
  }

  private static Account of(long pid) {
    Path directory = Path.of("/proc", Long.toString(pid));
    try {
      String stat = Files.readString(directory.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      long ticks = Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[USER_TIME + 1]);
      String status = Files.readString(directory.resolve("status"));
      return new Account(
          ticks * MICROS_PER_TICK,
          switches(directory.resolve("task")),
          field(status, "VmRSS:") * 1024,
          field(status, "VmHWM:") * 1024);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long switches(Path tasks) throws IOException {
    long sum = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
      for (Path thread : threads) {
        try {
          String status = Files.readString(thread.resolve("status"));
          sum += field(status, "\nvoluntary_ctxt_switches:") + field(status, "nonvoluntary_ctxt_switches:");
        } catch (IOException e) {
          // it has ended since
        }
      }
    }
    return sum;
  }

  /** The number behind a name, in whatever unit stands there; 0 when it is missing. */
  private static long field(String status, String name) {
    int at = status.indexOf(name);
    if (at < 0) {
      return 0;
    }
    String rest = status.substring(at + name.length()).strip();
    int end = 0;
    while (end < rest.length() && Character.isDigit(rest.charAt(end))) {
      end++;
    }
    return Long.parseLong(rest.substring(0, end));
  }

  private Account plus(Account other) {
    return new Account(
        cpuMicros + other.cpuMicros,
        switches + other.switches,
        residentBytes + other.residentBytes,
        peakBytes + other.peakBytes);
  }
}
