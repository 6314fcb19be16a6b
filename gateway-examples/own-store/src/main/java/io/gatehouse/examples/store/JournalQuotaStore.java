package io.gatehouse.examples.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.StoreException;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts in memory, and writes every change into a journal before it counts. A line holds all counts that one decision
 * changed, as they are afterwards; so the last line of a count is its truth, and a line that was not written to its end
 * is a decision that was not made:
 *
 * <pre>alice/REQUESTS/DAY/2026-06-01=7 alice/BYTES/DAY/2026-06-01=5120</pre>
 *
 * <p>A line is with the operating system when the call returns: what was granted survives the death of this process, if
 * not that of the machine. When the journal has become long it is written anew with the counts alone, without those of
 * periods that are over.
 *
 * <p>Any number of threads, one process. A call blocks for as long as one small write to the disk.
 */
public final class JournalQuotaStore implements QuotaStore, AutoCloseable {

  /** So many lines more than there are counts make a journal long: {@value}. */
  static final int SPARE_LINES = 10_000;

  private static final int DAYS_KEPT = 3;

  private final Path file;
  private final InstantSource clock;
  private final FileChannel lock;

  /** All below guarded by this. */
  private final Map<QuotaKey, Long> counts = new HashMap<>();

  /** Not a channel: an interrupt of one request's thread would close that for all. */
  private RandomAccessFile journal;

  /** Where the next line begins. Beyond it may lie what a failed write has left. */
  private long length;

  private long lines;

  /**
   * Opens a journal, or begins one.
   *
   * @param clock only says which periods are over
   * @throws StoreException when it cannot be read or written, is not a journal, or is open already
   */
  public JournalQuotaStore(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
    this.lock = lock(sibling(".lock"));
    try {
      replay();
      journal = rewrite();
    } catch (IOException | RuntimeException e) {
      release(lock);
      throw e instanceof StoreException known ? known : new StoreException("cannot open " + file, e);
    }
  }

  @Override
  public synchronized long used(QuotaKey key) {
    return counts.getOrDefault(key, 0L);
  }

  @Override
  public synchronized long add(QuotaKey key, long amount) {
    long before = used(key);
    long after = Math.max(0, before + amount);
    if (amount > 0 && after < before) {
      after = Long.MAX_VALUE;
    }
    if (after != before) {
      keep(Map.of(key, after));
    }
    return after;
  }

  @Override
  public synchronized QuotaDecision addWithin(List<Claim> claims) {
    Map<QuotaKey, Long> changes = new LinkedHashMap<>();
    for (Claim claim : claims) {
      long used = used(claim.key());
      if (used > claim.most() || claim.amount() > claim.most() - used) {
        return new QuotaDecision.Exhausted(claim, used);
      }
      changes.put(claim.key(), used + claim.amount());
    }
    keep(changes);
    return new QuotaDecision.Granted();
  }

  /** Ends the journal and lets another process have it. */
  @Override
  public synchronized void close() {
    release(journal);
    release(lock);
  }

  private void keep(Map<QuotaKey, Long> changes) {
    byte[] line = line(changes);
    try {
      journal.seek(length);
      journal.write(line);
    } catch (IOException e) {
      throw new StoreException("cannot write " + file, e);
    }
    length += line.length;
    lines++;
    counts.putAll(changes);
    if (lines > 2L * counts.size() + SPARE_LINES) {
      shorten();
    }
  }

  private void shorten() {
    try {
      RandomAccessFile old = journal;
      journal = rewrite();
      release(old);
    } catch (IOException e) {
      // Nothing is lost, the journal is only longer than it need be. It is tried again when it is longer still.
      lines = counts.size();
    }
  }

  private void replay() throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    String text = Files.readString(file, US_ASCII);
    // What follows the last line break was not written to its end.
    String whole = text.substring(0, text.lastIndexOf('\n') + 1);
    whole.lines().forEach(this::replay);
  }

  private void replay(String line) {
    try {
      for (String count : line.split(" ")) {
        String[] parts = count.split("[/=]");
        QuotaKey key =
            QuotaKey.of(
                URLDecoder.decode(parts[0], UTF_8), Meter.valueOf(parts[1]), Window.valueOf(parts[2]), parts[3]);
        counts.put(key, Long.parseLong(parts[4]));
      }
    } catch (RuntimeException e) {
      throw new StoreException("not a line of a journal: " + file + ": " + line, e);
    }
  }

  /** Puts a journal of the counts alone in the place of the one that is there, and opens it. */
  private RandomAccessFile rewrite() throws IOException {
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    counts.keySet().removeIf(key -> key.window().latestEnd(key.start()).isBefore(today.minusDays(DAYS_KEPT)));
    Path whole = sibling(".new");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(whole))) {
      for (Map.Entry<QuotaKey, Long> count : counts.entrySet()) {
        out.write(line(Map.of(count.getKey(), count.getValue())));
      }
    }
    RandomAccessFile fresh = new RandomAccessFile(whole.toFile(), "rw");
    try {
      fresh.getFD().sync();
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      release(fresh);
      throw e;
    }
    length = fresh.length();
    lines = counts.size();
    return fresh;
  }

  private static byte[] line(Map<QuotaKey, Long> changes) {
    StringBuilder line = new StringBuilder();
    changes.forEach(
        (key, count) ->
            line.append(line.isEmpty() ? "" : " ")
                .append(URLEncoder.encode(key.owner(), UTF_8))
                .append('/').append(key.meter())
                .append('/').append(key.window())
                .append('/').append(key.period())
                .append('=').append(count));
    return line.append('\n').toString().getBytes(US_ASCII);
  }

  private static FileChannel lock(Path file) {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (channel.tryLock() != null) {
          return channel;
        }
      } catch (OverlappingFileLockException heldByThisProcess) {
        // Said below, as for any other process.
      }
      release(channel);
      throw new StoreException("open already, in this process or another: " + file, null);
    } catch (IOException e) {
      throw new StoreException("cannot lock " + file, e);
    }
  }

  private Path sibling(String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  /** Nothing is held back in memory, so nothing is lost when closing fails. */
  private static void release(Closeable resource) {
    try {
      resource.close();
    } catch (IOException ignored) {
      // see above
    }
  }
}
