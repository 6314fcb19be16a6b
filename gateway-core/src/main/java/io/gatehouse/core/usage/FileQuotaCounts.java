package io.gatehouse.core.usage;

import io.gatehouse.quota.QuotaCounts;
import io.gatehouse.quota.QuotaKey;

/** Counts in mapped files: what was added is there after the process was killed, and found by the next start. */
public final class FileQuotaCounts implements QuotaCounts, AutoCloseable {

  private static final int ADDED = 0;
  private static final int RETURNED = 1;

  private final CounterFiles files;

  /**
   * Counts of one source.
   *
   * @param source never used before
   */
  public FileQuotaCounts(CounterDirectory directory, String source) {
    this.files = new CounterFiles(directory, source);
  }

  @Override
  public Count open(QuotaKey key) {
    return new Slot(files, files.open(Names.of(key), Names.QUOTA_WIDTH));
  }

  /** Makes what was counted survive a crash of the machine; waits for the disk. */
  public void force() {
    files.force();
  }

  /** Deletes the files when all counts are closed, and otherwise leaves them for the next start. */
  @Override
  public void close() {
    files.close();
  }

  private record Slot(CounterFiles files, Counter counter) implements Count {
    @Override
    public long added() {
      return counter.get(ADDED);
    }

    @Override
    public long returned() {
      return counter.get(RETURNED);
    }

    @Override
    public void add(long amount) {
      counter.addAlone(ADDED, amount);
    }

    @Override
    public void giveBack(long amount) {
      counter.addAlone(RETURNED, amount);
    }

    @Override
    public void close() {
      files.release(counter);
    }
  }
}
