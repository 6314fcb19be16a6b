package io.gatehouse.core.upstream;

import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Every address of a host is a backend, A and AAAA alike. Asks the JDK, which knows the hosts file and remembers a name
 * for {@code networkaddress.cache.ttl}, 30 s. Plain HTTP only: a certificate names the host and not its addresses.
 */
public final class DnsDiscovery implements Discovery {

  private final String host;
  private final int port;
  private final Duration interval;
  private final Resolver resolver;

  /** Looks a name up. */
  @FunctionalInterface
  interface Resolver {
    InetAddress[] addresses(String host) throws IOException;
  }

  /**
   * A discovery of backends of weight 1.
   *
   * @param interval how often they are probed
   */
  public DnsDiscovery(String host, int port, Duration interval) {
    this(host, port, interval, InetAddress::getAllByName);
  }

  DnsDiscovery(String host, int port, Duration interval, Resolver resolver) {
    this.host = host;
    this.port = port;
    this.interval = interval;
    this.resolver = resolver;
  }

  @Override
  public List<Upstream> find() throws IOException {
    return Arrays.stream(resolver.addresses(host)).map(this::uri).distinct().sorted()
        .map(uri -> new Upstream(uri, 1, Upstream.State.ENABLED, interval)).toList();
  }

  private URI uri(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    String bare = zone < 0 ? text : text.substring(0, zone);
    return URI.create("http://" + (address instanceof Inet6Address ? "[" + bare + "]" : bare) + ":" + port);
  }

  @Override
  public String toString() {
    return "the addresses of " + host;
  }
}
