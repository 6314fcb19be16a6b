package io.gatehouse.core.limit;

import io.gatehouse.access.Cidr;
import java.net.InetAddress;

/**
 * Tells one client from another by the address. An IPv6 client owns at least a /64 and would otherwise be as many clients
 * as it likes; its network is the client. What stands for an IPv4 address is that client, however it came.
 */
final class Clients {

  private final int ipv6Prefix;

  /** @param ipv6Prefix how many bits of an IPv6 address make one client, 1 to 128 */
  Clients(int ipv6Prefix) {
    this.ipv6Prefix = ipv6Prefix;
  }

  /** The name of the client behind an address. */
  String of(InetAddress address) {
    InetAddress folded = Cidr.folded(address);
    return folded.getAddress().length == 4 ? folded.getHostAddress() : new Cidr(folded, ipv6Prefix).toString();
  }
}
