package io.gatehouse.core.quota;

import io.gatehouse.Enforcement;
import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.RateLimitFields;
import io.gatehouse.Refusal;
import io.gatehouse.Standing;
import io.gatehouse.StoreException;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts requests and bytes of every caller per day and month, and refuses when a quota is used up.
 *
 * <p>A request and the declared length of its body are reserved on the way in, all quotas in one decision. When the
 * answer is complete, what was really transferred is settled: also that of an answer that broke off. A request that no
 * backend could answer is given back. Since the length of an answer is not known before, a quota of bytes can be overrun
 * by the answers that are under way when it is reached, and by no more.
 *
 * <p>Quotas in the shadow are reserved and settled in the same way, each by itself and for what the others let pass.
 */
public final class QuotaGate implements Gate {

  /** What the owners of shadow counts begin with. */
  private static final String SHADOW_OWNER = "shadow:";

  private static final Logger log = LoggerFactory.getLogger(QuotaGate.class);

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
      Quota quota = quota(exhausted.claim());
      long left = Math.max(0, quota.most() - exhausted.used());
      Duration rest = quota.window().restAt(now, zone);
      RateLimitFields.DRAFT_10.tell(passage, quota.policy(), quota.most(), left, rest, rest);
      return Optional.of(refusal(quota, now));
    }
    leave(passage, claims, reserved);
    for (Quota quota : entitlement.quotas()) {
      if (quota.isShadow()) {
        reserveInShadow(passage, quota, shadowClaim(entitlement, quota, reserved, now), reserved, now);
      }
    }
    return Optional.empty();
  }

  private void leave(Passage passage, List<Claim> claims, long reserved) {
    passage.whenRefused(() -> claims.forEach(claim -> store.add(claim.key(), -claim.amount())));
    passage.whenComplete(outcome -> settle(claims, reserved, outcome));
  }

  private void reserveInShadow(Passage passage, Quota quota, Claim claim, long reserved, Instant now) {
    try {
      if (store.addWithin(List.of(claim)) instanceof QuotaDecision.Exhausted) {
        passage.wouldRefuse(refusal(quota, now));
      } else {
        leave(passage, List.of(claim), reserved);
      }
    } catch (StoreException e) {
      // What only counts must not refuse; what it would have said is not known.
      log.debug("The shadow {} could not be charged: {}", quota.policy(), e.getMessage());
    }
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
        standings.add(standing(quota(claim), claim, now));
      }
    }
    for (Quota quota : entitlement.quotas()) {
      if (quota.isShadow()) {
        standings.add(standing(quota, shadowClaim(entitlement, quota, reserved(passage), now), now));
      }
    }
    if (store.peek(claims) instanceof QuotaDecision.Exhausted exhausted) {
      return new Finding.Refuses(refusal(quota(exhausted.claim()), now), standings);
    }
    return standings.stream()
        .filter(standing -> standing.enforcement() == Enforcement.ENFORCED)
        .min(Comparator.comparingDouble(standing -> (double) standing.remaining() / Math.max(1, standing.most())))
        .map(tightest -> new Finding.Passes(
            tightest.policy(), tightest.remaining() + " of " + tightest.most() + " left", standings))
        .orElseGet(() -> new Finding.Passes("", "no quotas that refuse", standings));
  }

  @Override
  public String name() {
    return "quota";
  }

  private Standing standing(Quota quota, Claim claim, Instant now) {
    long used = store.used(claim.key());
    return new Standing(
        quota.policy(),
        quota.meter(),
        quota.most(),
        Math.max(0, quota.most() - used),
        quota.window().restAt(now, zone),
        !claim.fits(used),
        quota.enforcement());
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
        claims.add(new Claim(key, amount(meter, bytes), most(entitlement.quotas(), meter, window)));
      }
    }
    return claims;
  }

  /** Against a count of its own: had the quota refused, what it refused would not have been used. */
  private Claim shadowClaim(Entitlement entitlement, Quota quota, long bytes, Instant now) {
    String owner = SHADOW_OWNER + entitlement.subject().user();
    QuotaKey key = new QuotaKey(owner, quota.meter(), quota.window(), quota.window().startAt(now, zone));
    return new Claim(key, amount(quota.meter(), bytes), quota.most());
  }

  private static long amount(Meter meter, long bytes) {
    return meter == Meter.REQUESTS ? 1 : bytes;
  }

  private static long most(List<Quota> quotas, Meter meter, Window window) {
    for (Quota quota : quotas) {
      if (quota.meter() == meter && quota.window() == window && !quota.isShadow()) {
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

  private Refusal refusal(Quota quota, Instant now) {
    Duration rest = quota.window().restAt(now, zone);
    return new Refusal(
        Refusal.Reason.QUOTA_EXHAUSTED,
        "The quota " + quota.policy() + " of " + quota.most() + " is used up until its period ends.",
        rest,
        quota.policy());
  }
}
