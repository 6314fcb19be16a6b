package io.gatehouse.access;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * From where a caller may come. What is denied is asked first; then every list that is not empty has to name the
 * address.
 *
 * @param denied from where the user may not call, whatever else is said
 * @param ofUser from where the user may call; empty: from everywhere
 * @param ofKey from where this key may be used; empty: from everywhere
 */
public record AddressRules(List<Cidr> denied, List<Cidr> ofUser, List<Cidr> ofKey) {

  /** From everywhere. */
  public static final AddressRules NONE = new AddressRules(List.of(), List.of(), List.of());

  public AddressRules {
    denied = List.copyOf(denied);
    ofUser = List.copyOf(ofUser);
    ofKey = List.copyOf(ofKey);
  }

  /** From these networks only, or from everywhere when there are none. */
  public static AddressRules within(List<Cidr> networks) {
    return networks.isEmpty() ? NONE : new AddressRules(List.of(), networks, List.of());
  }

  /** Whether every address may come in. */
  public boolean isEmpty() {
    return denied.isEmpty() && ofUser.isEmpty() && ofKey.isEmpty();
  }

  /** Whether an address lies in one of some networks. Allocates nothing for an IPv4 address. */
  public static boolean cover(List<Cidr> networks, InetAddress address) {
    for (int i = 0; i < networks.size(); i++) {
      if (networks.get(i).contains(address)) {
        return true;
      }
    }
    return false;
  }

  /** The first of some networks that an address lies in. */
  public static Optional<Cidr> covering(List<Cidr> networks, InetAddress address) {
    for (Cidr network : networks) {
      if (network.contains(address)) {
        return Optional.of(network);
      }
    }
    return Optional.empty();
  }
}
