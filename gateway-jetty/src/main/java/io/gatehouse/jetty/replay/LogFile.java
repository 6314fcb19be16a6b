package io.gatehouse.jetty.replay;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The lines of one file, plain or compressed by gzip. A line is never longer in memory than {@value #LONGEST_LINE} bytes,
 * whatever the file holds. For one thread.
 */
final class LogFile implements AutoCloseable {

  /** The longest line that is read, in bytes: {@value}. */
  static final int LONGEST_LINE = 1 << 16;

  private static final int BUFFER = 1 << 16;

  private final String name;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int next;
  private int end;
  private byte[] line = new byte[1024];
  private long number;

  private LogFile(String name, InputStream in) {
    this.name = name;
    this.in = in;
  }

  /**
   * Opens a file.
   *
   * @param read is added what was read of the file as it is on the disk
   */
  static LogFile open(Path file, AtomicLong read) throws IOException {
    InputStream counted = new Counted(Files.newInputStream(file), read);
    try {
      boolean compressed = file.getFileName().toString().endsWith(".gz");
      InputStream in = compressed ? new GZIPInputStream(new BufferedInputStream(counted, BUFFER), BUFFER) : counted;
      return new LogFile(file.toString(), in);
    } catch (IOException e) {
      counted.close();
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  String name() {
    return name;
  }

  /** The number of the line that was read last, from 1. */
  long number() {
    return number;
  }

  /**
   * The next line without its end, or null at the end of the file. Of a line that is too long, as much as would still be
   * too long.
   */
  @Nullable String next() throws IOException {
    int length = 0;
    boolean any = false;
    while (true) {
      if (next == end) {
        end = in.read(buffer);
        next = 0;
        if (end < 0) {
          end = 0;
          return any ? line(length) : null;
        }
        continue;
      }
      any = true;
      int found = next;
      while (found < end && buffer[found] != '\n') {
        found++;
      }
      length = keep(length, found);
      boolean whole = found < end;
      next = whole ? found + 1 : found;
      if (whole) {
        return line(length);
      }
    }
  }

  private int keep(int length, int until) {
    int kept = Math.min(until - next, LONGEST_LINE + 1 - length);
    if (length + kept > line.length) {
      line = Arrays.copyOf(line, Math.min(LONGEST_LINE + 1, Math.max(line.length * 2, length + kept)));
    }
    System.arraycopy(buffer, next, line, length, kept);
    return length + kept;
  }

  private String line(int length) {
    number++;
    int text = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
    return new String(line, 0, text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private static final class Counted extends FilterInputStream {

    private final AtomicLong read;

    Counted(InputStream in, AtomicLong read) {
      super(in);
      this.read = read;
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      read.addAndGet(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int some = super.read(bytes, offset, length);
      read.addAndGet(Math.max(0, some));
      return some;
    }
  }
}
