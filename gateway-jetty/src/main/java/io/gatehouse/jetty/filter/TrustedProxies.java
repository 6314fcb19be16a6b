package io.gatehouse.jetty.filter;

import io.gatehouse.access.Cidr;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Finds the client's address, and which scheme and host it used. They are the peer's, unless the peer is a trusted proxy:
 * then {@code X-Forwarded-For} is walked from the right, past every trusted address, to the first that is not. What stands
 * further left was written by somebody whom nobody vouches for. A value that is not an address ends the walk at the last
 * address that was one. Scheme and host are those that stand rightmost, as the peer itself saw or kept them.
 *
 * <p>A request without {@code X-Forwarded-For} is looked up in {@code Forwarded} (RFC 7239) in the same way. A trusted
 * proxy must set the one that it knows and, if it does not know {@code X-Forwarded-For}, take that away: it stands first,
 * and a client could have sent it.
 *
 * <p>Immutable; never looks up a name.
 */
public final class TrustedProxies {

  /** So many entries are looked at; a longer list comes from somebody who is trying something. */
  private static final int MOST_HOPS = 32;

  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?|\\[[0-9A-Fa-f:.]{2,45}](:[0-9]{1,5})?");

  private final List<Cidr> networks;

  public TrustedProxies(List<Cidr> networks) {
    this.networks = List.copyOf(networks);
  }

  /** The address of the client. */
  public InetAddress clientOf(HttpServletRequest request) {
    InetAddress client = peer(request);
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

  /** {@code http} or {@code https}, when a trusted proxy says so. */
  Optional<String> schemeOf(HttpServletRequest request) {
    return told(request, "X-Forwarded-Proto", "proto")
        .map(scheme -> scheme.toLowerCase(Locale.ROOT))
        .filter(scheme -> scheme.equals("http") || scheme.equals("https"));
  }

  /** A host, perhaps with a port, when a trusted proxy says so. */
  Optional<String> hostOf(HttpServletRequest request) {
    return told(request, "X-Forwarded-Host", "host").filter(host -> HOST.matcher(host).matches());
  }

  private Optional<String> told(HttpServletRequest request, String field, String parameter) {
    if (networks.isEmpty() || !trusted(peer(request))) {
      return Optional.empty();
    }
    List<String> values = list(request, field);
    if (!values.isEmpty()) {
      return Optional.of(values.get(values.size() - 1));
    }
    List<ForwardedElement> elements = ForwardedElement.all(Collections.list(request.getHeaders("Forwarded")));
    return elements.isEmpty() ? Optional.empty() : elements.get(elements.size() - 1).value(parameter);
  }

  private static InetAddress peer(HttpServletRequest request) {
    return Cidr.address(withoutBrackets(request.getRemoteAddr()));
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
    List<String> hops = list(request, "X-Forwarded-For");
    if (hops.isEmpty()) {
      for (ForwardedElement element : ForwardedElement.all(Collections.list(request.getHeaders("Forwarded")))) {
        hops.add(element.value("for").orElse(""));
      }
    }
    Collections.reverse(hops);
    return hops.subList(0, Math.min(hops.size(), MOST_HOPS));
  }

  private static List<String> list(HttpServletRequest request, String field) {
    List<String> values = new ArrayList<>();
    for (String line : Collections.list(request.getHeaders(field))) {
      for (String value : line.split(",")) {
        values.add(value.strip());
      }
    }
    return values;
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
