package io.gatehouse.core.access;

import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.access.Cidr;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Refuses a caller whose address is outside all of their networks. Without networks every address may come in. */
public final class WhitelistGate implements Gate {

  private static final String RULE = "ip-whitelist";

  @Override
  public Optional<Refusal> check(Passage passage) {
    Optional<Entitlement> entitlement = passage.entitlement();
    List<Cidr> networks = entitlement.isPresent() ? entitlement.get().networks() : List.of();
    if (networks.isEmpty() || covering(networks, passage).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        new Refusal(
            Refusal.Reason.ADDRESS_FORBIDDEN,
            "This key may not be used from this address.",
            Duration.ZERO,
            RULE));
  }

  @Override
  public Finding preview(Passage passage) {
    Optional<Entitlement> entitlement = passage.entitlement();
    if (entitlement.isEmpty()) {
      return new Finding.NotAsked("Nobody is known.");
    }
    Optional<Refusal> refusal = check(passage);
    if (refusal.isPresent()) {
      return new Finding.Refuses(refusal.get(), List.of());
    }
    return covering(entitlement.get().networks(), passage)
        .map(network -> new Finding.Passes(RULE, "from " + network, List.of()))
        .orElseGet(() -> new Finding.Passes("", "no networks: every address may come in", List.of()));
  }

  private static Optional<Cidr> covering(List<Cidr> networks, Passage passage) {
    InetAddress client = passage.inbound().clientAddress();
    for (Cidr network : networks) {
      if (network.contains(client)) {
        return Optional.of(network);
      }
    }
    return Optional.empty();
  }

  @Override
  public String name() {
    return "whitelist";
  }
}
