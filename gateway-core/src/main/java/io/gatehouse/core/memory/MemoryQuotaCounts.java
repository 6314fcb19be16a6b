package io.gatehouse.core.memory;

import io.gatehouse.quota.QuotaCounts;
import io.gatehouse.quota.QuotaKey;

/** Counts on the heap: a process that is killed forgets what it has not written elsewhere. */
public final class MemoryQuotaCounts implements QuotaCounts {

  @Override
  public Count open(QuotaKey key) {
    return new HeapCount();
  }

  private static final class HeapCount implements Count {
    private long added;
    private long returned;

    @Override
    public long added() {
      return added;
    }

    @Override
    public long returned() {
      return returned;
    }

    @Override
    public void add(long amount) {
      added += amount;
    }

    @Override
    public void giveBack(long amount) {
      returned += amount;
    }

    @Override
    public void close() {
      // The heap frees itself.
    }
  }
}
