package io.gatehouse.core.upstream;

import io.gatehouse.upstream.Upstream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/**
 * Every SRV record of a name is a backend (RFC 2782): of those with the best priority, host, port and weight. Weights
 * beyond {@link Upstream#MOST_WEIGHT} are scaled down together; a weight of 0 is 1. Asks the servers of the machine by
 * the DNS provider of the JDK, which remembers nothing.
 */
public final class SrvDiscovery implements Discovery {

  /** How long a server is waited for at first, in ms; it is asked twice, the second time twice as long. */
  private static final String TIMEOUT_MILLIS = "1000";

  private final String name;
  private final Duration interval;
  private final String servers;

  private record Target(int priority, int weight, String host, int port) {}

  /**
   * A discovery by the servers of the machine.
   *
   * @param name such as {@code _http._tcp.imgproxy.example}
   * @param interval how often the backends are probed
   */
  public SrvDiscovery(String name, Duration interval) {
    this(name, interval, "dns:");
  }

  /**
   * @param servers in the form of the provider: {@code dns://127.0.0.1:53}
   */
  SrvDiscovery(String name, Duration interval, String servers) {
    this.name = name;
    this.interval = interval;
    this.servers = servers;
  }

  @Override
  public List<Upstream> find() throws IOException {
    List<Target> targets = targets();
    int best = targets.stream().mapToInt(Target::priority).min().orElse(0);
    targets.removeIf(target -> target.priority() > best);
    int most = targets.stream().mapToInt(Target::weight).max().orElse(0);
    List<Upstream> backends = new ArrayList<>();
    for (Target target : targets) {
      int weight = most <= Upstream.MOST_WEIGHT ? target.weight() : target.weight() * Upstream.MOST_WEIGHT / most;
      URI uri = URI.create("http://" + target.host() + ":" + target.port());
      if (backends.stream().noneMatch(known -> known.uri().equals(uri))) {
        backends.add(new Upstream(uri, Math.max(1, weight), Upstream.State.ENABLED, interval));
      }
    }
    backends.sort((one, other) -> one.uri().compareTo(other.uri()));
    return List.copyOf(backends);
  }

  private List<Target> targets() throws IOException {
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    environment.put(Context.PROVIDER_URL, servers);
    environment.put("com.sun.jndi.dns.timeout.initial", TIMEOUT_MILLIS);
    environment.put("com.sun.jndi.dns.timeout.retries", "2");
    try {
      InitialDirContext context = new InitialDirContext(environment);
      try {
        Attribute records = context.getAttributes(name, new String[] {"SRV"}).get("SRV");
        List<Target> targets = new ArrayList<>();
        if (records != null) {
          NamingEnumeration<?> all = records.getAll();
          while (all.hasMore()) {
            targets.add(target((String) all.next()));
          }
        }
        return targets;
      } finally {
        context.close();
      }
    } catch (NamingException e) {
      throw new IOException("SRV records of " + name + ": " + e.getMessage(), e);
    }
  }

  /** Priority, weight, port, host. */
  private static Target target(String text) throws IOException {
    String[] parts = text.split(" ");
    try {
      String host = parts[3].endsWith(".") ? parts[3].substring(0, parts[3].length() - 1) : parts[3];
      return new Target(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), host.toLowerCase(Locale.ROOT),
          Integer.parseInt(parts[2]));
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new IOException("SRV record \"" + text + "\" (expected: priority, weight, port, host)", e);
    }
  }

  @Override
  public String toString() {
    return "the SRV records of " + name;
  }
}
