package io.gatehouse.core.limit;

import io.gatehouse.access.Cidr;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/**
 * What a gate keeps ready for each client, told from one another as {@link Cidr#client} does.
 *
 * <p>Up to {@value #REMEMBERED} addresses are remembered, each in the one place that its hash names; what is made for
 * another is made anew for each request. Any number of threads.
 *
 * @param <T> immutable; what is made for a client twice must be as good as the first
 */
final class Clients<T> {

  private static final int REMEMBERED = 4096;

  /** Strews addresses that differ in their last bits only. */
  private static final int STREWN = 0x9e3779b1;

  private record Client<T>(InetAddress address, T ready) {}

  private final int ipv6Prefix;
  private final Function<String, T> make;
  private final AtomicReferenceArray<Client<T>> recent = new AtomicReferenceArray<>(REMEMBERED);

  /**
   * Nobody is known yet.
   *
   * @param ipv6Prefix how many bits of an IPv6 address make one client, 1 to 128
   * @param make makes what is kept ready from the name of a client
   */
  Clients(int ipv6Prefix, Function<String, T> make) {
    this.ipv6Prefix = ipv6Prefix;
    this.make = make;
  }

  /** What is ready for the client behind an address. */
  T of(InetAddress address) {
    int place = address.hashCode() * STREWN >>> Integer.numberOfLeadingZeros(REMEMBERED - 1);
    Client<T> known = recent.getAcquire(place);
    if (known != null && known.address.equals(address)) {
      return known.ready;
    }
    T ready = make.apply(Cidr.client(address, ipv6Prefix));
    recent.setRelease(place, new Client<>(address, ready));
    return ready;
  }
}
