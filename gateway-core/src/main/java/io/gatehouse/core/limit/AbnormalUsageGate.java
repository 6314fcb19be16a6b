package io.gatehouse.core.limit;

import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Observer;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Listens no more to clients that are refused too often: with bad keys, or because they go on beyond their limits. As an
 * observer it counts the refusals of each client address, whatever gate refused; as the first gate of all it refuses at
 * once whoever has had too many. Without I/O.
 *
 * <p>Refusals are a bucket like requests are, but it may go a tenth into debt: a client is out after the refusals of a
 * minute at once, and comes in again when the tenth is paid back, six seconds after it has stopped. The refusals of this
 * gate count as well, so a client that never stops never comes in. Refusals for which a client is not to blame, because a
 * store is away, do not count.
 */
public final class AbnormalUsageGate implements Gate, Observer {

  private static final String POLICY = "refusals-minute";
  private static final int DEBT = 10;

  private final RateLimiter limiter;
  private final long perMinute;
  private final Clients<Refusals> clients;

  /**
   * A gate, which must be told of refusals too.
   *
   * @param limiter in memory; this gate runs for requests that nobody answers for
   * @param perMinute how many refusals a client may have in a minute, 1 to 2^52
   * @param ipv6Prefix how many bits of an IPv6 address make one client, 1 to 128
   */
  public AbnormalUsageGate(RateLimiter limiter, long perMinute, int ipv6Prefix) {
    if (perMinute < 1 || perMinute > Limit.MOST / 2) {
      throw new IllegalArgumentException("perMinute: " + perMinute + " (expected: 1 to 2^52)");
    }
    this.limiter = limiter;
    this.perMinute = perMinute;
    long debt = Math.max(1, perMinute / DEBT);
    Limit limit = new Limit(perMinute, Duration.ofMinutes(1), perMinute + debt);
    this.clients = new Clients<>(ipv6Prefix, client -> Refusals.of("refused:" + client, limit, debt));
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    return limiter.peek(of(passage).withinDebt) instanceof Decision.Denied denied
        ? Optional.of(refusal(denied))
        : Optional.empty();
  }

  @Override
  public Finding preview(Passage passage) {
    Optional<Refusal> refusal = check(passage);
    return refusal.isPresent()
        ? new Finding.Refuses(refusal.get(), List.of())
        : new Finding.Passes("", "at most " + perMinute + " refusals in the last minute", List.of());
  }

  /** Takes what room there is for one more refusal. */
  @Override
  public void refused(Passage passage, Refusal refusal) {
    switch (refusal.reason()) {
      case STORE_UNAVAILABLE, REDUCED_CAPACITY -> { }
      default -> limiter.tryAcquire(of(passage).one);
    }
  }

  @Override
  public String name() {
    return "abnormal-usage";
  }

  private Refusals of(Passage passage) {
    return clients.of(passage.inbound().clientAddress());
  }

  /**
   * The charges of one client.
   *
   * @param withinDebt there is room for this while the client is listened to
   * @param one of one refusal
   */
  private record Refusals(List<Charge> withinDebt, List<Charge> one) {
    static Refusals of(String bucket, Limit limit, long debt) {
      return new Refusals(
          List.of(new Charge(POLICY, bucket, limit, debt)), List.of(new Charge(POLICY, bucket, limit, 1)));
    }
  }

  private static Refusal refusal(Decision.Denied denied) {
    return new Refusal(
        Refusal.Reason.ABNORMAL_USAGE,
        "Too many requests of this client were refused.",
        LimitFields.rounded(denied.retryAfterNanos()),
        POLICY);
  }
}
