package io.gatehouse.jetty.filter;

import io.gatehouse.access.Cidr;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Finds the client's address. It is the peer's, unless the peer is a trusted proxy: then {@code X-Forwarded-For} is
 * walked from the right, past every trusted address, to the first that is not. What stands further left was written by
 * somebody whom nobody vouches for. A value that is not an address ends the walk at the last address that was one.
 *
 * <p>Immutable; never looks up a name.
 */
public final class TrustedProxies {

  /** So many entries are looked at; a longer list comes from somebody who is trying something. */
  private static final int MOST_HOPS = 32;

  private final List<Cidr> networks;

  public TrustedProxies(List<Cidr> networks) {
    this.networks = List.copyOf(networks);
  }

  InetAddress clientOf(HttpServletRequest request) {
    InetAddress client = Cidr.address(withoutBrackets(request.getRemoteAddr()));
    if (networks.isEmpty() || !trusted(client)) {
      return client;
    }
    for (String hop : hopsFromTheRight(request)) {
      try {
        client = Cidr.address(withoutPort(hop));
      } catch (IllegalArgumentException e) {
        return client;
      }
      if (!trusted(client)) {
        return client;
      }
    }
    return client;
  }

  private boolean trusted(InetAddress address) {
    for (Cidr network : networks) {
      if (network.contains(address)) {
        return true;
      }
    }
    return false;
  }

  private static List<String> hopsFromTheRight(HttpServletRequest request) {
    List<String> hops = new ArrayList<>();
    for (String line : Collections.list(request.getHeaders("X-Forwarded-For"))) {
      for (String hop : line.split(",")) {
        hops.add(hop.strip());
      }
    }
    Collections.reverse(hops);
    return hops.subList(0, Math.min(hops.size(), MOST_HOPS));
  }

  /** Drops the port that some proxies write: {@code 192.0.2.1:4711}, {@code [2001:db8::1]:4711}. */
  private static String withoutPort(String hop) {
    if (hop.startsWith("[")) {
      int end = hop.indexOf(']');
      return end < 0 ? hop : hop.substring(1, end);
    }
    int colon = hop.indexOf(':');
    return colon > 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
  }

  private static String withoutBrackets(String address) {
    String bare = address.startsWith("[") ? address.substring(1, address.length() - 1) : address;
    int zone = bare.indexOf('%');
    return zone < 0 ? bare : bare.substring(0, zone);
  }
}
