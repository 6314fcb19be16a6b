package io.gatehouse.core.access;

import io.gatehouse.Entitlement;
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

  @Override
  public Optional<Refusal> check(Passage passage) {
    List<Cidr> networks = passage.entitlement().map(Entitlement::networks).orElse(List.of());
    if (networks.isEmpty()) {
      return Optional.empty();
    }
    InetAddress client = passage.inbound().clientAddress();
    for (Cidr network : networks) {
      if (network.contains(client)) {
        return Optional.empty();
      }
    }
    return Optional.of(
        new Refusal(
            Refusal.Reason.ADDRESS_FORBIDDEN,
            "This key may not be used from this address.",
            Duration.ZERO,
            "ip-whitelist"));
  }
}
