package io.gatehouse.core.quota;

import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Standing;
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
import java.util.Comparator;
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
    long reserved = reserved(passage);
    List<Claim> claims = claims(entitlement, reserved, now);
    if (store.addWithin(claims) instanceof QuotaDecision.Exhausted exhausted) {
      return Optional.of(refusal(exhausted, now));
    }
    passage.whenRefused(() -> claims.forEach(claim -> store.add(claim.key(), -claim.amount())));
    passage.whenComplete(outcome -> settle(claims, reserved, outcome));
    return Optional.empty();
  }

  @Override
  public Finding preview(Passage passage) {
    if (passage.entitlement().isEmpty()) {
      return new Finding.NotAsked("Nobody is known.");
    }
    Entitlement entitlement = passage.entitlement().get();
    Instant now = clock.instant();
    List<Claim> claims = claims(entitlement, reserved(passage), now);
    List<Standing> standings = new ArrayList<>();
    for (Claim claim : claims) {
      if (claim.most() != Long.MAX_VALUE) {
        standings.add(standing(claim, now));
      }
    }
    if (store.peek(claims) instanceof QuotaDecision.Exhausted exhausted) {
      return new Finding.Refuses(refusal(exhausted, now), standings);
    }
    return standings.stream()
        .min(Comparator.comparingDouble(standing -> (double) standing.remaining() / Math.max(1, standing.most())))
        .map(tightest -> new Finding.Passes(
            tightest.policy(), tightest.remaining() + " of " + tightest.most() + " left", standings))
        .orElseGet(() -> new Finding.Passes("", "no quotas", List.of()));
  }

  @Override
  public String name() {
    return "quota";
  }

  private Standing standing(Claim claim, Instant now) {
    QuotaKey key = claim.key();
    long used = store.used(key);
    return new Standing(
        quota(claim).policy(),
        claim.most(),
        Math.max(0, claim.most() - used),
        key.window().restAt(now, zone),
        !claim.fits(used));
  }

  private static Quota quota(Claim claim) {
    return new Quota(claim.key().meter(), claim.key().window(), claim.most());
  }

  /** At least one byte, so that a full quota of bytes refuses although the length is not known yet. */
  private static long reserved(Passage passage) {
    return Math.max(1, passage.inbound().contentLength());
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
    Quota quota = quota(exhausted.claim());
    Duration rest = quota.window().restAt(now, zone);
    return new Refusal(
        Refusal.Reason.QUOTA_EXHAUSTED,
        "The quota " + quota.policy() + " of " + quota.most() + " is used up until its period ends.",
        rest,
        quota.policy());
  }
}
