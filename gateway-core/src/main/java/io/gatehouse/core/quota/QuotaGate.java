package io.gatehouse.core.quota;

import io.gatehouse.Dispatch;
import io.gatehouse.Enforcement;
import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.RateLimitFields;
import io.gatehouse.Refusal;
import io.gatehouse.Standing;
import io.gatehouse.StoreException;
import io.gatehouse.quota.Beyond;
import io.gatehouse.quota.BillingCalendar;
import io.gatehouse.quota.Claim;
import io.gatehouse.quota.Meter;
import io.gatehouse.quota.Quota;
import io.gatehouse.quota.QuotaDecision;
import io.gatehouse.quota.QuotaKey;
import io.gatehouse.quota.QuotaOwner;
import io.gatehouse.quota.QuotaPeriods;
import io.gatehouse.quota.QuotaStore;
import io.gatehouse.quota.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts requests and bytes of every caller per day and month, and whatever else a quota of theirs names; refuses when a
 * quota is used up. A key that has quotas of its own is counted beside its user, for what they name.
 *
 * <p>A request and the declared length of its body are reserved on the way in, all quotas in one decision.
 * What is transferred is told while it is under way, and settled when the answer is complete: also that of an
 * answer that broke off. A request that no backend could answer is given back. What is not known before, the
 * length of an answer and the size of an image unless a gate before has estimated it
 * ({@link Dispatch#pixels}), is reserved as one, so that a full quota refuses.
 *
 * <p>A quota of bytes is overrun at most by the answers that are under way when it is used up, as far as they go; by
 * {@link WhenExhausted#CUT}, by as much of each as is transferred between two tellings.
 *
 * <p>Quotas in the shadow are reserved and settled in the same way, each by itself and for what the others let pass.
 * Stored bytes are no matter of requests: see {@link StoredBytes}.
 */
public final class QuotaGate implements Gate {

  /** Is told what the count of a quota with a say holds, whenever a request has changed it; must not block. */
  @FunctionalInterface
  public interface Watch {
    void saw(QuotaKey key, Quota quota, long used);
  }

  /** What the owners of shadow counts begin with. */
  private static final String SHADOW_OWNER = "shadow:";

  /** What is counted without a quota, too. */
  private static final List<Meter> ALWAYS = List.of(Meter.REQUESTS, Meter.BYTES);

  private static final Logger log = LoggerFactory.getLogger(QuotaGate.class);

  private final QuotaStore store;
  private final QuotaPeriods defaultPeriods;
  private final Reservation.Books books;
  private final Reservation.Books shadowBooks;
  private final InstantSource clock;

  /**
   * A gate.
   *
   * @param calendar of callers whose entitlement names no periods
   */
  public QuotaGate(
      QuotaStore store, BillingCalendar calendar, WhenExhausted whenExhausted, Watch watch, InstantSource clock) {
    this.store = store;
    this.defaultPeriods = new QuotaPeriods(calendar);
    this.books = new Reservation.Books(store, watch, whenExhausted == WhenExhausted.CUT);
    this.shadowBooks = new Reservation.Books(store, watch, false);
    this.clock = clock;
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    Optional<Entitlement> entitlement = passage.entitlement();
    if (entitlement.isEmpty()) {
      return Optional.empty();
    }
    Running running = running(entitlement.get());
    long body = passage.inbound().contentLength();
    long pixels = pixels(passage);
    Parts parts = running.parts(body, pixels);
    if (store.addWithin(parts.claims()) instanceof QuotaDecision.Exhausted exhausted) {
      Account account = running.accountOf(exhausted.claim());
      Quota quota = account.quotaOn(exhausted.claim());
      long left = Math.max(0, quota.ceiling() - exhausted.used());
      Duration rest = rest(account, quota);
      passage.tell(
          answer -> RateLimitFields.DRAFT_10.write(answer, account.policy(quota), quota.ceiling(), left, rest, rest));
      running.counted = true;
      return Optional.of(refusal(account, quota));
    }
    running.counted = true;
    passage.leave(new Reservation(books, parts.all()));
    for (Account account : running.accounts) {
      for (Quota quota : account.quotas) {
        if (quota.isShadow()) {
          reserveInShadow(passage, running, account, quota, amount(quota.meter(), body, pixels));
        }
      }
    }
    return Optional.empty();
  }

  private void reserveInShadow(
      Passage passage, Running running, Account account, Quota quota, Optional<Long> amount) {
    if (amount.isEmpty()) {
      return;
    }
    Claim claim = new Claim(account.keyAt(running.begin, quota), amount.get(), quota.ceiling());
    try {
      if (store.addWithin(List.of(claim)) instanceof QuotaDecision.Exhausted) {
        passage.wouldRefuse(refusal(account, quota));
      } else {
        passage.leave(new Reservation(shadowBooks, List.of(new Reservation.Part(claim, Optional.empty()))));
      }
    } catch (StoreException e) {
      // What only counts must not refuse; what it would have said is not known.
      log.debug("The shadow {} could not be charged: {}", account.policy(quota), e.getMessage());
    }
  }

  /** Whether all was counted before that a request of this caller counts, in the same periods. Does not block. */
  public boolean hasCounted(Entitlement entitlement) {
    Running known = entitlement.periods().orElse(defaultPeriods).kept(Running.class);
    return known != null && known.entitlement == entitlement && known.counted && known.holdsAt(clock.millis());
  }

  @Override
  public Finding preview(Passage passage) {
    if (passage.entitlement().isEmpty()) {
      return new Finding.NotAsked("Nobody is known.");
    }
    Running running = running(passage.entitlement().get());
    long body = passage.inbound().contentLength();
    long pixels = pixels(passage);
    List<Standing> standings = new ArrayList<>();
    for (Account account : running.accounts) {
      for (Quota quota : account.quotas) {
        standings.add(standing(running, account, quota, amount(quota.meter(), body, pixels)));
      }
    }
    if (store.peek(running.parts(body, pixels).claims()) instanceof QuotaDecision.Exhausted exhausted) {
      Account account = running.accountOf(exhausted.claim());
      return new Finding.Refuses(refusal(account, account.quotaOn(exhausted.claim())), standings);
    }
    return standings.stream()
        .filter(standing -> standing.enforcement() == Enforcement.ENFORCED && standing.beyond() == Beyond.HARD)
        .min(Comparator.comparingDouble(standing -> (double) standing.remaining() / Math.max(1, standing.most())))
        .map(tightest -> new Finding.Passes(
            tightest.policy(), tightest.remaining() + " of " + tightest.most() + " left", standings))
        .orElseGet(() -> new Finding.Passes("", "no quotas that refuse", standings));
  }

  @Override
  public String name() {
    return "quota";
  }

  private Standing standing(Running running, Account account, Quota quota, Optional<Long> wanted) {
    QuotaKey key = account.keyAt(running.begin, quota);
    long used = store.used(key);
    boolean refuses = wanted
        .map(amount -> !new Claim(key, amount, quota.ceiling()).fits(used))
        .orElse(false);
    return new Standing(
        account.policy(quota),
        quota.meter(),
        quota.most(),
        Math.max(0, quota.most() - used),
        rest(account, quota),
        refuses,
        quota.enforcement(),
        quota.beyond());
  }

  /** What is counted for a caller now: the same for all requests until the first of the periods is over. */
  private Running running(Entitlement entitlement) {
    QuotaPeriods periods = entitlement.periods().orElse(defaultPeriods);
    Running known = periods.kept(Running.class);
    long now = clock.millis();
    if (known != null && known.entitlement == entitlement && known.holdsAt(now)) {
      return known;
    }
    Running fresh = new Running(entitlement, periods, Instant.ofEpochMilli(now));
    periods.keep(fresh);
    return fresh;
  }

  private static long pixels(Passage passage) {
    Optional<Dispatch> dispatch = passage.dispatch();
    return dispatch.isPresent() ? Math.max(1, dispatch.get().pixels()) : 1;
  }

  private Duration rest(Account account, Quota quota) {
    return account.periods.restAt(clock.instant(), quota.window());
  }

  private Refusal refusal(Account account, Quota quota) {
    String most = quota.meter().text(quota.ceiling());
    return new Refusal(
        Refusal.Reason.QUOTA_EXHAUSTED,
        "The quota " + account.policy(quota) + " of " + most + " is used up until its period ends.",
        rest(account, quota),
        account.policy(quota));
  }

  /**
   * What a request takes of a count before it is known how it ends: at least one of what is not known, so that a full
   * quota refuses. Empty where a request takes nothing.
   *
   * @param body the declared length of the body, -1 when it is not declared
   * @param pixels of the image, 1 or more
   */
  private static Optional<Long> amount(Meter meter, long body, long pixels) {
    return switch (meter) {
      case REQUESTS, RESPONSE_BYTES -> Optional.of(1L);
      case PIXELS -> Optional.of(pixels);
      case BYTES -> Optional.of(Math.max(1, body));
      // Whoever has used up what they may send may still fetch.
      case REQUEST_BYTES -> body == 0 ? Optional.empty() : Optional.of(Math.max(1, body));
      case STORED_BYTES -> Optional.empty();
    };
  }

  /** What one request claims, as a whole and claim by claim. */
  private record Parts(List<Reservation.Part> all, List<Claim> claims) {
    Parts(List<Reservation.Part> all) {
      this(List.copyOf(all), all.stream().map(Reservation.Part::claim).toList());
    }
  }

  /** What one owner may use, and where it is counted: the user, or the key beside the user. */
  private record Account(QuotaOwner owner, String text, List<Quota> quotas, QuotaPeriods periods) {

    Account(QuotaOwner owner, List<Quota> quotas, QuotaPeriods periods) {
      this(owner, owner.text(), quotas, periods);
    }

    String policy(Quota quota) {
      return owner.policy(quota);
    }

    /** The quota that a claim was refused for. */
    Quota quotaOn(Claim claim) {
      return quota(claim.key().meter(), claim.key().window()).orElseThrow();
    }

    Optional<Quota> quota(Meter meter, Window window) {
      for (Quota quota : quotas) {
        if (quota.meter() == meter && quota.window() == window && !quota.isShadow()) {
          return Optional.of(quota);
        }
      }
      return Optional.empty();
    }

    /** A shadow has a count of its own: had the quota refused, what it refused would not have been used. */
    QuotaKey keyAt(Instant moment, Quota quota) {
      String whose = quota.isShadow() ? SHADOW_OWNER + text : text;
      return periods.keyAt(moment, whose, quota.meter(), quota.window());
    }

    /** Adds what a request claims in a window of this owner's; of these meters without a quota, too. */
    void addTo(
        List<Reservation.Part> parts, Instant moment, Window window, List<Meter> always, long body, long pixels) {
      LocalDate start = window.startAt(moment, periods.calendar());
      for (Meter meter : always) {
        amount(meter, body, pixels)
            .ifPresent(amount -> add(parts, meter, window, start, quota(meter, window), amount));
      }
      for (Quota quota : quotas) {
        if (quota.window() == window && !quota.isShadow() && !always.contains(quota.meter())) {
          amount(quota.meter(), body, pixels)
              .ifPresent(amount -> add(parts, quota.meter(), window, start, Optional.of(quota), amount));
        }
      }
    }

    private void add(
        List<Reservation.Part> parts, Meter meter, Window window, LocalDate start, Optional<Quota> quota, long amount) {
      long most = quota.isPresent() ? quota.get().ceiling() : Quota.UNCAPPED;
      parts.add(new Reservation.Part(new Claim(periods.key(text, meter, window, start), amount, most), quota));
    }
  }

  /** One caller in a day and month. */
  private static final class Running {
    private final Entitlement entitlement;

    /** The user's, then the key's if it has one. */
    private final List<Account> accounts;

    private final Instant begin;

    /** From when to before when it holds, in milliseconds since 1970. */
    private final long beginMillis;

    private final long endMillis;
    private final Parts withoutBody;

    /** Whether the store was asked already. */
    private volatile boolean counted;

    Running(Entitlement entitlement, QuotaPeriods periods, Instant now) {
      this.entitlement = entitlement;
      Account user = new Account(QuotaOwner.ofUser(entitlement.subject().user()), entitlement.quotas(), periods);
      this.accounts = entitlement.keyQuotas()
          .map(own -> List.of(user, new Account(own.owner(), own.quotas(), own.periods())))
          .orElseGet(() -> List.of(user));
      this.begin = now;
      this.beginMillis = now.toEpochMilli();
      // A month ends where a day does.
      this.endMillis = now.plus(periods.restAt(now, Window.DAY)).toEpochMilli();
      this.withoutBody = new Parts(partsOf(0, 1));
    }

    boolean holdsAt(long millis) {
      return millis >= beginMillis && millis < endMillis;
    }

    Parts parts(long body, long pixels) {
      return body == 0 && pixels == 1 ? withoutBody : new Parts(partsOf(body, pixels));
    }

    private List<Reservation.Part> partsOf(long body, long pixels) {
      List<Reservation.Part> parts = new ArrayList<>(4);
      for (int i = 0; i < accounts.size(); i++) {
        List<Meter> always = i == 0 ? ALWAYS : List.of();
        accounts.get(i).addTo(parts, begin, Window.DAY, always, body, pixels);
        accounts.get(i).addTo(parts, begin, Window.MONTH, always, body, pixels);
      }
      return parts;
    }

    /** Whose claim it is. */
    Account accountOf(Claim claim) {
      Account last = accounts.get(accounts.size() - 1);
      return claim.key().owner().equals(last.text) ? last : accounts.get(0);
    }
  }
}
