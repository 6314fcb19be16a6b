package io.gatehouse.core.quota;

import io.gatehouse.StoreException;
import io.gatehouse.event.UsageRecord;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A count of all nodes as one node sees it; can be away for this node, and be emptied. */
final class Remote implements SharedQuotaStore.Counts {

  private final Map<QuotaKey, Map<String, UsageRecord>> counts;
  private final LedgerQuotaStore ledger;
  volatile boolean lost;
  volatile boolean looked;
  volatile boolean away;
  volatile String awayOwner = "";
  volatile Runnable beforeTheAnswer = () -> {};
  volatile int asked;

  Remote(LedgerQuotaStore ledger) {
    this(ledger, new HashMap<>());
  }

  private Remote(LedgerQuotaStore ledger, Map<QuotaKey, Map<String, UsageRecord>> counts) {
    this.ledger = ledger;
    this.counts = counts;
  }

  /** The same counts for another node. */
  Remote seenBy(LedgerQuotaStore other) {
    return new Remote(other, counts);
  }

  void forget() {
    synchronized (counts) {
      counts.clear();
    }
    lost = true;
  }

  /** What it holds, without telling or seeding anything; -1 for no count. */
  long holds(QuotaKey key) {
    synchronized (counts) {
      return counts.containsKey(key) ? sum(key) : -1;
    }
  }

  @Override
  public long used(QuotaKey key) {
    return add(key, 0);
  }

  @Override
  public long add(QuotaKey key, long amount) {
    addWithin(List.of(new Claim(key, amount, Long.MAX_VALUE)));
    return holds(key);
  }

  @Override
  public QuotaDecision addWithin(List<Claim> claims) {
    QuotaDecision decision = decide(claims);
    beforeTheAnswer.run();
    return decision;
  }

  private QuotaDecision decide(List<Claim> claims) {
    answer(claims.stream().map(Claim::key).toList());
    synchronized (counts) {
      for (Claim claim : claims) {
        if (!counts.containsKey(claim.key())) {
          tellAll(ledger.records(List.of(claim.key())));
        }
        join(ledger.own(claim.key()));
      }
      for (Claim claim : claims) {
        if (!claim.fits(sum(claim.key()))) {
          return new QuotaDecision.Exhausted(claim, sum(claim.key()));
        }
      }
      for (Claim claim : claims) {
        String source = ledger.own(claim.key()).source();
        UsageRecord own = counts.get(claim.key()).get(source);
        join(new UsageRecord(own.source(), own.key(), own.added() + claim.amount(), own.returned()));
      }
      return new QuotaDecision.Granted();
    }
  }

  @Override
  public Set<QuotaKey> tell(Collection<UsageRecord> records) {
    answer(records.stream().map(UsageRecord::key).toList());
    Set<QuotaKey> absent = new HashSet<>();
    synchronized (counts) {
      for (UsageRecord record : records) {
        if (counts.containsKey(record.key())) {
          join(record);
        } else {
          absent.add(record.key());
        }
      }
    }
    return absent;
  }

  @Override
  public void tellAll(Collection<UsageRecord> all) {
    answer(all.stream().map(UsageRecord::key).toList());
    synchronized (counts) {
      all.forEach(this::join);
    }
  }

  @Override
  public boolean lost() {
    answer(List.of());
    boolean was = lost;
    lost = false;
    looked = true;
    return was;
  }

  private void join(UsageRecord record) {
    counts.computeIfAbsent(record.key(), key -> new HashMap<>()).merge(record.source(), record, (a, b) ->
        new UsageRecord(
            a.source(), a.key(), Math.max(a.added(), b.added()), Math.max(a.returned(), b.returned())));
  }

  private long sum(QuotaKey key) {
    return Math.max(0, counts.get(key).values().stream().mapToLong(each -> each.added() - each.returned()).sum());
  }

  private void answer(List<QuotaKey> keys) {
    asked++;
    if (away || keys.stream().anyMatch(key -> key.owner().equals(awayOwner))) {
      throw new StoreException("away", null);
    }
  }
}
