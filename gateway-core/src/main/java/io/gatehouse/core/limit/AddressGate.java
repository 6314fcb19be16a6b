package io.gatehouse.core.limit;

import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.Limit;
import io.gatehouse.limit.RateLimiter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Limits requests per client address, before anything is known of the caller and without I/O. It protects the gates
 * behind it, so what it took is not given back when one of them refuses, but for permits for requests under way.
 */
public final class AddressGate implements Gate {

  static final String LEVEL = "ip";

  private final RateLimiter limiter;
  private final Clients<Toll> clients;
  private final Map<String, String> policies;

  /**
   * A gate.
   *
   * @param limiter in memory; this gate runs for requests that nobody answers for
   * @param limits one or more
   * @param ipv6Prefix how many bits of an IPv6 address make one client, 1 to 128
   */
  public AddressGate(RateLimiter limiter, List<Limit> limits, int ipv6Prefix) {
    this.limiter = limiter;
    List<Limit> all = List.copyOf(limits);
    this.clients = new Clients<>(ipv6Prefix, client -> Toll.of(LimitPlan.charges(LEVEL, LEVEL + ":" + client, all)));
    this.policies = PolicyFields.of(limits, List.of());
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    Toll toll = of(passage);
    if (!toll.enforced.isEmpty()) {
      if (limiter.tryAcquire(toll.enforced) instanceof Decision.Denied denied) {
        passage.tell(policies::forEach);
        passage.tell(new LimitFields(denied));
        return Optional.of(LimitFields.refusal(denied));
      }
      Held.release(limiter, toll.held, passage);
    }
    if (toll.enforced.size() < toll.all.size()) {
      Shadows.charge(limiter, toll.all, passage, giveBack -> {});
    }
    return Optional.empty();
  }

  @Override
  public Finding preview(Passage passage) {
    return LimitPreview.of(limiter, of(passage).all);
  }

  @Override
  public String name() {
    return "address-limit";
  }

  private Toll of(Passage passage) {
    return clients.of(passage.inbound().clientAddress());
  }

  /** The charges of one client, and which of them have a say and are held. */
  private record Toll(List<Charge> all, List<Charge> enforced, List<Charge> held) {
    static Toll of(List<Charge> all) {
      List<Charge> enforced = Shadows.enforced(all);
      return new Toll(all, enforced, Held.of(enforced));
    }
  }
}
