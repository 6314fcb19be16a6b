package io.gatehouse.core.limit;

import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Inbound;
import io.gatehouse.Outcome;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.limit.Charge;
import io.gatehouse.limit.Decision;
import io.gatehouse.limit.EndpointCharges;
import io.gatehouse.limit.RateLimiter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Charges a request's limits, all levels and periods in one decision. What it took is given back when a later gate
 * refuses, so that a user out of quota does not lose rate as well; and permits for requests under way when the answer is
 * complete. Limits in the shadow are charged for what the others let pass. Which endpoint covers a request is stated in the
 * passage before anything is charged, so it is known of refused requests too. Where an earlier gate has stated it, that
 * endpoint is charged, whatever the path of the request.
 */
public final class LimitGate implements Gate {

  private final RateLimiter limiter;
  private final Tariff anonymous;

  /** A gate at which requests are free of which nobody knows who sent them. */
  public LimitGate(RateLimiter limiter) {
    this(limiter, Tariff.FREE);
  }

  /**
   * A gate.
   *
   * @param anonymous what requests cost of which nobody knows who sent them
   */
  public LimitGate(RateLimiter limiter, Tariff anonymous) {
    this.limiter = limiter;
    this.anonymous = anonymous;
  }

  @Override
  public Optional<Refusal> check(Passage passage) {
    Optional<Entitlement> entitlement = passage.entitlement();
    EndpointCharges endpoint = endpointOf(entitlement, passage);
    if (endpoint != null) {
      passage.cover(endpoint.endpoint().name());
    }
    List<Charge> all = chargesOf(entitlement, endpoint);
    List<Charge> charges = Shadows.enforced(all);
    if (!charges.isEmpty()) {
      Map<String, String> fields = fieldsOf(entitlement, endpoint);
      if (!fields.isEmpty()) {
        passage.tell(fields::forEach);
      }
      Decision decision = limiter.tryAcquire(charges);
      if (decision instanceof Decision.Denied denied) {
        passage.tell(new LimitFields(denied));
        return Optional.of(LimitFields.refusal(denied));
      }
      Taken taken = new Taken(limiter, charges, decision);
      passage.tell(taken);
      passage.leave(taken);
    }
    if (charges.size() < all.size()) {
      Shadows.charge(limiter, all, passage, passage::whenRefused);
    }
    return Optional.empty();
  }

  /**
   * What was taken, as the answer tells of it, and goes back: all of it if a later gate refuses, what is held when the
   * answer is complete. One object for both, because every request has one.
   */
  private record Taken(RateLimiter limiter, List<Charge> charges, Decision decision)
      implements Passage.Duty, Passage.Fields {

    @Override
    public void writeTo(BiConsumer<String, String> answer) {
      new LimitFields(decision).writeTo(answer);
    }

    @Override
    public void refused() {
      limiter.giveBack(charges);
    }

    @Override
    public void complete(Outcome outcome) {
      List<Charge> held = Held.of(charges);
      if (!held.isEmpty()) {
        limiter.giveBack(held);
      }
    }
  }

  /** The endpoint that was stated, if any was, or else the first that covers the request. */
  private @Nullable EndpointCharges endpointOf(Optional<Entitlement> entitlement, Passage passage) {
    String stated = passage.endpoint();
    Inbound request = passage.inbound();
    for (EndpointCharges each : endpointsOf(entitlement)) {
      boolean covers = stated.isEmpty()
          ? each.endpoint().covers(request.method(), request.target())
          : each.endpoint().name().equals(stated);
      if (covers) {
        return each;
      }
    }
    return null;
  }

  private List<EndpointCharges> endpointsOf(Optional<Entitlement> entitlement) {
    return entitlement.isPresent() ? entitlement.get().endpoints() : anonymous.endpoints();
  }

  private List<Charge> chargesOf(Optional<Entitlement> entitlement, @Nullable EndpointCharges endpoint) {
    if (endpoint != null) {
      return endpoint.charges();
    }
    return entitlement.isPresent() ? entitlement.get().charges() : anonymous.charges();
  }

  /** What is still to be said of the rules: the fields of an entitlement are in the passage already. */
  private Map<String, String> fieldsOf(Optional<Entitlement> entitlement, @Nullable EndpointCharges endpoint) {
    if (endpoint != null) {
      return endpoint.responseHeaders();
    }
    if (entitlement.isEmpty()) {
      return anonymous.responseHeaders();
    }
    // An entitlement that was not compiled by us may lack the list of its rules.
    return entitlement.get().responseHeaders().containsKey(PolicyFields.FIELDS.policyField())
        ? Map.of()
        : PolicyFields.of(
            List.of(), entitlement.get().charges(), entitlement.get().quotas(), entitlement.get().keyQuotas());
  }

  @Override
  public Finding preview(Passage passage) {
    Optional<Entitlement> entitlement = passage.entitlement();
    List<Charge> charges = chargesOf(entitlement, endpointOf(entitlement, passage));
    if (charges.isEmpty()) {
      return entitlement.isPresent()
          ? new Finding.Passes("", "no limits", List.of())
          : new Finding.NotAsked("Nobody is known.");
    }
    return LimitPreview.of(limiter, charges);
  }

  @Override
  public String name() {
    return "limits";
  }
}
