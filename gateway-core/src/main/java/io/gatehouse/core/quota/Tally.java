package io.gatehouse.core.quota;

import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.QuotaCounts;
import io.gatehouse.quota.QuotaKey;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** One count: what this node added and gave back, and what all others had when they were last asked. */
final class Tally {

  /** The order in which tallies are locked. */
  final long number;

  final ReentrantLock lock = new ReentrantLock();

  private final QuotaKey key;

  // All below guarded by lock.
  private final QuotaCounts.Count own;
  private boolean othersKnown;
  private long others;
  private long writtenAdded;
  private long writtenReturned;
  private long writtenIn = Long.MIN_VALUE / 2;

  Tally(long number, QuotaKey key, QuotaCounts.Count own) {
    this.number = number;
    this.key = key;
    this.own = own;
  }

  QuotaKey key() {
    return key;
  }

  boolean othersKnown() {
    return othersKnown;
  }

  void others(long total) {
    others = total;
    othersKnown = true;
  }

  long used() {
    return Math.max(0, others + own.added() - own.returned());
  }

  void add(long amount) {
    if (amount >= 0) {
      own.add(amount);
    } else {
      // A count does not fall below zero, so no more can be given back than is there.
      own.giveBack(Math.min(-amount, used()));
    }
  }

  /** What must be written, if anything has changed since the last successful write. */
  Optional<UsageRecord> unwritten(String source) {
    long added = own.added();
    long returned = own.returned();
    return added == writtenAdded && returned == writtenReturned
        ? Optional.empty()
        : Optional.of(new UsageRecord(source, key, added, returned));
  }

  /** What this node has counted. */
  UsageRecord own(String source) {
    return new UsageRecord(source, key, own.added(), own.returned());
  }

  /** The number of the flush in which it was last written; far back if it never was. */
  long writtenIn() {
    return writtenIn;
  }

  /** Without asking how much is there. */
  void giveBack(long amount) {
    own.giveBack(amount);
  }

  void written(UsageRecord record, long flush) {
    writtenIn = flush;
    writtenAdded = Math.max(writtenAdded, record.added());
    writtenReturned = Math.max(writtenReturned, record.returned());
  }

  /** Ends it, once everything is written. */
  void close() {
    own.close();
  }
}
