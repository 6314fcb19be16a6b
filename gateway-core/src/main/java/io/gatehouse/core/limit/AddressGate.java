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
  private final List<Limit> limits;
  private final Clients clients;
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
    this.limits = List.copyOf(limits);
    this.clients = new Clients(ipv6Prefix);
    this.policies = PolicyFields.of(limits, List.of(), List.of());
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    List<Charge> all = charges(passage);
    List<Charge> charges = Shadows.enforced(all);
    if (!charges.isEmpty()) {
      if (limiter.tryAcquire(charges) instanceof Decision.Denied denied) {
        passage.tell(policies::forEach);
        passage.tell(new LimitFields(denied));
        return Optional.of(LimitFields.refusal(denied));
      }
      Held.release(limiter, Held.of(charges), passage);
    }
    if (charges.size() < all.size()) {
      Shadows.charge(limiter, all, passage, giveBack -> {});
    }
    return Optional.empty();
  }

  @Override
  public Finding preview(Passage passage) {
    return LimitPreview.of(limiter, charges(passage));
  }

  @Override
  public String name() {
    return "address-limit";
  }

  private List<Charge> charges(Passage passage) {
    return LimitPlan.charges(LEVEL, LEVEL + ":" + clients.of(passage.inbound().clientAddress()), limits);
  }
}
