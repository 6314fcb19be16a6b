package io.gatehouse.access;

import java.net.InetAddress;
import java.util.Optional;

/** Knows where addresses are. Any number of threads; does not block. */
@FunctionalInterface
public interface Countries {

  /** Knows of no address where it is. */
  Countries UNKNOWN = address -> Optional.empty();

  /** The country of an address, two capital letters (ISO 3166-1 alpha-2); empty when it is not known. */
  Optional<String> countryOf(InetAddress address);
}
