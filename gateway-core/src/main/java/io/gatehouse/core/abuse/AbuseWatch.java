package io.gatehouse.core.abuse;

import io.gatehouse.Observer;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.Subject;
import io.gatehouse.access.AddressRules;
import io.gatehouse.access.Block.Kind;
import io.gatehouse.access.Cidr;
import io.gatehouse.core.abuse.Offence.Cause;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Notices callers who misbehave, and has them suspended: addresses that send many keys that are none, addresses that go on
 * although they are no longer listened to (see {@link Refusal.Reason#ABNORMAL_USAGE}), keys that are refused again and again,
 * and keys that are suddenly used many times as often as before. Without rules it notices nothing.
 *
 * <p>Counts on this node, in buckets that fill again evenly within a minute. Refusals for which nobody is to blame, because a
 * store is away, do not count; nor do those of keys at foreign addresses against the key, which only the address is to blame
 * for.
 *
 * <p>Any number of threads. Does not block.
 */
public final class AbuseWatch implements Observer {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final RateLimiter limiter;
  private final Suspensions suspensions;
  private final InstantSource clock;
  private final Paces paces = new Paces();
  private volatile @Nullable Rules rules;

  /**
   * What is noticed. A number of 0 switches a rule off.
   *
   * @param badKeysPerMinute how many keys that are none an address may send
   * @param keyRefusalsPerMinute how often a key may be refused
   * @param spikeFactor how many times its average a key may be used in a minute
   * @param spikeRequests how often it may be used in a minute in any case
   * @param exempt networks that nobody is suspended from
   * @param ipv6Prefix how many bits of an IPv6 address make one client, 1 to 128; all of it is suspended
   */
  public record Rules(
      long badKeysPerMinute,
      long keyRefusalsPerMinute,
      long spikeFactor,
      long spikeRequests,
      List<Cidr> exempt,
      int ipv6Prefix) {

    public Rules {
      requireCount("badKeysPerMinute", badKeysPerMinute);
      requireCount("keyRefusalsPerMinute", keyRefusalsPerMinute);
      requireCount("spikeFactor", spikeFactor);
      requireCount("spikeRequests", spikeRequests);
      exempt = List.copyOf(exempt);
      if (ipv6Prefix < 1 || ipv6Prefix > 128) {
        throw new IllegalArgumentException("ipv6Prefix: " + ipv6Prefix + " (expected: 1 to 128)");
      }
    }

    private static void requireCount(String name, long value) {
      if (value < 0 || value > 1_000_000_000) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: 0 to 10^9)");
      }
    }
  }

  /**
   * A watch that notices nothing yet.
   *
   * @param limiter in memory; what counts offences
   */
  public AbuseWatch(RateLimiter limiter, Suspensions suspensions, InstantSource clock) {
    this.limiter = Objects.requireNonNull(limiter, "limiter");
    this.suspensions = Objects.requireNonNull(suspensions, "suspensions");
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  /** Goes by these rules from now on; empty: notices nothing. */
  public void become(Optional<Rules> changed) {
    rules = changed.orElse(null);
  }

  @Override
  public void refused(Passage passage, Refusal refusal) {
    Rules now = rules;
    if (now == null) {
      return;
    }
    switch (refusal.reason()) {
      case KEY_UNKNOWN, KEY_MALFORMED -> badKey(now, passage.inbound().clientAddress());
      case ABNORMAL_USAGE -> suspendAddress(
          now, passage.inbound().clientAddress(), Cause.ADDRESS_REFUSALS, "went on after too many refusals");
      case SCOPE_MISSING, NO_ROUTE, FORBIDDEN, RATE_LIMITED, QUOTA_EXHAUSTED, STORAGE_EXHAUSTED ->
          passage.subject().ifPresent(subject -> keyRefused(now, subject));
      default -> { }
    }
  }

  @Override
  public void completed(Passage passage, Outcome outcome) {
    Rules now = rules;
    if (now != null && now.spikeFactor > 0) {
      passage.subject().ifPresent(subject -> used(now, subject));
    }
  }

  private void badKey(Rules now, InetAddress address) {
    long most = now.badKeysPerMinute;
    if (most > 0 && exceeded("bad-keys", Cidr.client(address, now.ipv6Prefix), most)) {
      suspendAddress(now, address, Cause.BAD_KEYS, "more than " + most + " keys in a minute that are none");
    }
  }

  private void keyRefused(Rules now, Subject subject) {
    if (now.spikeFactor > 0) {
      used(now, subject);
    }
    long most = now.keyRefusalsPerMinute;
    if (most > 0 && exceeded("refusals", subject.key(), most)) {
      suspendKey(subject, Cause.KEY_REFUSALS, "more than " + most + " refusals in a minute");
    }
  }

  private void used(Rules now, Subject subject) {
    OptionalLong average =
        paces.count(subject.key(), clock.millis() / 60_000, new Paces.Rule(now.spikeFactor, now.spikeRequests));
    if (average.isPresent()) {
      suspendKey(
          subject, Cause.SPIKE,
          "more than " + now.spikeFactor + " times as many requests in a minute as on average, " + average.getAsLong());
    }
  }

  private boolean exceeded(String rule, String who, long most) {
    Limit limit = new Limit(most, MINUTE, most);
    return limiter.tryAcquire(List.of(new Charge(rule, rule + ":" + who, limit, 1))) instanceof Decision.Denied;
  }

  private void suspendAddress(Rules now, InetAddress address, Cause cause, String reason) {
    Cidr client = Cidr.parse(Cidr.client(address, now.ipv6Prefix));
    if (!exempt(now.exempt, address, client)) {
      suspensions.suspend(new Offence(Kind.NETWORK, client.toString(), cause, reason, clock.instant()));
    }
  }

  /** Also one that shares its network with somebody who is exempt: all of that would be suspended. */
  private static boolean exempt(List<Cidr> exempt, InetAddress address, Cidr client) {
    return AddressRules.cover(exempt, address)
        || exempt.stream().anyMatch(each -> client.contains(each.network()));
  }

  private void suspendKey(Subject subject, Cause cause, String reason) {
    suspensions.suspend(new Offence(Kind.KEY, subject.key(), cause, reason, clock.instant()));
  }
}
