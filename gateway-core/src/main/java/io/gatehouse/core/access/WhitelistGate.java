package io.gatehouse.core.access;

import io.gatehouse.Entitlement;
import io.gatehouse.Finding;
import io.gatehouse.Gate;
import io.gatehouse.Passage;
import io.gatehouse.Refusal;
import io.gatehouse.access.AddressRules;
import io.gatehouse.access.Cidr;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a caller whose address is denied, or outside all networks of the user or of the key. The caller is told the same
 * whichever it was. Without networks every address may come in.
 */
public final class WhitelistGate implements Gate {

  private static final String DENIED = "ip-denylist";
  private static final String OUTSIDE = "ip-whitelist";
  private static final String OUTSIDE_OF_KEY = "key-networks";

  @Override
  public Optional<Refusal> check(Passage passage) {
    Optional<Entitlement> entitlement = passage.entitlement();
    AddressRules rules = entitlement.isPresent() ? entitlement.get().addresses() : AddressRules.NONE;
    if (rules.isEmpty()) {
      return Optional.empty();
    }
    String broken = broken(rules, passage.inbound().clientAddress());
    return broken == null
        ? Optional.empty()
        : Optional.of(
            new Refusal(
                Refusal.Reason.ADDRESS_FORBIDDEN,
                "This key may not be used from this address.",
                Duration.ZERO,
                broken));
  }

  /** The rule that an address breaks. */
  private static @Nullable String broken(AddressRules rules, InetAddress client) {
    if (AddressRules.cover(rules.denied(), client)) {
      return DENIED;
    }
    if (outside(rules.ofUser(), client)) {
      return OUTSIDE;
    }
    return outside(rules.ofKey(), client) ? OUTSIDE_OF_KEY : null;
  }

  private static boolean outside(List<Cidr> networks, InetAddress client) {
    return !networks.isEmpty() && !AddressRules.cover(networks, client);
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
    AddressRules rules = entitlement.get().addresses();
    InetAddress client = passage.inbound().clientAddress();
    StringJoiner why = new StringJoiner(", ").setEmptyValue("no networks: every address may come in");
    if (!rules.denied().isEmpty()) {
      why.add("not denied");
    }
    AddressRules.covering(rules.ofUser(), client).ifPresent(network -> why.add("from " + network));
    AddressRules.covering(rules.ofKey(), client).ifPresent(network -> why.add("from " + network + " of the key"));
    return new Finding.Passes(rules.isEmpty() ? "" : OUTSIDE, why.toString(), List.of());
  }

  @Override
  public String name() {
    return "whitelist";
  }
}
