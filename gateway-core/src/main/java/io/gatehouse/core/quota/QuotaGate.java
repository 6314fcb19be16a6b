package io.gatehouse.core.quota;

import io.gatehouse.Entitlement;
import io.gatehouse.Gate;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Counts requests and bytes of every caller per day and month, and refuses when a quota is used up.
 *
 * <p>A request and the declared length of its body are reserved on the way in, all quotas in one decision. When the
 * answer is complete, what was really transferred is settled: also that of an answer that broke off. A request that no
 * backend could answer is given back. Since the length of an answer is not known before, a quota of bytes can be overrun
 * by the answers that are under way when it is reached, and by no more.
 */
public final class QuotaGate implements Gate {

  private final QuotaStore store;
  private final ZoneId zone;
  private final InstantSource clock;

  /**
   * A gate.
   *
   * @param zone in whose calendar days and months begin
   */
  public QuotaGate(QuotaStore store, ZoneId zone, InstantSource clock) {
    this.store = store;
    this.zone = zone;
    this.clock = clock;
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    if (passage.entitlement().isEmpty()) {
      return Optional.empty();
    }
    Entitlement entitlement = passage.entitlement().get();
    Instant now = clock.instant();
    // At least one byte, so that a full quota of bytes refuses although the length is not known yet.
    long reserved = Math.max(1, passage.inbound().contentLength());
    List<Claim> claims = claims(entitlement, reserved, now);
    if (store.addWithin(claims) instanceof QuotaDecision.Exhausted exhausted) {
      return Optional.of(refusal(exhausted, now));
    }
    passage.whenRefused(() -> claims.forEach(claim -> store.add(claim.key(), -claim.amount())));
    passage.whenComplete(outcome -> settle(claims, reserved, outcome));
    return Optional.empty();
  }

  private List<Claim> claims(Entitlement entitlement, long bytes, Instant now) {
    String owner = entitlement.subject().user();
    List<Claim> claims = new ArrayList<>(4);
    for (Window window : Window.values()) {
      for (Meter meter : Meter.values()) {
        QuotaKey key = new QuotaKey(owner, meter, window, window.startAt(now, zone));
        claims.add(new Claim(key, meter == Meter.REQUESTS ? 1 : bytes, most(entitlement.quotas(), meter, window)));
      }
    }
    return claims;
  }

  private static long most(List<Quota> quotas, Meter meter, Window window) {
    for (Quota quota : quotas) {
      if (quota.meter() == meter && quota.window() == window) {
        return quota.most();
      }
    }
    return Long.MAX_VALUE;
  }

  private void settle(List<Claim> claims, long reserved, Outcome outcome) {
    long bytes = outcome.requestBytes() + outcome.responseBytes() - reserved;
    boolean unanswered = outcome.ending() == Outcome.Ending.UNANSWERED;
    for (Claim claim : claims) {
      long owed = claim.key().meter() == Meter.BYTES ? (unanswered ? -reserved : bytes) : (unanswered ? -1 : 0);
      if (owed != 0) {
        store.settle(claim.key(), owed);
      }
    }
  }

  private Refusal refusal(QuotaDecision.Exhausted exhausted, Instant now) {
    QuotaKey key = exhausted.claim().key();
    Quota quota = new Quota(key.meter(), key.window(), exhausted.claim().most());
    Duration rest = key.window().restAt(now, zone);
    return new Refusal(
        Refusal.Reason.QUOTA_EXHAUSTED,
        "The quota " + quota.policy() + " of " + quota.most() + " is used up until its period ends.",
        rest,
        quota.policy());
  }
}
